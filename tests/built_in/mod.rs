//! The built-in pipelines, as tests read them.

use std::sync::Arc;

use isogloss_compiler::pipeline::{Pipelines, parse_pipeline};
use isogloss_compiler::source::SourceMap;

/// The built-in pipeline of this name, whose files become sources.
pub(crate) fn built_in(name: &str, sources: &mut SourceMap) -> Pipelines {
    let built_in = isogloss_pipelines::find(name).expect("a built-in pipeline");
    let pipelines = built_in.files.iter().map(|file| {
        let source = sources.add(file.path, file.text);
        let mut diagnostics = Vec::new();
        let read_file = |_: &str| Err(String::new());
        let pipeline = parse_pipeline(source, file.text, &read_file, &mut diagnostics);
        assert!(diagnostics.is_empty(), "{}: {diagnostics:?}", file.path);
        Arc::new(pipeline.expect("a pipeline"))
    });
    Pipelines::new(pipelines)
}
