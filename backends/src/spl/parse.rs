//! SPL text to tree (Splunk documentation, "Search Reference"). `search` binds `NOT`, `OR`, `AND`;
//! `where` and `eval` bind `NOT`, `AND`, `OR`. Operators are upper case.

use isogloss_compiler::ir::Origin;
use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while1};
use nom::character::complete::{char, multispace0, multispace1};
use nom::combinator::{all_consuming, cut, map, not, opt, peek, recognize, value, verify};
use nom::error::{Error, ErrorKind};
use nom::multi::{fold_many0, many0, many1, separated_list0, separated_list1};
use nom::sequence::{delimited, pair, preceded, terminated};
use nom::{IResult, Parser};

use super::ast::{
    Call, Column, Command, Comparison, Eval, Literal, Operator, Query, Search, Term, Value,
};

type Parsed<'t, T> = IResult<&'t str, T>;

/// Parentheses and `NOT` may be nested this deep.
const MAX_DEPTH: usize = 200;

/// Reads a query. The error is the byte at which the text is no longer SPL.
pub fn parse(text: &str) -> Result<Query, usize> {
    let commands = many0(preceded((multispace0, char('|'), multispace0), cut(command)));
    let query = map((opt(|rest| all(rest, 0)), commands), |(condition, commands)| Query {
        scope: None,
        condition,
        commands,
    });
    finish(text, all_consuming(terminated(query, multispace0)).parse(text))
}

/// Reads an expression of `search`, such as the definition of a macro.
pub fn parse_search(text: &str) -> Result<Search, usize> {
    finish(text, all_consuming(terminated(|rest| all(rest, 0), multispace0)).parse(text))
}

fn finish<T>(text: &str, parsed: Parsed<'_, T>) -> Result<T, usize> {
    match parsed {
        Ok((_, value)) => Ok(value),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err(text.len() - error.input.len())
        }
        Err(nom::Err::Incomplete(_)) => Err(text.len()),
    }
}

fn all(rest: &str, depth: usize) -> Parsed<'_, Search> {
    let operand = preceded(opt(word("AND")), move |rest| any(rest, depth));
    let (after, operands) = many1(operand).parse(rest)?;
    some(rest, after, Search::all(operands))
}

fn any(rest: &str, depth: usize) -> Parsed<'_, Search> {
    let (after, operands) =
        separated_list1(word("OR"), move |rest| negation(rest, depth)).parse(rest)?;
    some(rest, after, Search::any(operands))
}

fn some<'t, T>(rest: &'t str, after: &'t str, value: Option<T>) -> Parsed<'t, T> {
    value.map(|value| (after, value)).ok_or(nom::Err::Error(Error::new(rest, ErrorKind::Many1)))
}

fn negation(rest: &str, depth: usize) -> Parsed<'_, Search> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let inner = preceded(word("NOT"), cut(move |rest| negation(rest, depth + 1)));
    alt((map(inner, Search::negate), move |rest| primary(rest, depth))).parse(rest)
}

fn primary(rest: &str, depth: usize) -> Parsed<'_, Search> {
    let group = delimited(
        char('('),
        cut(move |rest| all(rest, depth + 1)),
        preceded(multispace0, char(')')),
    );
    let everything =
        value(Search::Everything, terminated(char('*'), peek(not(take_while1(is_word)))));
    preceded(
        multispace0,
        alt((
            group,
            map(call, Search::Call),
            map(comparison, Search::Comparison),
            everything,
            map(term, Search::Term),
        )),
    )
    .parse(rest)
}

fn call(rest: &str) -> Parsed<'_, Call> {
    let name = map(
        take_while1(|it: char| it.is_ascii_alphanumeric() || "_-:.".contains(it)),
        str::to_owned,
    );
    let argument = preceded(multispace0, map(is_not(",)`"), str::to_owned));
    let arguments = opt(delimited(char('('), separated_list0(char(','), argument), char(')')));
    let inner = map((name, arguments), |(name, arguments)| Call {
        name,
        arguments: arguments.unwrap_or_default(),
        origin: Origin::default(),
    });
    delimited(char('`'), inner, char('`')).parse(rest)
}

