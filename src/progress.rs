//! How far a long run is, for people at a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::Talk;

/// A line on standard error that shows how far a run is, and goes away at its end. Without a terminal there
/// is none.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

/// What is done in less is not worth a line.
const REDRAWS_A_SECOND: u8 = 10;

impl Progress {
    /// A line for a run; none with `--quiet`.
    pub(crate) fn new(talk: &Talk) -> Self {
        let target = if talk.quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(REDRAWS_A_SECOND)
        };
        Self { bar: ProgressBar::with_draw_target(None, target) }
    }

    /// Begins a stage of so many steps.
    pub(crate) fn stage(&self, what: &'static str, steps: usize) {
        let style = ProgressStyle::with_template("{msg:>12} [{bar:40}] {pos}/{len}");
        if let Ok(style) = style {
            self.bar.set_style(style.progress_chars("=> "));
        }
        self.bar.reset();
        self.bar.set_length(u64::try_from(steps).unwrap_or(u64::MAX));
        self.bar.set_message(what);
        self.bar.enable_steady_tick(Duration::from_millis(200));
    }

    /// One step is done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }

    /// Takes the line away, so that others can be written.
    pub(crate) fn clear(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }
}
