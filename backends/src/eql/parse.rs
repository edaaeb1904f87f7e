//! EQL text to tree (Elastic documentation, "EQL syntax reference"). Binding: `not`, `and`, `or`.

use isogloss_compiler::ir::Origin;
use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while, take_while_m_n, take_while1};
use nom::character::complete::{char, multispace0, one_of};
use nom::combinator::{all_consuming, cut, map, map_opt, not, opt, peek, recognize, value, verify};
use nom::error::{Error, ErrorKind};
use nom::multi::{fold_many0, separated_list1};
use nom::sequence::{delimited, pair, preceded, terminated};
use nom::{IResult, Parser};

use super::ast::{
    Argument, Call, Comparison, Expr, FieldPath, Function, Literal, Operator, Query, Value,
};

type Parsed<'t, T> = IResult<&'t str, T>;

/// Parentheses and `not` may be nested this deep.
const MAX_DEPTH: usize = 200;

/// Reads a query. The error is the byte at which the text is no longer EQL.
pub fn parse(text: &str) -> Result<Query, usize> {
    let query = map(
        (terminated(category, word("where")), terminated(|rest| or(rest, 0), multispace0)),
        |(category, condition)| Query {
            category,
            category_origin: Origin::default(),
            scope: None,
            condition,
        },
    );
    match all_consuming(query).parse(text) {
        Ok((_, query)) => Ok(query),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err(text.len() - error.input.len())
        }
        Err(nom::Err::Incomplete(_)) => Err(text.len()),
    }
}

/// Reads a condition without its `category where`.
pub fn parse_condition(text: &str) -> Result<Expr, usize> {
    match all_consuming(terminated(|rest| or(rest, 0), multispace0)).parse(text) {
        Ok((_, condition)) => Ok(condition),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err(text.len() - error.input.len())
        }
        Err(nom::Err::Incomplete(_)) => Err(text.len()),
    }
}

fn category(rest: &str) -> Parsed<'_, Option<String>> {
    let name = alt((string, map(identifier, str::to_owned)));
    let quoted = rest.trim_start().starts_with('"');
    map(preceded(multispace0, name), move |name| (quoted || name != "any").then_some(name))
        .parse(rest)
}

fn or(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let operand = move |rest| and(rest, depth);
    map(separated_list1(word("or"), operand), Expr::any).parse(rest)
}

fn and(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let operand = move |rest| negation(rest, depth);
    map(separated_list1(word("and"), operand), Expr::all).parse(rest)
}

fn negation(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    if depth > MAX_DEPTH {
        return Err(nom::Err::Failure(Error::new(rest, ErrorKind::TooLarge)));
    }
    let inner = preceded(word("not"), cut(move |rest| negation(rest, depth + 1)));
    alt((map(inner, Expr::negate), move |rest| primary(rest, depth))).parse(rest)
}

fn primary(rest: &str, depth: usize) -> Parsed<'_, Expr> {
    let group = delimited(
        char('('),
        cut(move |rest| or(rest, depth + 1)),
        preceded(multispace0, char(')')),
    );
    preceded(multispace0, alt((group, map(boolean, Expr::Constant), call, comparison))).parse(rest)
}

/// `function(argument, …)`.
fn call(rest: &str) -> Parsed<'_, Expr> {
    let name = recognize(pair(identifier, opt(char('~'))));
    let known = |name| Function::ALL.iter().find(|(text, _)| *text == name).map(|(_, it)| *it);
    let plain = |literal| Argument::Value(Value { literal, origin: Origin::default() });
    let argument = alt((map(literal, plain), map(preceded(multispace0, field), Argument::Field)));
    let arguments = delimited(
        preceded(multispace0, char('(')),
        separated_list1(preceded(multispace0, char(',')), argument),
        preceded(multispace0, char(')')),
    );
    map((map_opt(name, known), arguments), |(function, arguments)| {
        Expr::Call(Call { function, arguments, origin: Origin::default() })
    })
    .parse(rest)
}