fn comparison(rest: &str) -> Parsed<'_, Comparison> {
    let (rest, field) = field(rest)?;
    let list = delimited(
        (word("IN"), multispace0, char('(')),
        separated_list1(preceded(multispace0, char(',')), literal),
        preceded(multispace0, char(')')),
    );
    let one = (preceded(multispace0, operator), map(literal, |it| vec![it]));
    let (rest, (operator, literals)) =
        alt((map(list, |it| (Operator::Equal, it)), one)).parse(rest)?;
    let values =
        literals.into_iter().map(|literal| Value { literal, origin: Origin::default() }).collect();
    Ok((rest, Comparison { field, operator, values, origin: Origin::default() }))
}

/// A word that is no operator, or text in quotes.
fn term(rest: &str) -> Parsed<'_, Term> {
    let plain =
        verify(take_while1(is_word), |text: &str| !["AND", "OR", "NOT", "IN"].contains(&text));
    let text = alt((quoted_value, map(plain, str::to_owned)));
    map(text, |text| Term { text, origin: Origin::default() }).parse(rest)
}

fn operator(rest: &str) -> Parsed<'_, Operator> {
    let found = Operator::ALL
        .iter()
        .find_map(|(text, operator)| Some((rest.strip_prefix(text)?, *operator)));
    found.ok_or(nom::Err::Error(Error::new(rest, ErrorKind::Tag)))
}

fn literal(rest: &str) -> Parsed<'_, Literal> {
    let word = map(take_while1(is_word), |word: &str| Literal::Word(word.to_owned()));
    preceded(multispace0, alt((map(quoted_value, Literal::Quoted), word))).parse(rest)
}

/// Characters of a bare value: everything but spaces and what has a meaning of its own.
fn is_word(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(
            character,
            '"' | '(' | ')' | ',' | '|' | '=' | '<' | '>' | '!' | '`' | '[' | ']'
        )
}

fn field(rest: &str) -> Parsed<'_, String> {
    let start = |it: char| it.is_ascii_alphabetic() || it == '_';
    let more = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.');
    let plain = verify(take_while1(more), move |name: &str| {
        name.starts_with(start) && !["AND", "OR", "NOT", "IN"].contains(&name)
    });
    alt((quoted_value, map(plain, str::to_owned))).parse(rest)
}

/// In a value of `search`, `\\`, `\"` and `\|` are escapes and any other backslash stands for itself.
fn quoted_value(rest: &str) -> Parsed<'_, String> {
    let escapes = (value("\\", tag("\\\\")), value("\"", tag("\\\"")), value("|", tag("\\|")));
    let escape = alt((alt(escapes), value("\\", tag("\\"))));
    let piece = alt((is_not("\"\\"), escape));
    delimited(char('"'), fold_many0(piece, String::new, |text, piece| text + piece), char('"'))
        .parse(rest)
}

fn command(rest: &str) -> Parsed<'_, Command> {
    let names = || many1(preceded(multispace1, field));
    let dropped = map(take_while1(|it: char| is_word(it) && it != '-'), str::to_owned);
    alt((
        map(preceded(name("search"), |rest| all(rest, 0)), Command::Search),
        map(preceded(name("where"), |rest| eval_any(rest, 0)), Command::Where),
        map(
            preceded(name("eval"), separated_list1(preceded(multispace0, char(',')), assignment)),
            Command::Eval,
        ),
        map(
            preceded(
                (name("fields"), multispace0, char('-')),
                many1(preceded(multispace1, dropped)),
            ),
            Command::Drop,
        ),
        map(preceded(name("table"), names()), Command::Table),
        preceded(name("fillnull"), fillnull),
        preceded(name("stats"), stats),
        preceded(name("convert"), convert),
        map(call, Command::Call),
    ))
    .parse(rest)
}

fn assignment(rest: &str) -> Parsed<'_, (String, Eval)> {
    pair(terminated(preceded(multispace0, field), (multispace0, char('='))), |rest| {
        eval_any(rest, 0)
    })
    .parse(rest)
}

fn fillnull(rest: &str) -> Parsed<'_, Command> {
    let filler = opt(preceded((multispace1, tag("value=")), string));
    let fields = many0(preceded(multispace1, field));
    map((filler, fields), |(value, fields)| Command::Fillnull { value, fields }).parse(rest)
}

