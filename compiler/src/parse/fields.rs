//! Typed reading of a map: each getter reports what has the wrong type and goes on.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest, suggest};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

/// Signs of other languages, and Sigma's words for them.
const SIGNS: &[(&str, &str)] = &[
    (">=", "gte"),
    (">", "gt"),
    ("<=", "lte"),
    ("<", "lt"),
    ("==", "eq"),
    ("=", "eq"),
    ("!=", "neq"),
];

/// A map that is read key by key.
pub(crate) struct Fields<'n, 'a> {
    node: &'n Node<'a>,
    /// The code that mistakes are reported under.
    code: Code,
}

impl<'n, 'a> Fields<'n, 'a> {
    /// Reads `node`, which has to be a map; reports and returns `None` if it is not.
    pub(crate) fn of(
        node: &'n Node<'a>,
        code: Code,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        if node.as_mapping().is_none() {
            let message = format!("a map is expected here, not {}", node.describe());
            diagnostics.push(Diagnostic::new(code, node.span, message));
            return None;
        }
        Some(Self { node, code })
    }

    /// The place of the whole map.
    pub(crate) fn span(&self) -> Span {
        self.node.span
    }

    /// All keys and values.
    pub(crate) fn entries(&self) -> &'n [(Node<'a>, Node<'a>)] {
        self.node.as_mapping().unwrap_or_default()
    }

    /// Reports every key that is not in `known`.
    pub(crate) fn refuse_others(&self, known: &[&str], code: Code, diagnostics: &mut Diagnostics) {
        for (key, _) in self.entries() {
            let name = key.as_text().unwrap_or_default();
            if !known.contains(&name) {
                let message = format!("`{name}` is not known here");
                let sign = SIGNS.iter().find(|(sign, word)| *sign == name && known.contains(word));
                let help = match sign {
                    Some((_, word)) => format!("write `{word}`"),
                    None => suggest(name, known.iter().copied()),
                };
                diagnostics.push(Diagnostic::new(code, key.span, message).with_help(help));
            }
        }
    }

    /// The value of a key, whatever it is; a key without a value is as good as absent.
    pub(crate) fn node(&self, key: &str) -> Option<&'n Node<'a>> {
        self.node.get(key).filter(|node| !node.is_null())
    }

    /// The key's node and the value of a key.
    pub(crate) fn entry(&self, key: &str) -> Option<(&'n Node<'a>, &'n Node<'a>)> {
        self.node.entry(key)
    }

    /// A string; numbers and booleans are taken as their text.
    pub(crate) fn text(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
        let node = self.node(key)?;
        if let Some(text) = node.as_text() {
            Some(Spanned::new(text.to_owned(), node.span))
        } else {
            self.mistyped(key, "a string", node, diagnostics);
            None
        }
    }

    /// A list of strings; a single string is a list of one.
    pub(crate) fn texts(&self, key: &str, diagnostics: &mut Diagnostics) -> Vec<Spanned<String>> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let mut texts = Vec::new();
        for element in node.elements() {
            match element.as_text() {
                Some(text) => texts.push(Spanned::new(text.to_owned(), element.span)),
                None => self.mistyped(key, "a list of strings", element, diagnostics),
            }
        }
        texts
    }

    /// A list of maps.
    pub(crate) fn maps(&self, key: &str, diagnostics: &mut Diagnostics) -> Vec<Fields<'n, 'a>> {
        let Some(node) = self.node(key) else { return Vec::new() };
        match &node.value {
            Value::Sequence(elements) => {
                elements.iter().filter_map(|it| Fields::of(it, self.code, diagnostics)).collect()
            }
            Value::Scalar(_) | Value::Mapping(_) => {
                self.mistyped(key, "a list of maps", node, diagnostics);
                Vec::new()
            }
        }
    }

    /// A whole number within `u8`.
    pub(crate) fn small_number(
        &self,
        key: &str,
        most: u8,
        diagnostics: &mut Diagnostics,
    ) -> Option<u8> {
        let text = self.text(key, diagnostics)?;
        let number = text.value.parse().ok().filter(|&number: &u8| number <= most);
        if number.is_none() {
            let message = format!("`{key}` is a whole number from 0 to {most}");
            diagnostics.push(Diagnostic::new(self.code, text.span, message));
        }
        number
    }

    /// One of a fixed set of words, in any case.
    pub(crate) fn word<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        let text = self.text(key, diagnostics)?;
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text.value));
        if found.is_none() {
            let message = format!("`{}` is no {key}", text.value);
            let help = suggest(&text.value, words.iter().map(|(word, _)| *word));
            diagnostics.push(Diagnostic::new(self.code, text.span, message).with_help(help));
        }
        found.map(|(_, value)| *value)
    }

    /// Reports a `version` of our own settings that this program does not know.
    pub(crate) fn check_version(&self, diagnostics: &mut Diagnostics) {
        let Some(version) = self.text("version", diagnostics) else { return };
        if version.value != "1" {
            let message = format!("version {} is not known", version.value);
            let diagnostic = Diagnostic::new(self.code, version.span, message);
            diagnostics.push(diagnostic.with_help("write `version: 1`"));
        }
    }

    /// Reports that a key is missing: at a key that was probably meant to be it, else at the first one.
    pub(crate) fn missing(&self, key: &str, help: &str, diagnostics: &mut Diagnostics) {
        let message = format!("`{key}` is missing");
        // What a pipeline or a file of expectations lacks is no attribute of a rule.
        let beside_rules = [Code::InvalidPipeline, Code::InvalidExpectation].contains(&self.code);
        let code = if beside_rules { self.code } else { Code::MissingAttribute };
        let missing = |span: Span| Diagnostic::new(code, span, message);
        let named = self.entries().iter().find(|(node, _)| {
            node.as_text().is_some_and(|name| name != key && nearest(name, [key]).is_some())
        });
        diagnostics.push(if let Some((node, _)) = named {
            missing(node.span).with_help(format!("did you mean `{key}`?"))
        } else {
            let start = self.entries().first().map_or(self.span(), |(key, _)| key.span);
            missing(start).with_help(help)
        });
    }

    fn mistyped(&self, key: &str, wanted: &str, found: &Node, diagnostics: &mut Diagnostics) {
        let message = format!("`{key}` has to be {wanted}, not {}", found.describe());
        let mistake = Diagnostic::new(self.code, found.span, message);
        diagnostics.push(match found.elements() {
            [only] if wanted == "a string" && only.as_text().is_some() => {
                let text = only.as_text().unwrap_or_default();
                mistake.with_help(format!("write `{key}: {text}`"))
            }
            _ => mistake,
        });
    }
}
