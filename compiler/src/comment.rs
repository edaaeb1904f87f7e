//! Comments that switch findings: `# isogloss: allow W0774 -- the star is meant`.
//!
//! A comment at a line's end is about that line, one on a line of its own about what follows it: the
//! next key with its value, or the next element of a list. Before the first key of a document it is about
//! the whole document.

use crate::diagnostic::{Code, Diagnostic, Severity, suggest};
use crate::source::{SourceId, Span, Spanned};
use crate::yaml::{Node, Value, parse_yaml};

const MARK: &str = "isogloss:";
const LEVELS: &[(&str, Option<Severity>)] = &[
    ("deny", Some(Severity::Error)),
    ("warn", Some(Severity::Warning)),
    ("note", Some(Severity::Note)),
    ("allow", None),
];

/// A comment for isogloss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The comment itself, from its mark to the end of the line.
    pub span: Span,
    /// The text that it is about.
    pub covers: Span,
    /// What it says.
    pub directive: Directive,
}

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The severity that findings get; `None` hides them.
    pub level: Option<Severity>,
    /// Codes, kinds of losses and the like.
    pub subjects: Vec<Spanned<String>>,
    /// The targets that it is about; none means all.
    pub targets: Vec<Spanned<String>>,
    /// The last day on which it holds, as `YYYY-MM-DD`.
    pub until: Option<Spanned<String>>,
}

/// Reads the comments for isogloss in a file, and reports those that cannot be understood.
pub fn parse_comments(source: SourceId, text: &str) -> (Vec<Comment>, Vec<Diagnostic>) {
    let mut comments = Vec::new();
    let mut mistakes = Vec::new();
    // Nearly every file has none, and is not read a second time.
    if !text.contains(MARK) {
        return (comments, mistakes);
    }
    let documents = parse_yaml(source, text, &mut Vec::new());
    let mut scalars = Vec::new();
    for node in &documents {
        collect_scalars(node, &mut scalars);
    }
    scalars.sort_unstable();
    for line in lines(text) {
        let Some(hash) = comment_start(line, source, &scalars) else { continue };
        let comment = line.text.get(hash + 1..).unwrap_or_default().trim_end();
        let body = comment.trim_start();
        let Some(said) = body.strip_prefix(MARK) else { continue };
        let offset = line.start + hash + 1 + (comment.len() - body.len()) + MARK.len();
        let span = Span::new(source, line.start + hash, line.start + hash + 1 + comment.len());
        match parse_directive(&Part { source, offset, text: said }, span) {
            Ok(directive) => {
                let alone = line.text.get(..hash).is_some_and(|before| before.trim().is_empty());
                let covers =
                    if alone { what_follows(span, text, &documents) } else { line.span(source) };
                comments.push(Comment { span, covers, directive });
            }
            Err(mistake) => mistakes.push(*mistake),
        }
    }
    (comments, mistakes)
}

/// A line without its end, and where it starts.
#[derive(Clone, Copy)]
struct Line<'t> {
    text: &'t str,
    start: usize,
}

impl Line<'_> {
    fn span(self, source: SourceId) -> Span {
        Span::new(source, self.start, self.start + self.text.len())
    }
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.split_inclusive('\n').scan(0, |next, line| {
        let start = *next;
        *next += line.len();
        Some(Line { text: line.trim_end_matches(['\n', '\r']), start })
    })
}

/// A `#` after a space or at the start of the line, outside of all scalars.
fn comment_start(line: Line, source: SourceId, scalars: &[Span]) -> Option<usize> {
    let hashes = line.text.match_indices('#').map(|(place, _)| place);
    hashes.into_iter().find(|&place| {
        let before = line.text.get(..place).and_then(|it| it.chars().next_back());
        let at = Span::new(source, line.start + place, line.start + place + 1);
        let after = scalars.partition_point(|it| it.start <= at.start);
        let inside = after.checked_sub(1).and_then(|it| scalars.get(it));
        before.is_none_or(char::is_whitespace) && inside.is_none_or(|it| it.end <= at.start)
    })
}

