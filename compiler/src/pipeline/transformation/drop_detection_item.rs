//! `drop_detection_item`: detection items are left out, which is a loss.

use super::{Applies, Context, Entry, Owner, Replay, Rewrite, Run, Settings, Transformation};
use crate::diagnostic::Diagnostics;

#[derive(Debug)]
struct DropDetectionItem;

pub(super) const ENTRY: Entry =
    Entry { name: "drop_detection_item", owner: Owner::PySigma, keys: &[], parse };

#[expect(clippy::unnecessary_wraps, reason = "transformations with settings are read alike")]
fn parse(_: &Settings, _: &Context, _: &mut Diagnostics) -> Option<Box<dyn Transformation>> {
    Some(Box::new(DropDetectionItem))
}

impl Transformation for DropDetectionItem {
    fn on_rule(&self, run: &mut Run, applies: &Applies) {
        run.rewrite_items(applies, &mut |_, item, _| {
            let what = item.field_name().map_or("keywords".to_owned(), |it| format!("`{it}`"));
            Rewrite::LeaveOut(format!("the pipeline leaves out the test of {what}"))
        });
    }

    fn replay(&self) -> Replay {
        Replay::Nothing
    }
}
