//! Regular expressions: text to a tree whose flags are resolved.

mod mistake;
mod spelling;

use regex_syntax::ast::{
    self, Assertion, AssertionKind, Ast, ClassAsciiKind, ClassBracketed, ClassPerl, ClassPerlKind,
    ClassSet, ClassSetItem, Flag, Flags, GroupKind, LiteralKind, Repetition, RepetitionKind,
    RepetitionOp, RepetitionRange, SpecialLiteralKind,
};
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use crate::ir::{CharSet, Regex, RegexFlags, RegexNode, fold};
pub use mistake::RegexMistake;

const VERTICAL_TAB: LiteralKind = LiteralKind::Special(SpecialLiteralKind::VerticalTab);
/// Nesting of groups.
const MAX_DEPTH: u32 = 64;
/// The longest regular expression, in bytes: classes that ignore case take their time.
const MAX_LENGTH: usize = 8 << 10;
/// A repetition `{n}` may count this far.
const MAX_COUNT: u32 = 1000;

/// Reads a regular expression; `flags` hold from its start.
pub fn parse_regex(text: &str, flags: RegexFlags) -> Result<Regex, RegexMistake> {
    if text.len() > MAX_LENGTH {
        let message = format!(
            "a regular expression of {} bytes is too long: {MAX_LENGTH} are the most",
            text.len()
        );
        return Err(RegexMistake { message, help: None, start: 0, end: text.len() });
    }
    let spelling = spelling::respell(text);
    let tree = parse_tree(&spelling.text, flags).map_err(|mistake| RegexMistake {
        start: spelling.origin(mistake.start),
        end: spelling.origin(mistake.end),
        ..mistake
    })?;
    Ok(Regex { text: text.to_owned(), flags, tree })
}

fn parse_tree(text: &str, mut flags: RegexFlags) -> Lowered {
    let mut parser = ast::parse::ParserBuilder::new().nest_limit(MAX_DEPTH).build();
    let ast = parser.parse(text).map_err(|error| mistake::explain(text, &error))?;
    lower(&ast, &mut flags)
}

type Lowered = Result<RegexNode, RegexMistake>;

/// `modes` are changed by flags that hold for the rest of the group.
fn lower(ast: &Ast, modes: &mut RegexFlags) -> Lowered {
    match ast {
        Ast::Empty(_) => Ok(RegexNode::Empty),
        Ast::Flags(flags) => {
            set_flags(&flags.flags, modes)?;
            Ok(RegexNode::Empty)
        }
        Ast::Literal(literal) if literal.kind == VERTICAL_TAB => Err(vertical_tab(&literal.span)),
        Ast::Literal(literal) => Ok(lower_char(literal.c, *modes)),
        Ast::Dot(_) => Ok(lower_dot(*modes)),
        Ast::Assertion(assertion) => lower_assertion(assertion, *modes),
        Ast::ClassUnicode(class) => Err(unicode_class(&class.span)),
        Ast::ClassPerl(class) => Ok(node_of(&perl_class(class))),
        Ast::ClassBracketed(class) => Ok(node_of(&bracketed(class, *modes)?)),
        Ast::Repetition(repetition) => lower_repetition(repetition, modes),
        Ast::Group(group) => {
            let mut inner = *modes;
            if let GroupKind::NonCapturing(flags) = &group.kind {
                set_flags(flags, &mut inner)?;
            }
            lower(&group.ast, &mut inner)
        }
        Ast::Alternation(alternation) => {
            let branches = alternation.asts.iter().map(|it| lower(it, modes));
            Ok(RegexNode::alternate(branches.collect::<Result<Vec<_>, _>>()?))
        }
        Ast::Concat(concat) => {
            let nodes = concat.asts.iter().map(|it| lower(it, modes));
            Ok(RegexNode::concat(nodes.collect::<Result<Vec<_>, _>>()?))
        }
    }
}

fn lower_repetition(repetition: &Repetition, modes: &mut RegexFlags) -> Lowered {
    if matches!(*repetition.ast, Ast::Repetition(_)) {
        let span = &repetition.op.span;
        return Err(if repetition.op.kind == RepetitionKind::OneOrMore {
            let message =
                "possessive repetitions are not supported, since not every target has them";
            RegexMistake::new(span, message)
                .with_help("leave this `+` out, or put a group around what it repeats")
        } else {
            RegexMistake::new(span, "a repetition stands behind a repetition")
                .with_help("put a group around what is repeated, such as `(?:a{2})*`")
        });
    }
    let (min, max) = bounds(&repetition.op)?;
    let node = Box::new(lower(&repetition.ast, modes)?);
    Ok(RegexNode::Repeat { node, min, max })
}

