//! Boolean expressions over detection items.

use ipnet::IpNet;

use super::{Comparison, Decimal, HasName, Number, Origin, Pattern, Regex, State, TimePart, chain};

/// A boolean expression. Chains are flat and have at least two operands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr<S: State> {
    /// All operands hold.
    All(Vec<Expr<S>>),
    /// Any operand holds.
    Any(Vec<Expr<S>>),
    /// The operand does not hold.
    Not(Box<Expr<S>>),
    /// One detection item.
    Item(Item<S>),
}

/// A field and what its values are tested for. However many values there are, it is one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<S: State> {
    /// The field; `None` for keywords, which search the text of the whole event.
    pub field: Option<S::Field>,
    /// Whether any or all tests have to hold.
    pub link: Link,
    /// True if the item holds where its tests do not.
    pub negated: bool,
    /// The tests, each over all values of the field. Never empty.
    pub predicates: Vec<Predicate<S>>,
    /// The key that the author wrote.
    pub origin: Origin,
}

/// How the tests of an item are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Any test has to hold.
    Any,
    /// All tests have to hold, each by any value of the field.
    All,
}

/// A test and the place of the value that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicate<S: State> {
    /// What a value is tested for.
    pub test: Test<S>,
    /// The value that the author wrote.
    pub origin: Origin,
}

/// What a value of a field is tested for. All but [`Test::Null`] are false where the field is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test<S: State> {
    /// The whole value matches a pattern.
    Like(Pattern),
    /// The value's text is this number.
    Number(Number),
    /// The value's text is `true` or `false`.
    Bool(bool),
    /// The field has no value.
    Null,
    /// The value holds a match of a regular expression.
    Regex(Regex),
    /// The value is a decimal that stands so to this one.
    Compare(Comparison, Decimal),
    /// The value is an address in this network.
    Cidr(IpNet),
    /// The value is that of another field, or holds it.
    FieldRef {
        /// The other field.
        field: S::Field,
        /// Where the other field's value stands.
        anchor: Anchor,
    },
    /// The value is a time, and a part of it is this number or stands so to it.
    Time {
        /// Which part.
        part: TimePart,
        /// How it is compared; `None` is equality.
        comparison: Option<Comparison>,
        /// With what.
        number: u32,
    },
    /// Raw query text of the target that a pipeline has put in the place of the value. Its meaning is the
    /// platform's alone.
    Query {
        /// The text, with `{field}` and `{id}` for the field and the name.
        expression: String,
        /// The name that is put in for `{id}`.
        id: String,
    },
    /// A value that is not known yet.
    Open(S::Open),
}

/// Where text stands in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// It is the whole value.
    Whole,
    /// At the start.
    Start,
    /// At the end.
    End,
    /// Anywhere.
    Anywhere,
}

impl Anchor {
    /// The same place, with more text allowed on the left or on the right.
    #[must_use]
    pub fn open(self, left: bool, right: bool) -> Self {
        let open_left = left || matches!(self, Self::End | Self::Anywhere);
        let open_right = right || matches!(self, Self::Start | Self::Anywhere);
        match (open_left, open_right) {
            (false, false) => Self::Whole,
            (false, true) => Self::Start,
            (true, false) => Self::End,
            (true, true) => Self::Anywhere,
        }
    }

    /// The name of the modifier that asks for it; none for the whole value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Start => "startswith",
            Self::End => "endswith",
            Self::Anywhere => "contains",
        }
    }
}

impl<S: State> Test<S> {
    /// The other field that the test is about, if there is one.
    pub fn referred(&self) -> Option<&S::Field> {
        match self {
            Self::FieldRef { field, .. } => Some(field),
            Self::Like(_)
            | Self::Number(_)
            | Self::Bool(_)
            | Self::Null
            | Self::Regex(_)
            | Self::Compare(..)
            | Self::Cidr(_)
            | Self::Time { .. }
            | Self::Query { .. }
            | Self::Open(_) => None,
        }
    }