fn collect_scalars(node: &Node, scalars: &mut Vec<Span>) {
    match &node.value {
        Value::Scalar(_) => scalars.push(node.span),
        Value::Sequence(elements) => {
            for element in elements {
                collect_scalars(element, scalars);
            }
        }
        Value::Mapping(entries) => {
            for (key, value) in entries {
                collect_scalars(key, scalars);
                collect_scalars(value, scalars);
            }
        }
    }
}

/// The first thing that starts after the comment: a document, else the entry or element nearest to it.
///
/// What stands behind the last key of a document and before the `---` of the next is about neither.
fn what_follows(comment: Span, text: &str, documents: &[Node]) -> Span {
    let Some((place, document)) =
        documents.iter().enumerate().find(|(_, it)| it.span.end > comment.start)
    else {
        return comment;
    };
    let first = document.as_mapping().and_then(<[_]>::first).map_or(document.span, |it| it.0.span);
    if comment.start < first.start {
        let between = usize::try_from(comment.end).ok().zip(usize::try_from(first.start).ok());
        let between = between.and_then(|(from, to)| text.get(from..to)).unwrap_or_default();
        let ended = place > 0 && between.lines().any(|line| line.starts_with("---"));
        return if ended { comment } else { comment.to(document.span) };
    }
    next_part(comment, document).unwrap_or(comment)
}

fn next_part(comment: Span, node: &Node) -> Option<Span> {
    let parts: Vec<(Span, &Node)> = match &node.value {
        Value::Scalar(_) => Vec::new(),
        Value::Sequence(elements) => elements.iter().map(|it| (it.span, it)).collect(),
        Value::Mapping(entries) => {
            entries.iter().map(|(key, value)| (key.span.to(value.span), value)).collect()
        }
    };
    parts.into_iter().find_map(|(span, inner)| {
        if span.start >= comment.start {
            return Some(span);
        }
        if span.end > comment.start { next_part(comment, inner) } else { None }
    })
}

/// A part of the comment and where it stands.
struct Part<'t> {
    source: SourceId,
    offset: usize,
    text: &'t str,
}

impl Part<'_> {
    /// The words of the text, split at spaces and commas.
    fn words(&self) -> Vec<Spanned<String>> {
        let mut words = Vec::new();
        let mut start = 0;
        for (place, character) in self.text.char_indices().chain([(self.text.len(), ' ')]) {
            if character == ',' || character.is_whitespace() {
                if let Some(word) = self.text.get(start..place).filter(|it| !it.is_empty()) {
                    let span = Span::new(self.source, self.offset + start, self.offset + place);
                    words.push(Spanned::new(word.to_owned(), span));
                }
                start = place + character.len_utf8();
            }
        }
        words
    }
}