fn set_flags(flags: &Flags, modes: &mut RegexFlags) -> Result<(), RegexMistake> {
    let state = |flag: Flag| flags.flag_state(flag);
    modes.ignore_case = state(Flag::CaseInsensitive).unwrap_or(modes.ignore_case);
    modes.multi_line = state(Flag::MultiLine).unwrap_or(modes.multi_line);
    modes.dot_all = state(Flag::DotMatchesNewLine).unwrap_or(modes.dot_all);
    // `x` was obeyed by the parser, `U` cannot matter: only the existence of a match counts.
    if state(Flag::Unicode).is_some() || state(Flag::CRLF).is_some() {
        let message = "only the flags `i`, `m`, `s` and `x` are supported";
        return Err(RegexMistake::new(&flags.span, message));
    }
    Ok(())
}

fn lower_char(character: char, modes: RegexFlags) -> RegexNode {
    if !modes.ignore_case {
        return RegexNode::Char(character);
    }
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
    fold_class(&mut class);
    node_of(&class)
}

fn lower_dot(modes: RegexFlags) -> RegexNode {
    let mut class = ClassUnicode::empty();
    if !modes.dot_all {
        class.push(ClassUnicodeRange::new('\n', '\n'));
    }
    class.negate();
    RegexNode::Set(CharSet(class.ranges().iter().map(|it| (it.start(), it.end())).collect()))
}

fn lower_assertion(assertion: &Assertion, modes: RegexFlags) -> Lowered {
    match assertion.kind {
        AssertionKind::StartLine if modes.multi_line => Ok(RegexNode::LineStart),
        AssertionKind::EndLine if modes.multi_line => Ok(RegexNode::LineEnd),
        AssertionKind::StartLine | AssertionKind::StartText => Ok(RegexNode::Start),
        AssertionKind::EndLine | AssertionKind::EndText => Ok(RegexNode::End),
        AssertionKind::WordBoundary => Ok(RegexNode::WordBoundary),
        AssertionKind::NotWordBoundary => Ok(RegexNode::NotWordBoundary),
        AssertionKind::WordBoundaryStart
        | AssertionKind::WordBoundaryEnd
        | AssertionKind::WordBoundaryStartAngle
        | AssertionKind::WordBoundaryEndAngle
        | AssertionKind::WordBoundaryStartHalf
        | AssertionKind::WordBoundaryEndHalf => {
            let message = "the only assertions are `^`, `$`, `\\A`, `\\z`, `\\b` and `\\B`";
            Err(RegexMistake::new(&assertion.span, message))
        }
    }
}

fn bounds(op: &RepetitionOp) -> Result<(u32, Option<u32>), RegexMistake> {
    let (min, max) = match &op.kind {
        RepetitionKind::ZeroOrOne => (0, Some(1)),
        RepetitionKind::ZeroOrMore => (0, None),
        RepetitionKind::OneOrMore => (1, None),
        RepetitionKind::Range(RepetitionRange::Exactly(count)) => (*count, Some(*count)),
        RepetitionKind::Range(RepetitionRange::AtLeast(min)) => (*min, None),
        RepetitionKind::Range(RepetitionRange::Bounded(min, max)) => (*min, Some(*max)),
    };
    if min.max(max.unwrap_or(0)) > MAX_COUNT {
        let message = format!("a repetition counts further than {MAX_COUNT}");
        return Err(RegexMistake::new(&op.span, message));
    }
    Ok((min, max))
}

fn perl_class(class: &ClassPerl) -> ClassUnicode {
    let ranges: &[(char, char)] = match class.kind {
        ClassPerlKind::Digit => &[('0', '9')],
        ClassPerlKind::Space => &[('\t', '\r'), (' ', ' ')],
        ClassPerlKind::Word => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
    };
    negated_if(class.negated, class_of(ranges))
}

