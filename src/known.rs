//! What the built-in pipelines know about Sigma's names.

use isogloss_compiler::lint::Known;
use isogloss_compiler::source::SourceId;
use isogloss_compiler::yaml::{Node, parse_yaml};
use isogloss_pipelines::PIPELINES;

/// The fields that any built-in pipeline maps.
pub(crate) fn from_pipelines() -> Known {
    let mut known = Known::default();
    for file in PIPELINES.iter().flat_map(|it| it.files) {
        // The tests of the pipelines see to it that their text is sound.
        for document in parse_yaml(SourceId(u32::MAX), file.text, &mut Vec::new()) {
            let items = document.get("transformations").map_or(&[][..], Node::elements);
            let mappings = items.iter().filter_map(|item| item.get("mapping")?.as_mapping());
            let names = mappings.flatten().filter_map(|(key, _)| key.as_text());
            known.fields.extend(names.map(str::to_owned));
        }
    }
    known
}

#[cfg(test)]
mod tests {
    #[test]
    fn fields_of_sigma_are_known() {
        let known = super::from_pipelines();
        assert!(known.fields.contains("CommandLine") && known.fields.contains("Image"));
    }
}