    /// The same test with the fields that it names, and what is not known yet, brought to another state.
    pub fn try_map<T: State>(
        &self,
        field: &mut dyn FnMut(&S::Field) -> T::Field,
        open: &mut dyn FnMut(&S::Open) -> Option<Test<T>>,
    ) -> Option<Test<T>> {
        Some(match self {
            Self::Like(pattern) => Test::Like(pattern.clone()),
            Self::Number(number) => Test::Number(number.clone()),
            Self::Bool(value) => Test::Bool(*value),
            Self::Null => Test::Null,
            Self::Regex(regex) => Test::Regex(regex.clone()),
            Self::Compare(comparison, number) => Test::Compare(*comparison, number.clone()),
            Self::Cidr(network) => Test::Cidr(*network),
            Self::FieldRef { field: name, anchor } => {
                Test::FieldRef { field: field(name), anchor: *anchor }
            }
            Self::Time { part, comparison, number } => {
                Test::Time { part: *part, comparison: *comparison, number: *number }
            }
            Self::Query { expression, id } => {
                Test::Query { expression: expression.clone(), id: id.clone() }
            }
            Self::Open(value) => return open(value),
        })
    }
}

/// Whether a place of an expression is under an even or an odd number of negations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polarity {
    /// More here means more events found.
    Positive,
    /// More here means fewer events found.
    Negative,
}

impl Polarity {
    /// The polarity under one more negation.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Positive => Self::Negative,
            Self::Negative => Self::Positive,
        }
    }

    /// The polarity of a place that has the polarity `inner` in a part that has this one.
    #[must_use]
    pub fn under_another(self, inner: Self) -> Self {
        match inner {
            Self::Positive => self,
            Self::Negative => self.turned(),
        }
    }

    /// The polarity of an item's tests.
    #[must_use]
    pub fn under<S: State>(self, item: &Item<S>) -> Self {
        if item.negated { self.turned() } else { self }
    }
}

/// What is put in the place of an item that stands at a polarity.
type Replace<'r, S, T> = dyn FnMut(&Item<S>, Polarity) -> Option<Expr<T>> + 'r;

impl<S: State> Expr<S> {
    /// All of `operands`; `None` if there are none. Flattens.
    pub fn all(operands: impl IntoIterator<Item = Self>) -> Option<Self> {
        chain(operands, |it| if let Self::All(inner) = it { Ok(inner) } else { Err(it) }, Self::All)
    }

    /// Any of `operands`; `None` if there are none. Flattens.
    pub fn any(operands: impl IntoIterator<Item = Self>) -> Option<Self> {
        chain(operands, |it| if let Self::Any(inner) = it { Ok(inner) } else { Err(it) }, Self::Any)
    }

    /// An item whose tests come in groups: of a group any test is enough, under `all` too. `None` if there
    /// are no tests.
    pub fn item_of_groups(
        field: Option<&S::Field>,
        link: Link,
        groups: Vec<Vec<Predicate<S>>>,
        origin: &Origin,
    ) -> Option<Self> {
        let item = |link: Link, predicates: Vec<Predicate<S>>| {
            let link = if predicates.len() == 1 { Link::Any } else { link };
            let (field, origin) = (field.cloned(), origin.clone());
            let item = Item { field, link, negated: false, predicates, origin };
            (!item.predicates.is_empty()).then_some(Self::Item(item))
        };
        match link {
            Link::Any => item(Link::Any, groups.into_iter().flatten().collect()),
            Link::All => {
                let (single, several): (Vec<_>, Vec<_>) =
                    groups.into_iter().partition(|it| it.len() == 1);
                let single = item(Link::All, single.into_iter().flatten().collect());
                let several = several.into_iter().filter_map(|it| item(Link::Any, it));
                Self::all(single.into_iter().chain(several).collect::<Vec<_>>())
            }
        }
    }

    /// The negation of `operand`. Two negations meet and vanish.
    #[must_use]
    pub fn negate(operand: Self) -> Self {
        if let Self::Not(inner) = operand { *inner } else { Self::Not(Box::new(operand)) }
    }

    /// The expression or its negation; an item carries the negation itself.
    #[must_use]
    pub fn negated_if(self, negated: bool) -> Self {
        match self {
            Self::Item(item) => Self::Item(Item { negated: item.negated != negated, ..item }),
            expr @ (Self::All(_) | Self::Any(_) | Self::Not(_)) if negated => Self::negate(expr),
            expr @ (Self::All(_) | Self::Any(_) | Self::Not(_)) => expr,
        }
    }

    /// Puts a new expression in the place of every item. What has no replacement is left out.
    pub fn try_map<T: State>(&self, replace: &mut Replace<S, T>) -> Option<Expr<T>> {
        self.map_at(Polarity::Positive, replace)
    }