/// The named classes of POSIX, over ASCII.
fn ascii_class(kind: &ClassAsciiKind) -> &'static [(char, char)] {
    match kind {
        ClassAsciiKind::Alnum => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        ClassAsciiKind::Alpha => &[('A', 'Z'), ('a', 'z')],
        ClassAsciiKind::Ascii => &[('\0', '\x7f')],
        ClassAsciiKind::Blank => &[('\t', '\t'), (' ', ' ')],
        ClassAsciiKind::Cntrl => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        ClassAsciiKind::Digit => &[('0', '9')],
        ClassAsciiKind::Graph => &[('!', '~')],
        ClassAsciiKind::Lower => &[('a', 'z')],
        ClassAsciiKind::Print => &[(' ', '~')],
        ClassAsciiKind::Punct => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        ClassAsciiKind::Space => &[('\t', '\r'), (' ', ' ')],
        ClassAsciiKind::Upper => &[('A', 'Z')],
        ClassAsciiKind::Word => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        ClassAsciiKind::Xdigit => &[('0', '9'), ('A', 'F'), ('a', 'f')],
    }
}

fn bracketed(class: &ClassBracketed, modes: RegexFlags) -> Result<ClassUnicode, RegexMistake> {
    let mut union = ClassUnicode::empty();
    match &class.kind {
        ClassSet::Item(item) => add_item(item, modes, &mut union)?,
        // Only where the flag `x` is set: elsewhere the signs are characters.
        ClassSet::BinaryOp(operation) => {
            let message = "`&&`, `--` and `~~` in a class mean different things in other tools";
            return Err(RegexMistake::new(&operation.span, message).with_help("escape them"));
        }
    }
    Ok(negated_if(class.negated, union))
}

fn add_item(
    item: &ClassSetItem,
    modes: RegexFlags,
    union: &mut ClassUnicode,
) -> Result<(), RegexMistake> {
    let mut class = match item {
        ClassSetItem::Empty(_) => ClassUnicode::empty(),
        ClassSetItem::Literal(literal) if literal.kind == VERTICAL_TAB => {
            return Err(vertical_tab(&literal.span));
        }
        ClassSetItem::Literal(literal) => class_of(&[(literal.c, literal.c)]),
        ClassSetItem::Range(range) => class_of(&[(range.start.c, range.end.c)]),
        ClassSetItem::Ascii(ascii) => negated_if(ascii.negated, class_of(ascii_class(&ascii.kind))),
        ClassSetItem::Perl(perl) => perl_class(perl),
        ClassSetItem::Unicode(class) => return Err(unicode_class(&class.span)),
        ClassSetItem::Bracketed(inner) => {
            let message = "a `[` in a class means different things in other tools";
            return Err(RegexMistake::new(&inner.span, message).with_help("write `\\[`"));
        }
        ClassSetItem::Union(items) => {
            return items.items.iter().try_for_each(|item| add_item(item, modes, union));
        }
    };
    if modes.ignore_case {
        fold_class(&mut class);
    }
    union.union(&class);
    Ok(())
}

/// Adds what differs only by case. ASCII folds with ASCII only, so the two parts fold apart.
fn fold_class(class: &mut ClassUnicode) {
    let ascii = class_of(&[('\0', '\x7f')]);
    let mut others = class.clone();
    others.difference(&ascii);
    if others.try_case_fold_simple().is_ok() {
        others.difference(&ascii);
        class.union(&others);
    }
    let letters = ('A'..='Z').filter(|letter| {
        let either = class_of(&[(*letter, *letter), (fold(*letter), fold(*letter))]);
        let mut common = class.clone();
        common.intersect(&either);
        !common.ranges().is_empty()
    });
    let letters: Vec<(char, char)> =
        letters.flat_map(|letter| [(letter, letter), (fold(letter), fold(letter))]).collect();
    class.union(&class_of(&letters));
}

fn class_of(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|(start, end)| ClassUnicodeRange::new(*start, *end)))
}

fn negated_if(negated: bool, mut class: ClassUnicode) -> ClassUnicode {
    if negated {
        class.negate();
    }
    class
}

/// A set of one character is that character.
fn node_of(class: &ClassUnicode) -> RegexNode {
    match class.ranges() {
        [range] if range.start() == range.end() => RegexNode::Char(range.start()),
        ranges => RegexNode::Set(CharSet(ranges.iter().map(|it| (it.start(), it.end())).collect())),
    }
}

fn vertical_tab(span: &ast::Span) -> RegexMistake {
    RegexMistake::new(span, "`\\v` means different things in other tools")
        .with_help("write `\\x0b` for the vertical tab, or `\\\\v` for a backslash and a `v`")
}

