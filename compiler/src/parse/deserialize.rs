//! A [`Node`] as the input of serde, so that YAML and TOML are read into the same types.
//!
//! Text is more lenient than in TOML: a number is taken as text where text is wanted, a single value as a list
//! of one, a word in any case.

mod mistake;

use std::collections::BTreeSet;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use crate::diagnostic::{Code, Diagnostics};
use crate::source::Span;
use crate::yaml::{Node, Resolved, Value};
use mistake::{Mistake, What};

/// The most mistakes of one tree that are looked for.
const MAX_MISTAKES: usize = 50;

/// Reads a tree. Every mistake is reported: what holds one is left out, and the rest is read again. `None` if
/// nothing is left.
pub(super) fn deserialize<T: DeserializeOwned>(
    node: &Node,
    code: Code,
    diagnostics: &mut Diagnostics,
) -> Option<T> {
    let mut pruned = BTreeSet::new();
    for _ in 0..MAX_MISTAKES {
        let mistake = match T::deserialize(Reader::of(node, &pruned)) {
            Ok(value) => return Some(value),
            Err(mistake) => mistake,
        };
        let guilty = mistake.guilty;
        diagnostics.extend(mistake.report(code, node.span));
        if !guilty.is_some_and(|span| pruned.insert(span)) {
            return None;
        }
    }
    None
}

/// The keys and elements that have been found to hold a mistake, by their places.
type Pruned = BTreeSet<Span>;

/// A node that is read.
#[derive(Clone, Copy)]
struct Reader<'n, 'a> {
    node: &'n Node<'a>,
    pruned: &'n Pruned,
    /// True for an element of a list.
    in_list: bool,
}

type Read<T> = Result<T, Mistake>;

impl<'n, 'a> Reader<'n, 'a> {
    fn of(node: &'n Node<'a>, pruned: &'n Pruned) -> Self {
        Self { node, pruned, in_list: false }
    }

    /// The node is of another kind.
    fn mistyped(self, one: &str, many: &str) -> Mistake {
        let wanted = if self.in_list { format!("a list of {many}") } else { one.to_owned() };
        Mistake::mistyped(self.node, wanted)
    }

    fn text(self) -> Read<&'n str> {
        self.node.as_text().ok_or_else(|| self.mistyped("a string", "strings"))
    }

    fn number<T: std::str::FromStr>(self, one: &str) -> Read<T> {
        let number = self.node.as_text().and_then(|text| text.parse().ok());
        number.ok_or_else(|| self.mistyped(one, "numbers"))
    }

    fn entries<'de, V: Visitor<'de>>(
        self,
        known: Option<&'static [&'static str]>,
        visitor: V,
    ) -> Read<V::Value> {
        let Some(entries) = self.node.as_mapping() else {
            return Err(self.mistyped("a map", "maps"));
        };
        let access = Entries {
            rest: entries.iter(),
            seen: BTreeSet::new(),
            value: None,
            known,
            pruned: self.pruned,
        };
        let read = visitor.visit_map(access);
        read.map_err(|mistake| mistake.in_map(self.node, self.pruned))
    }
}

