//! Where the leaves of a tree come from.

use smallvec::SmallVec;

use crate::source::Span;

/// An entry of a rule's [`Origins`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OriginId(pub u32);

/// The places that a leaf comes from. All origins are equal to each other, so comparing trees ignores
/// them.
#[derive(Debug, Clone, Default)]
pub struct Origin(SmallVec<[OriginId; 2]>);

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}

impl Origin {
    /// One place.
    pub fn of(id: OriginId) -> Self {
        Self(SmallVec::from_iter([id]))
    }

    /// All places of both, without repetition, in the order of the rule.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let mut ids = self.0.clone();
        ids.extend(other.0.iter().copied());
        ids.sort_unstable();
        ids.dedup();
        Self(ids)
    }

    /// The same places after their table was put behind another one of this length.
    #[must_use]
    pub fn shifted(&self, by: u32) -> Self {
        Self(self.0.iter().map(|id| OriginId(id.0.saturating_add(by))).collect())
    }

    /// The places.
    pub fn ids(&self) -> &[OriginId] {
        &self.0
    }
}

/// The places of one rule; they may lie in several files: the rule, a filter, a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    spans: Vec<Span>,
}

impl Origins {
    /// Adds a place.
    pub fn add(&mut self, span: Span) -> Origin {
        let id = OriginId(u32::try_from(self.spans.len()).unwrap_or(u32::MAX));
        self.spans.push(span);
        Origin::of(id)
    }

    /// Puts the places of another rule behind these. Gives back by how much their origins are
    /// [shifted](Origin::shifted).
    pub fn append(&mut self, other: &Self) -> u32 {
        let by = u32::try_from(self.spans.len()).unwrap_or(u32::MAX);
        self.spans.extend(&other.spans);
        by
    }

    /// The spans of an origin.
    pub fn spans<'a>(&'a self, origin: &'a Origin) -> impl Iterator<Item = Span> + 'a {
        origin.ids().iter().filter_map(|id| self.spans.get(usize::try_from(id.0).ok()?).copied())
    }
}