fn unicode_class(span: &ast::Span) -> RegexMistake {
    RegexMistake::new(span, "classes such as `\\p{L}` are not supported")
        .with_help("list the characters, such as `[a-zA-Z]`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_regex(text: &str) -> Result<RegexNode, RegexMistake> {
        super::parse_regex(text, RegexFlags::default()).map(|it| it.tree)
    }

    fn set(ranges: &[(char, char)]) -> RegexNode {
        RegexNode::Set(CharSet(ranges.to_vec()))
    }

    #[test]
    fn flags_hold_for_the_rest_of_their_group() {
        let tree = parse_regex("(?:a(?i)k)b").unwrap();
        let wanted = [RegexNode::Char('a'), set(&[('K', 'K'), ('k', 'k')]), RegexNode::Char('b')];
        assert_eq!(tree, RegexNode::Concat(wanted.to_vec()));
    }

    #[test]
    fn classes_are_ascii() {
        assert_eq!(parse_regex(r"\d").unwrap(), set(&[('0', '9')]));
        assert_eq!(parse_regex(r"[\s_]").unwrap(), set(&[('\t', '\r'), (' ', ' '), ('_', '_')]));
        assert_eq!(
            parse_regex("(?i)[^a]").unwrap(),
            set(&[('\0', '@'), ('B', '`'), ('b', char::MAX)])
        );
    }

    #[test]
    fn what_has_no_common_meaning_is_refused_at_its_place() {
        for (text, guilty) in [
            ("a(?=a)", "(?="),
            ("a(?<!a)", "(?<!"),
            ("a++", "+"),
            ("a{2}+", "+"),
            ("a{2}{3}", "{3}"),
            ("a\\v", "\\v"),
            ("[a\\v]", "\\v"),
            (r"(a)\1", "\\1"),
            (r"\p{L}a", "\\p{L}"),
            (r"a\pZb", "\\pZ"),
            (r"a\Z", r"\Z"),
            ("a{2000}", "{2000}"),
            ("a{,3}b", "{"),
            ("ab(c", "("),
            ("ab)c", ")"),
            ("ab[c", "["),
            ("a{[c", "["),
            ("[]", "["),
            ("[z-a]", "z-a"),
            ("[[b-a]", "b-a"),
            ("*.exe", "*"),
            ("a|*", "*"),
            ("(?-u)a", "-u"),
            (r"\b{start}", r"\b{start}"),
            (r"C:\Users", r"\Us"),
            (r"a\Temp", r"\T"),
            (r"a\xzz", r"\xz"),
            (r"a\", r"\"),
            (r"[\A]", r"\A"),
            (r"\Qa.b\E", r"\Q"),
            ("a(?>b)", "(?>"),
            ("(?#note)a", "(?#"),
            ("[[:foo:]]", "[:foo:]"),
            ("a{5,2}", "{5,2}"),
            ("é{[é&&(", "["),
        ] {
            let mistake = parse_regex(text).unwrap_err();
            let found = text.get(mistake.start..mistake.end);
            assert_eq!(found, Some(guilty), "{text}: {}", mistake.message);
        }
    }

    #[test]
    fn pcre_means_what_it_means_to_pcre() {
        for (text, same) in [
            (r"[\w-.]", r"[\w.\-]"),
            (r"[\w-]", r"[\w\-]"),
            (r"[a-c-9]", r"[abc9\-]"),
            (r"[+--]", r"[+,\-]"),
            (r"[a-\d]", r"[a\d\-]"),
            (r"[a&&b]", r"[a&b]"),
            (r"[a[b]", r"[ab\[]"),
            (r"[[]", r"\["),
            (r"[]]", r"\]"),
            (r"[^]a]", r"[^a\]]"),
            (r"[[:digit:]-x]", r"[0-9x\-]"),
            (r"[\b]", r"\x08"),
            (r"\/\-\<\é", r"/-<é"),
            (r"${env:x}", r"$\{env:x\}"),
            (r"{a}", r"\{a\}"),
            (r"a{", r"a\{"),
            (r"a{1", r"a\{1"),
            (r"\e", r"\x1b"),
        ] {
            assert_eq!(parse_regex(text), parse_regex(same), "{text}");
            assert!(parse_regex(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn anchors_follow_the_flag() {
        assert_eq!(parse_regex("^").unwrap(), RegexNode::Start);
        assert_eq!(parse_regex("(?m)$").unwrap(), RegexNode::LineEnd);
    }
}
