//! How the tables of an environment are laid over those of the file.

use std::hash::Hash;

use indexmap::IndexMap;
use isogloss_compiler::ast::attributes::{Elastic, Schedule, Splunk};
use schemars::JsonSchema;
use serde::Deserialize;

/// What can be overlaid: tables key by key, everything else as a whole.
pub(super) trait Overlay {
    /// Takes over what `over` says.
    fn overlay(&mut self, over: Self);
}

impl<T> Overlay for Option<T> {
    fn overlay(&mut self, over: Self) {
        if over.is_some() {
            *self = over;
        }
    }
}

impl Overlay for String {
    fn overlay(&mut self, over: Self) {
        *self = over;
    }
}

impl<K: Hash + Eq, V: Overlay> Overlay for IndexMap<K, V> {
    fn overlay(&mut self, over: Self) {
        for (key, value) in over {
            match self.get_mut(&key) {
                Some(mine) => mine.overlay(value),
                None => {
                    self.insert(key, value);
                }
            }
        }
    }
}

/// A list whose later entries win, so that an overlay adds to it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub(super) struct Entries<T>(pub(super) Vec<T>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Overlay for Entries<T> {
    fn overlay(&mut self, over: Self) {
        self.0.extend(over.0);
    }
}

/// The attributes of rules have a rule of their own for what wins.
macro_rules! attributes {
    ($($name:ident),*) => {
        $(impl Overlay for $name {
            fn overlay(&mut self, over: Self) {
                let under = std::mem::take(self);
                *self = over.over(&under);
            }
        })*
    };
}
attributes!(Splunk, Elastic, Schedule);

/// Gives a table `overlay`, key by key. Every key is named, so that a new one cannot be forgotten.
macro_rules! table {
    ($name:ident { $($key:ident),* $(,)? }) => {
        impl $crate::config::overlay::Overlay for $name {
            fn overlay(&mut self, over: Self) {
                let Self { $($key),* } = over;
                $($crate::config::overlay::Overlay::overlay(&mut self.$key, $key);)*
            }
        }
    };
}
pub(super) use table;