/// Whole numbers of a size.
macro_rules! numbers {
    ($($method:ident $visit:ident $type:ident),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            let wanted = format!("a whole number from {} to {}", $type::MIN, $type::MAX);
            visitor.$visit(self.number::<$type>(&wanted)?).map_err(|it: Mistake| it.at(self.node.span))
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_, '_> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let scalar = match &self.node.value {
            Value::Sequence(_) => return self.deserialize_seq(visitor),
            Value::Mapping(_) => return self.deserialize_map(visitor),
            Value::Scalar(scalar) => scalar,
        };
        let read: Read<V::Value> = match scalar.resolve() {
            Resolved::Null => visitor.visit_unit(),
            Resolved::Bool(value) => visitor.visit_bool(value),
            Resolved::Text(text) => visitor.visit_str(text),
            Resolved::Number(text) => {
                match (text.parse::<u64>(), text.parse(), text.parse::<f64>()) {
                    (Ok(number), ..) => visitor.visit_u64(number),
                    (Err(_), Ok(number), _) => visitor.visit_i64(number),
                    (Err(_), Err(_), Ok(number)) if number.is_finite() => visitor.visit_f64(number),
                    (Err(_), Err(_), Ok(_) | Err(_)) => visitor.visit_str(text),
                }
            }
        };
        read.map_err(|it: Mistake| it.at(self.node.span))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.node.as_scalar().map(|it| it.resolve()) {
            Some(Resolved::Bool(value)) => visitor.visit_bool(value),
            Some(Resolved::Null | Resolved::Number(_) | Resolved::Text(_)) | None => {
                Err(self.mistyped("`true` or `false`", "`true` and `false`"))
            }
        }
    }

    numbers! {
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let number = self.number("a whole number")?;
        visitor.visit_u64(number).map_err(|it: Mistake| it.at(self.node.span))
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let number = self.number("a whole number")?;
        visitor.visit_i64(number).map_err(|it: Mistake| it.at(self.node.span))
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        let number = self.number("a number")?;
        visitor.visit_f64(number).map_err(|it: Mistake| it.at(self.node.span))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_str(self.text()?).map_err(|it: Mistake| it.at(self.node.span))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.node.as_mapping().is_some() || self.node.is_null() {
            return Err(self.mistyped("a list", "lists"));
        }
        let elements = Elements { rest: self.node.elements().iter(), pruned: self.pruned };
        visitor.visit_seq(elements).map_err(|it: Mistake| it.at(self.node.span))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        self.entries(None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        self.entries(Some(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        let text = self.text()?;
        let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(text)) else {
            let what = What::UnknownWord { word: text.to_owned(), known: words };
            return Err(Mistake::of(what).at(self.node.span));
        };
        let word: StrDeserializer<Mistake> = word.into_deserializer();
        visitor.visit_enum(word).map_err(|it: Mistake| it.at(self.node.span))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct }
}

/// The elements of a list.
struct Elements<'n, 'a> {
    rest: std::slice::Iter<'n, Node<'a>>,
    pruned: &'n Pruned,
}

impl<'de> SeqAccess<'de> for Elements<'_, '_> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        let Some(node) = self.rest.find(|node| !self.pruned.contains(&node.span)) else {
            return Ok(None);
        };
        let reader = Reader { in_list: true, ..Reader::of(node, self.pruned) };
        seed.deserialize(reader).map(Some).map_err(|it| it.at(node.span).guilty(node.span))
    }
}

/// The entries of a map.
struct Entries<'n, 'a> {
    rest: std::slice::Iter<'n, (Node<'a>, Node<'a>)>,
    /// The keys that were read: what stands twice was reported with the YAML.
    seen: BTreeSet<&'n str>,
    /// The entry whose key was read.
    value: Option<&'n (Node<'a>, Node<'a>)>,
    /// The keys that there can be; `None` for any.
    known: Option<&'static [&'static str]>,
    pruned: &'n Pruned,
}

impl Entries<'_, '_> {
    /// A key without a value is as good as absent, if it is known.
    fn is_absent(&self, key: &str, value: &Node) -> bool {
        value.is_null() && self.known.is_some_and(|known| known.contains(&key))
    }
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        while let Some(entry) = self.rest.next() {
            let (key, value) = entry;
            let name = key.as_text().unwrap_or_default();
            let is_out = self.pruned.contains(&key.span) || self.is_absent(name, value);
            if is_out || (key.as_text().is_some() && !self.seen.insert(name)) {
                continue;
            }
            self.value = Some(entry);
            let read = seed.deserialize(Reader::of(key, self.pruned));
            return read.map(Some).map_err(|it| it.at(key.span).guilty(key.span));
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        let Some((key, value)) = self.value.take() else {
            return Err(Mistake::of(What::Other("a value without a key".to_owned())));
        };
        let read = seed.deserialize(Reader::of(value, self.pruned));
        read.map_err(|it| it.at(value.span).under(key).guilty(key.span))
    }
}

#[cfg(test)]
mod tests;
