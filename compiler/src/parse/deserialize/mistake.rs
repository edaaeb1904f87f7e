//! What keeps a node from being read, and where.

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};

use crate::diagnostic::{Code, Diagnostic, nearest, suggest};
use crate::source::Span;
use crate::yaml::Node;

/// What keeps a node from being read.
#[derive(Debug)]
pub(super) struct Mistake {
    what: Box<What>,
    /// The innermost node that it is about.
    place: Option<Span>,
    /// The key that the node stands under.
    key: Option<String>,
    /// The innermost entry or element that has to be left out.
    pub(super) guilty: Option<Span>,
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum What {
    /// A key that there is not.
    UnknownKey { name: String, known: &'static [&'static str] },
    /// A word that there is not.
    UnknownWord { word: String, known: &'static [&'static str] },
    /// A key that has to be there.
    Missing { key: &'static str, near: bool },
    /// A key that has to be there, and was left out since its value has a mistake.
    Echo,
    /// A node of another kind.
    Mistyped { wanted: String, found: String, only: Option<String> },
    /// What the type says.
    Other(String),
}

impl Mistake {
    pub(super) fn of(what: What) -> Self {
        Self { what: Box::new(what), place: None, key: None, guilty: None }
    }

    /// The node is not what is wanted.
    pub(super) fn mistyped(node: &Node, wanted: String) -> Self {
        let is_number = wanted.contains("number") && node.describe() == "a number";
        let text = node.as_text().filter(|_| is_number);
        let found = text.unwrap_or_else(|| node.describe()).to_owned();
        let only = match node.elements() {
            [only] if wanted == "a string" => only.as_text().map(str::to_owned),
            _ => None,
        };
        Self::of(What::Mistyped { wanted, found, only }).at(node.span)
    }

    /// Gives it a place, unless it has one.
    pub(super) fn at(self, place: Span) -> Self {
        Self { place: self.place.or(Some(place)), ..self }
    }

    /// Gives it a key, unless it has one.
    pub(super) fn under(self, key: &Node) -> Self {
        let name = || key.as_text().map(str::to_owned);
        Self { key: self.key.clone().or_else(name), ..self }
    }

    /// Says what has to be left out, unless that is known.
    pub(super) fn guilty(self, guilty: Span) -> Self {
        Self { guilty: self.guilty.or(Some(guilty)), ..self }
    }

    /// Gives it a place in a map: a missing key stands where it was probably meant to be, else at the first
    /// key.
    pub(super) fn in_map(self, map: &Node, pruned: &BTreeSet<Span>) -> Self {
        let (What::Missing { key, .. }, None) = (&*self.what, self.place) else {
            return self.at(map.span);
        };
        let wanted = *key;
        let keys = || map.as_mapping().into_iter().flatten().map(|(key, _)| key);
        // A key that was left out has its own mistake, and may have been meant to be this one.
        if keys().any(|it| pruned.contains(&it.span)) {
            return Self { what: Box::new(What::Echo), ..self };
        }
        let is_near = |it: &&Node| it.as_text().is_some_and(|it| nearest(it, [wanted]).is_some());
        let near = keys().find(is_near);
        let place = near.or_else(|| keys().next()).map_or(map.span, |it| it.span);
        let what = What::Missing { key: wanted, near: near.is_some() };
        Self { what: Box::new(what), ..self }.at(place)
    }

    /// What there is to say of it; nothing if it follows from another.
    pub(super) fn report(self, code: Code, whole: Span) -> Option<Diagnostic> {
        let place = self.place.unwrap_or(whole);
        let subject = || self.key.as_ref().map_or("this".to_owned(), |key| format!("`{key}`"));
        let invalid = |message: String| Diagnostic::new(code, place, message);
        Some(match &*self.what {
            What::Echo => return None,
            What::UnknownKey { name, known } => {
                let help = suggest(name, known.iter().copied());
                invalid(format!("`{name}` is not known here")).with_help(help)
            }
            What::UnknownWord { word, known } => {
                let key = self.key.as_deref().unwrap_or("word that is known here");
                let help = suggest(word, known.iter().copied());
                invalid(format!("`{word}` is no {key}")).with_help(help)
            }
            What::Missing { key, near } => {
                let message = format!("`{key}` is missing");
                let missing = Diagnostic::new(Code::MissingAttribute, place, message);
                if *near { missing.with_help(format!("did you mean `{key}`?")) } else { missing }
            }
            What::Mistyped { wanted, found, only } => {
                let mistake = invalid(format!("{} has to be {wanted}, not {found}", subject()));
                match (only, &self.key) {
                    (Some(text), Some(key)) => mistake.with_help(format!("write `{key}: {text}`")),
                    (Some(_) | None, _) => mistake,
                }
            }
            What::Other(message) if message.starts_with("has to be") => {
                invalid(format!("{} {message}", subject()))
            }
            What::Other(message) => invalid(message.clone()),
        })
    }
}

impl Display for Mistake {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.what)
    }
}

impl std::error::Error for Mistake {}

impl serde::de::Error for Mistake {
    fn custom<T: Display>(message: T) -> Self {
        Self::of(What::Other(message.to_string()))
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::of(What::UnknownKey { name: name.to_owned(), known })
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Self::of(What::UnknownWord { word: word.to_owned(), known })
    }

    fn missing_field(key: &'static str) -> Self {
        Self::of(What::Missing { key, near: false })
    }
}
