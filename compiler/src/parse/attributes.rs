//! The custom attribute `isogloss`. A key that is not known is an error: a typing mistake there
//! would change what is deployed.

use super::deserialize::deserialize;
use super::fields::Fields;
use crate::ast::Attributes;
use crate::ast::attributes::WrittenAttributes;
use crate::diagnostic::{Code, Diagnostics};

const CODE: Code = Code::UnknownAttribute;

/// Reads `isogloss` of a rule; without it, everything has its default.
pub(super) fn parse_attributes(rule: &Fields, diagnostics: &mut Diagnostics) -> Attributes {
    let Some(node) = rule.node("isogloss") else { return Attributes::default() };
    let Some(fields) = Fields::of(node, CODE, diagnostics) else { return Attributes::default() };
    fields.check_version(diagnostics);
    let written = deserialize::<WrittenAttributes>(node, CODE, diagnostics).unwrap_or_default();
    written.into()
}