fn comparison(rest: &str) -> Parsed<'_, Expr> {
    let (rest, field) = field(rest)?;
    let (rest, negated) = opt(terminated(word("not"), peek(word("in")))).parse(rest)?;
    let (rest, operator) = preceded(multispace0, operator).parse(rest)?;
    let list = delimited(
        preceded(multispace0, char('(')),
        separated_list1(preceded(multispace0, char(',')), literal),
        preceded(multispace0, char(')')),
    );
    let single = map(verify(literal, move |_| !operator.takes_list()), |literal| vec![literal]);
    let (rest, literals) = cut(alt((list, single))).parse(rest)?;
    let values =
        literals.into_iter().map(|literal| Value { literal, origin: Origin::default() }).collect();
    let expr = Expr::Comparison(Comparison { field, operator, values, origin: Origin::default() });
    Ok((rest, if negated.is_some() { Expr::negate(expr) } else { expr }))
}

fn operator(rest: &str) -> Parsed<'_, Operator> {
    for (text, operator) in Operator::ALL {
        let Some(after) = rest.strip_prefix(text) else { continue };
        let is_word = text.starts_with(|it: char| it.is_ascii_alphabetic());
        if !(is_word && after.starts_with(is_name)) {
            return Ok((after, *operator));
        }
    }
    Err(nom::Err::Error(Error::new(rest, ErrorKind::Tag)))
}

fn field(rest: &str) -> Parsed<'_, FieldPath> {
    let part = alt((backticked, map(identifier, str::to_owned)));
    map((opt(char('?')), separated_list1(char('.'), part)), |(mark, parts)| FieldPath {
        name: parts.join("."),
        optional: mark.is_some(),
    })
    .parse(rest)
}

fn backticked(rest: &str) -> Parsed<'_, String> {
    let part = alt((is_not("`"), value("`", tag("``"))));
    delimited(char('`'), fold_many0(part, String::new, |name, part| name + part), char('`'))
        .parse(rest)
}

fn identifier(rest: &str) -> Parsed<'_, &str> {
    let start =
        take_while_m_n(1, 1, |it: char| it.is_ascii_alphabetic() || matches!(it, '_' | '@'));
    recognize(pair(start, take_while(is_name))).parse(rest)
}

fn literal(rest: &str) -> Parsed<'_, Literal> {
    preceded(
        multispace0,
        alt((
            map(string, Literal::Text),
            map(number, |text| Literal::Number(text.to_owned())),
            map(boolean, Literal::Bool),
            value(Literal::Null, word("null")),
        )),
    )
    .parse(rest)
}

fn number(rest: &str) -> Parsed<'_, &str> {
    let digits = || take_while1(|it: char| it.is_ascii_digit());
    recognize((opt(one_of("+-")), digits(), opt((char('.'), digits())))).parse(rest)
}

fn boolean(rest: &str) -> Parsed<'_, bool> {
    alt((value(true, word("true")), value(false, word("false")))).parse(rest)
}

/// A string in double quotes, with the escapes that the grammar knows and no others.
fn string(rest: &str) -> Parsed<'_, String> {
    let escape = alt((
        map_opt(one_of("btnfr\"'\\"), unescape),
        map_opt(
            delimited(
                tag("u{"),
                take_while_m_n(2, 8, |it: char| it.is_ascii_hexdigit()),
                char('}'),
            ),
            |hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?),
        ),
    ));
    let plain = map(is_not("\"\\\r\n"), Piece::Text);
    let piece = alt((plain, map(preceded(char('\\'), escape), Piece::Char)));
    let body = fold_many0(piece, String::new, |mut text, piece| {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Char(character) => text.push(character),
        }
        text
    });
    delimited(char('"'), body, char('"')).parse(rest)
}

enum Piece<'t> {
    Text(&'t str),
    Char(char),
}

fn unescape(letter: char) -> Option<char> {
    match letter {
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        't' => Some('\t'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        '"' | '\'' | '\\' => Some(letter),
        _ => None,
    }
}

/// A keyword with spaces before it, not the beginning of a longer name.
fn word<'t>(text: &'static str) -> impl Parser<&'t str, Output = (), Error = Error<&'t str>> {
    let end = not(peek(take_while1(|it: char| is_name(it) || it == '.')));
    map((multispace0, tag(text), end), |_| ())
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}
