//! Entries of content, made of the rules of a folder.

#![allow(
    dead_code,
    clippy::expect_used,
    reason = "each test binary uses a part of it; a test that cannot go on fails"
)]

pub(crate) mod conf;
pub(crate) mod splunk;

use std::collections::BTreeSet;
use std::path::Path;

use isogloss_backends::Options;
use isogloss_backends::content::Artifact;

pub(crate) use crate::entries::Built as Deployment;
use crate::entries::Compiler;

/// All rules of a folder that SPL can say, through a built-in pipeline.
pub(crate) fn deployments(folder: &Path, pipeline: &str, options: &Options) -> Vec<Deployment> {
    Compiler::new("spl", pipeline, options.clone()).folder(folder, folder)
}

/// Writes files below a folder of `$CONTENT_OUT`, if it is set.
pub(crate) fn write(folder: &str, artifacts: &[Artifact]) {
    let Some(out) = std::env::var_os("CONTENT_OUT") else { return };
    for artifact in artifacts {
        let path = Path::new(&out).join(folder).join(&artifact.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(path, &artifact.bytes).expect("written");
    }
}

/// Compares files with their snapshots in a folder below `snapshots/content`, which has no others.
pub(crate) fn snapshots(folder: &str, artifacts: &[Artifact]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/content").join(folder);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&path);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut names = BTreeSet::new();
    for artifact in artifacts {
        let name = artifact.path.replace('/', "_");
        let text = str::from_utf8(&artifact.bytes).expect("text");
        settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
        names.insert(format!("{name}.snap"));
    }
    let files =
        std::fs::read_dir(path).expect("a folder").map(|it| it.expect("a file").file_name());
    let files: BTreeSet<String> = files.map(|it| it.into_string().expect("text")).collect();
    assert_eq!(files, names);
}