fn stats(rest: &str) -> Parsed<'_, Command> {
    let column = preceded(multispace1, verify(column, |column| column.function != "by"));
    let by = opt(preceded(preceded(multispace1, tag("by")), many1(preceded(multispace1, field))));
    map((many1(column), by), |(columns, by)| Command::Stats { columns, by: by.unwrap_or_default() })
        .parse(rest)
}

fn column(rest: &str) -> Parsed<'_, Column> {
    let function = map(take_while1(|it: char| it.is_ascii_alphanumeric()), str::to_owned);
    let argument = opt(delimited(char('('), field, char(')')));
    let alias = opt(preceded((multispace1, tag("as"), multispace1), field));
    map((function, argument, alias), |(function, field, alias)| Column { function, field, alias })
        .parse(rest)
}

fn convert(rest: &str) -> Parsed<'_, Command> {
    let timeformat = preceded((multispace1, tag("timeformat=")), string);
    let field = delimited((multispace1, tag("ctime(")), field, char(')'));
    map((timeformat, field), |(timeformat, field)| Command::Convert { timeformat, field })
        .parse(rest)
}

fn eval_any(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let (after, operands) =
        separated_list1(word("OR"), move |rest| eval_all(rest, depth)).parse(rest)?;
    some(rest, after, Eval::any(operands))
}

fn eval_all(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let (after, operands) =
        separated_list1(word("AND"), move |rest| eval_not(rest, depth)).parse(rest)?;
    some(rest, after, Eval::all(operands))
}

fn eval_not(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let inner = preceded(word("NOT"), cut(move |rest| eval_not(rest, depth + 1)));
    alt((map(inner, |operand| Eval::Not(Box::new(operand))), move |rest| {
        comparison_of_eval(rest, depth)
    }))
    .parse(rest)
}

fn comparison_of_eval(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let right = (preceded(multispace0, operator), move |rest| difference(rest, depth));
    let both = (move |rest| difference(rest, depth), opt(right));
    map(both, |(left, right)| match right {
        Some((operator, right)) => left.compare(operator, right),
        None => left,
    })
    .parse(rest)
}

fn difference(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let atom = move |rest| eval_atom(rest, depth);
    let right = preceded((multispace0, char('-')), atom);
    map((atom, opt(right)), |(left, right)| match right {
        Some(right) => Eval::Minus(Box::new(left), Box::new(right)),
        None => left,
    })
    .parse(rest)
}

fn eval_atom(rest: &str, depth: usize) -> Parsed<'_, Eval> {
    let inner = move |rest| eval_any(rest, depth + 1);
    let group = delimited(char('('), inner, preceded(multispace0, char(')')));
    let arguments = separated_list0(preceded(multispace0, char(',')), inner);
    let function = take_while1(|it: char| it.is_ascii_alphanumeric() || it == '_');
    let call = map(
        (function, delimited(char('('), arguments, preceded(multispace0, char(')')))),
        |(function, arguments)| Eval::call(function, arguments),
    );
    let digits = || take_while1(|it: char| it.is_ascii_digit());
    let number = recognize((opt(char('-')), digits(), opt((char('.'), digits()))));
    let quoted = map(delimited(char('\''), is_not("'"), char('\'')), |name: &str| {
        Eval::Field(name.to_owned())
    });
    let text = map(string, |text| Eval::Text { text, origin: Origin::default() });
    let number = map(number, |text: &str| Eval::Number(text.to_owned()));
    preceded(multispace0, alt((group, call, quoted, text, number))).parse(rest)
}

/// In a string of `eval`, `\\`, `\"` and `\|` are escapes and any other backslash stands for itself.
fn string(rest: &str) -> Parsed<'_, String> {
    quoted_value(rest)
}

/// An operator with spaces before it, not the beginning of a longer word.
fn word<'t>(text: &'static str) -> impl Parser<&'t str, Output = (), Error = Error<&'t str>> {
    let end = not(peek(take_while1(|it: char| is_word(it) || matches!(it, '=' | '<' | '>' | '!'))));
    map((multispace0, tag(text), end), |_| ())
}

/// The name of a command.
fn name<'t>(text: &'static str) -> impl Parser<&'t str, Output = (), Error = Error<&'t str>> {
    let end = not(peek(take_while1(|it: char| it.is_ascii_alphanumeric() || it == '_')));
    map((tag(text), end), |_| ())
}
