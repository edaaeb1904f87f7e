//! Whether every target of every environment has a folder of its own.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::clean;
use super::file::File;
use super::mistake::Mistakes;

/// A folder that is built.
struct Output<'f> {
    target: String,
    environment: Option<&'f str>,
    path: PathBuf,
    /// Where the target is named.
    range: Range<usize>,
}

/// Reports folders that lie in each other: what is built into one would be taken away with the other. What is
/// built without an environment is not compared with environments, since it is built without a name to tell
/// it apart.
pub(super) fn check(file: &File, mistakes: &mut Mistakes) {
    let base = outputs_of(file, None);
    let names = file.env.keys().map(|it| it.value.as_str());
    let environments = names.flat_map(|name| {
        file.in_environment(name).map(|it| outputs_of(&it, Some(name))).unwrap_or_default()
    });
    report(&base, mistakes);
    report(&environments.collect::<Vec<_>>(), mistakes);
}

fn outputs_of<'f>(file: &File, environment: Option<&'f str>) -> Vec<Output<'f>> {
    let output = |name: &super::placed::Placed<String>, target: &super::Target| Output {
        target: name.value.clone(),
        environment,
        path: clean(Path::new(&target.output(&name.value, environment))),
        range: name.range.clone(),
    };
    file.targets.iter().map(|(name, target)| output(name, target)).collect()
}

fn report(outputs: &[Output], mistakes: &mut Mistakes) {
    for (place, output) in outputs.iter().enumerate() {
        let clashes =
            |it: &&Output| it.path.starts_with(&output.path) || output.path.starts_with(&it.path);
        let Some(other) = outputs.iter().take(place).find(clashes) else { continue };
        let message =
            format!("{} and {} would be built into one folder", other.name(), output.name());
        let word = if other.target == output.target { "{env}" } else { "{target}" };
        mistakes.invalid(&output.range, message, &format!("write `{word}` into `output`"));
    }
}

impl Output<'_> {
    fn name(&self) -> String {
        match self.environment {
            Some(environment) => format!("`{}` of `{environment}`", self.target),
            None => format!("`{}`", self.target),
        }
    }
}
