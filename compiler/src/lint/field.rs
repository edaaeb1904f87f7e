//! Lints on field names.

use super::Context;
use crate::ast::DetectionItem;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// Field names are compared letter for letter: one that differs from a known one only by case is another.
pub(super) fn case(context: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    let Some(field) = &item.field else { return };
    let fields = &context.known.fields;
    if fields.contains(&field.value) {
        return;
    }
    let windows = context.document.rule().and_then(|it| it.logsource.value.product.as_deref());
    let meant = fields.iter().find(|it| it.eq_ignore_ascii_case(&field.value));
    if let Some(meant) = meant.filter(|_| windows == Some("windows")) {
        let message = format!("`{}` differs from the field `{meant}` only by case", field.value);
        let finding = Diagnostic::new(Code::FieldCase, field.span, message);
        found.push(finding.with_help(format!("write `{meant}`")));
    }
}
