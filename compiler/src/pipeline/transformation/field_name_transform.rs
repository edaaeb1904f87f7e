//! `field_name_transform`: a function of Python gives fields their names. A file cannot hold one.

use super::{Context, Entry, Owner, Settings, Transformation};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

pub(super) const ENTRY: Entry = Entry {
    name: "field_name_transform",
    owner: Owner::PySigma,
    keys: &["mapping", "transform_func", "apply_keyword"],
    parse,
};

fn parse(
    settings: &Settings,
    _: &Context,
    diagnostics: &mut Diagnostics,
) -> Option<Box<dyn Transformation>> {
    let span = settings.node("type").map_or(settings.span(), |it| it.span);
    let message = "`field_name_transform` calls a function of Python, which no file can hold";
    let help = "write `field_name_mapping`, `field_name_prefix_mapping`, `field_name_prefix` or `field_name_suffix`";
    diagnostics.push(Diagnostic::new(Code::InvalidPipeline, span, message).with_help(help));
    None
}
