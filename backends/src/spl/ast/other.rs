//! Commands in a form that all commands have: arguments.

use super::{Call, Command, Eval, Operator, Query, Search};

/// A command that nothing is translated to. What its arguments are is checked where it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its name.
    pub name: String,
    /// Its arguments, in order.
    pub arguments: Vec<Argument>,
}

/// An argument of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A bare word as it is written, such as a number, a sign or `desc`.
    Word(String),
    /// A field, or several with `*` in their name.
    Name(String),
    /// `a as b`.
    Renamed(String, String),
    /// Text in double quotes.
    Text(String),
    /// A macro.
    Call(Call),
    /// `name=value`; other operators stand in `regex` and in commands that are not known.
    Option {
        /// The name.
        name: String,
        /// How the value is compared.
        operator: Operator,
        /// The value.
        value: Box<Argument>,
    },
    /// `function(a) as b`.
    Column {
        /// The function.
        function: String,
        /// What stands in its parentheses, if there are any.
        arguments: Option<Vec<Argument>>,
        /// The name of the column.
        alias: Option<String>,
    },
    /// A word and what belongs to it, such as `by a b`.
    Clause {
        /// The word.
        keyword: &'static str,
        /// What belongs to it.
        arguments: Vec<Argument>,
    },
    /// Arguments in parentheses.
    Group(Vec<Argument>),
    /// An expression of `search`.
    Condition(Search),
    /// An expression of `eval`.
    Expression(Eval),
    /// `name=expression`.
    Assignment(String, Eval),
    /// A search in brackets.
    Search(Query),
    /// Commands in brackets that work on the rows that are there.
    Pipeline(Vec<Command>),
}
