//! Boolean expressions over detection items.

use super::{HasName, Number, Origin, Pattern, Regex, State, chain};

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
    pub predicates: Vec<Predicate>,
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
pub struct Predicate {
    /// What a value is tested for.
    pub test: Test,
    /// The value that the author wrote.
    pub origin: Origin,
}

/// What a value of a field is tested for. All but [`Test::Null`] are false where the field is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
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

    /// The same tests on another field, perhaps of the other state.
    pub fn with_field<T: State>(&self, field: Option<T::Field>) -> Item<T> {
        Item {
            field,
            link: self.link,
            negated: self.negated,
            predicates: self.predicates.clone(),
            origin: self.origin.clone(),
        }
    }

    /// The same item with other tests.
    #[must_use]
    pub fn with_predicates(&self, predicates: Vec<Predicate>) -> Self {
        Self { predicates, field: self.field.clone(), origin: self.origin.clone(), ..*self }
    }

    /// The item on the values of several fields together: a test holds if it holds for any of them, but
    /// absence is absence from all.
    pub fn on_any_of<T: State>(&self, fields: &[T::Field]) -> Option<Expr<T>> {
        if let [field] = fields {
            return Some(Expr::Item(self.with_field(Some(field.clone()))));
        }
        let (nulls, tests): (Vec<_>, Vec<_>) =
            self.predicates.iter().cloned().partition(|it| it.test == Test::Null);
        let on_fields = |predicates: &[Predicate]| -> Vec<Expr<T>> {
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