    fn map_at<T: State>(&self, polarity: Polarity, replace: &mut Replace<S, T>) -> Option<Expr<T>> {
        match self {
            Self::All(operands) => {
                let operands: Vec<_> =
                    operands.iter().filter_map(|it| it.map_at(polarity, replace)).collect();
                Expr::all(operands)
            }
            Self::Any(operands) => {
                let operands: Vec<_> =
                    operands.iter().filter_map(|it| it.map_at(polarity, replace)).collect();
                Expr::any(operands)
            }
            Self::Not(operand) => Some(Expr::negate(operand.map_at(polarity.turned(), replace)?)),
            Self::Item(item) => replace(item, polarity),
        }
    }

    /// Changes the origin of every leaf.
    pub fn change_origins(&mut self, change: &dyn Fn(&Origin) -> Origin) {
        match self {
            Self::All(operands) | Self::Any(operands) => {
                for operand in operands {
                    operand.change_origins(change);
                }
            }
            Self::Not(operand) => operand.change_origins(change),
            Self::Item(item) => {
                item.origin = change(&item.origin);
                for predicate in &mut item.predicates {
                    predicate.origin = change(&predicate.origin);
                }
            }
        }
    }

    /// Adds the origins of a tree that is equal to this one.
    pub fn join_origins(&mut self, other: &Self) {
        match (self, other) {
            (Self::All(mine), Self::All(theirs)) | (Self::Any(mine), Self::Any(theirs)) => {
                for (mine, theirs) in mine.iter_mut().zip(theirs) {
                    mine.join_origins(theirs);
                }
            }
            (Self::Not(mine), Self::Not(theirs)) => mine.join_origins(theirs),
            (Self::Item(mine), Self::Item(theirs)) => {
                mine.origin = mine.origin.join(&theirs.origin);
                for (mine, theirs) in mine.predicates.iter_mut().zip(&theirs.predicates) {
                    mine.origin = mine.origin.join(&theirs.origin);
                }
            }
            // Equal trees have no other pairs.
            (Self::All(_) | Self::Any(_) | Self::Not(_) | Self::Item(_), _) => {}
        }
    }

    /// All items, in order.
    pub fn items(&self) -> Vec<&Item<S>> {
        match self {
            Self::All(operands) | Self::Any(operands) => {
                operands.iter().flat_map(Self::items).collect()
            }
            Self::Not(operand) => operand.items(),
            Self::Item(item) => vec![item],
        }
    }
}

impl<S: State> Item<S> {
    /// The name of the field; `None` for keywords.
    pub fn field_name(&self) -> Option<&str> {
        self.field.as_ref().map(HasName::name)
    }

    /// The same tests on another field.
    #[must_use]
    pub fn with_field(&self, field: Option<S::Field>) -> Self {
        Self { field, ..self.clone() }
    }

    /// The same item in another state, with these tests.
    pub fn with_state<T: State>(
        &self,
        field: Option<T::Field>,
        predicates: Vec<Predicate<T>>,
    ) -> Item<T> {
        let Self { link, negated, origin, .. } = self;
        Item { field, link: *link, negated: *negated, predicates, origin: origin.clone() }
    }

    /// The same item with other tests.
    #[must_use]
    pub fn with_predicates(&self, predicates: Vec<Predicate<S>>) -> Self {
        Self { predicates, field: self.field.clone(), origin: self.origin.clone(), ..*self }
    }

    /// The item on the values of several fields together: a test holds if it holds for any of them, but
    /// absence is absence from all.
    pub fn on_any_of(&self, fields: &[S::Field]) -> Option<Expr<S>> {
        if let [field] = fields {
            return Some(Expr::Item(self.with_field(Some(field.clone()))));
        }
        let (nulls, tests): (Vec<_>, Vec<_>) =
            self.predicates.iter().cloned().partition(|it| it.test == Test::Null);
        let on_fields = |predicates: &[Predicate<S>]| -> Vec<Expr<S>> {
            let plain = Self { negated: false, ..self.with_predicates(predicates.to_vec()) };
            fields.iter().map(|field| Expr::Item(plain.with_field(Some(field.clone())))).collect()
        };
        let absent = (!nulls.is_empty()).then(|| Expr::all(on_fields(&nulls))).flatten();
        let joined = match self.link {
            Link::Any => {
                let present = (!tests.is_empty()).then(|| Expr::any(on_fields(&tests))).flatten();
                Expr::any(present.into_iter().chain(absent))
            }
            Link::All => {
                let present = tests.chunks(1).filter_map(|test| Expr::any(on_fields(test)));
                Expr::all(present.chain(absent).collect::<Vec<_>>())
            }
        };
        joined.map(|expr| expr.negated_if(self.negated))
    }
}