/// `LEVEL SUBJECT… [in TARGET…] [until DATE] -- REASON`.
fn parse_directive(text: &Part, whole: Span) -> Result<Directive, Box<Diagnostic>> {
    let mistake = |span: Span, message: String, help: &str| {
        Box::new(Diagnostic::new(Code::InvalidComment, span, message).with_help(help))
    };
    let form = "write `# isogloss: allow CODE -- reason`";
    let (said, reason) = text.text.split_once("--").unwrap_or((text.text, ""));
    if reason.trim().is_empty() {
        return Err(mistake(whole, "the comment gives no reason".to_owned(), form));
    }
    let words = Part { text: said, ..*text }.words();
    let Some((first, rest)) = words.split_first() else {
        return Err(mistake(whole, "the comment switches nothing".to_owned(), form));
    };
    let Some((_, level)) = LEVELS.iter().find(|(word, _)| *word == first.value) else {
        let message = format!("`{}` is no level", first.value);
        let help = suggest(&first.value, LEVELS.iter().map(|(word, _)| *word));
        return Err(mistake(first.span, message, &help));
    };
    let mut directive =
        Directive { level: *level, subjects: Vec::new(), targets: Vec::new(), until: None };
    let mut part = "";
    for word in rest {
        match (part, word.value.as_str()) {
            (_, "in") => part = "in",
            (_, "until") => part = "until",
            ("in", _) => directive.targets.push(word.clone()),
            ("until", _) if directive.until.is_none() => directive.until = Some(word.clone()),
            ("", _) => directive.subjects.push(word.clone()),
            _ => return Err(mistake(word.span, format!("`{}` is one too many", word.value), form)),
        }
    }
    if directive.subjects.is_empty() {
        return Err(mistake(whole, "the comment names no code and no loss".to_owned(), form));
    }
    Ok(directive)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(text: &str) -> Vec<&str> {
        let (comments, mistakes) = parse_comments(SourceId(0), text);
        assert_eq!(mistakes, []);
        let slice = |span: Span| text.get(span.start as usize..span.end as usize).unwrap();
        comments.iter().map(|it| slice(it.covers)).collect()
    }

    #[test]
    fn a_comment_behind_a_document_is_not_about_the_next() {
        let first = "# isogloss: allow W0701 -- r\n---\ntitle: a\n";
        let text = format!("{first}# isogloss: allow W0702 -- r\n---\ntitle: b\n");
        let (comments, mistakes) = parse_comments(SourceId(0), &text);
        assert!(mistakes.is_empty());
        let covers: Vec<bool> = comments.iter().map(|it| it.covers != it.span).collect();
        assert_eq!(covers, [true, false]);
    }

    #[test]
    fn a_comment_is_about_its_line_or_what_follows() {
        assert_eq!(
            covered("a: 1\nb: 2 # isogloss: allow W1 -- r\n"),
            ["b: 2 # isogloss: allow W1 -- r"]
        );
        assert_eq!(covered("a: 1\n# isogloss: allow W1 -- r\nb:\n  - 2\nc: 3\n"), ["b:\n  - 2"]);
        assert_eq!(covered("a:\n  - 1\n  # isogloss: allow W1 -- r\n  - 2\n  - 3\n"), ["2"]);
        let whole = "# isogloss: allow W1 -- r\na: 1\nb: 2";
        assert_eq!(covered(whole), [whole]);
        let second = "# isogloss: allow W1 -- r\nb: 2";
        assert_eq!(covered(&format!("a: 1\n---\n{second}\n")), [second]);
    }

    #[test]
    fn text_of_the_rule_is_no_comment() {
        assert_eq!(covered("a: 'x # isogloss: allow W1 -- r'\n"), [""; 0]);
        assert_eq!(covered("a: |\n  # isogloss: allow W1 -- r\nb: 1\n"), [""; 0]);
        assert_eq!(covered("a: x# isogloss: allow W1 -- r\n"), [""; 0]);
    }

    #[test]
    fn all_parts_are_read() {
        let text = "# isogloss: note case, W0774 in kql,eql until 2030-01-02 -- why -- so\na: 1\n";
        let (comments, _) = parse_comments(SourceId(0), text);
        let words =
            |list: &[Spanned<String>]| list.iter().map(|it| it.value.clone()).collect::<Vec<_>>();
        let directive = &comments[0].directive;
        assert_eq!(directive.level, Some(Severity::Note));
        assert_eq!(words(&directive.subjects), ["case", "W0774"]);
        assert_eq!(words(&directive.targets), ["kql", "eql"]);
        assert_eq!(directive.until.as_ref().unwrap().value, "2030-01-02");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, message) in [
            ("# isogloss: allow W1\na: 1\n", "the comment gives no reason"),
            ("# isogloss: alow W1 -- r\na: 1\n", "`alow` is no level"),
            ("# isogloss: allow -- r\na: 1\n", "the comment names no code and no loss"),
            ("# isogloss: allow W1 until a b -- r\na: 1\n", "`b` is one too many"),
        ] {
            assert_eq!(parse_comments(SourceId(0), text).1[0].message, message);
        }
    }
}
