//! The texts that an analyst reads: description, investigation guide, setup, authors.

use serde::Serialize;

use super::super::entry::Entry;
use super::{Settings, make};

/// What the rule says of itself, and in a last line where it comes from.
pub(super) fn description(entry: &Entry, settings: &Settings) -> String {
    format!("{}\n\n{}", about(entry), origin(entry, settings))
}

/// What the rule says of itself, else its title.
fn about(entry: &Entry) -> String {
    let said = entry.metadata.description.as_deref().map(str::trim);
    said.filter(|text| !text.is_empty()).map_or_else(|| make::name(entry), str::to_owned)
}

/// One line that names the rule, its authors and its licence.
fn origin(entry: &Entry, settings: &Settings) -> String {
    let rule = entry.metadata.id.as_deref().unwrap_or(&entry.id);
    let mut parts = vec![format!("Sigma rule {rule}"), entry.path.to_owned()];
    let authors = authors_of_rule(entry);
    if !authors.is_empty() {
        parts.push(format!("by {}", authors.join(", ")));
    }
    let license = entry.metadata.license.as_deref().or(settings.license);
    parts.extend(license.map(|it| format!("licence {it}")));
    parts.retain(|part| !part.trim().is_empty());
    parts.join("; ")
}

/// Those of the attribute, else those of the rule.
pub(super) fn authors(entry: &Entry) -> Vec<String> {
    let own = &entry.attributes.elastic.author;
    if own.is_empty() { authors_of_rule(entry) } else { own.clone() }
}

fn authors_of_rule(entry: &Entry) -> Vec<String> {
    entry.metadata.author.as_deref().map(split_authors).unwrap_or_default()
}

/// Sigma has one text for all authors. They are parted by commas, semicolons, `and` and `&`; what stands in
/// brackets belongs to the author before it.
fn split_authors(text: &str) -> Vec<String> {
    let mut authors: Vec<String> = Vec::new();
    let (mut author, mut depth) = (String::new(), 0_usize);
    for word in text.split_inclusive(|it: char| it.is_whitespace() || it == ',' || it == ';') {
        depth = word.chars().fold(depth, |depth, it| match it {
            '(' | '[' => depth + 1,
            ')' | ']' => depth.saturating_sub(1),
            _ => depth,
        });
        let bare = word.trim_end_matches(|it: char| it.is_whitespace() || it == ',' || it == ';');
        let is_joint = depth == 0 && matches!(bare, "and" | "&");
        if !is_joint {
            author.push_str(if depth == 0 { bare } else { word });
        }
        if depth == 0 {
            if is_joint || word.ends_with([',', ';']) {
                authors.push(std::mem::take(&mut author));
            } else if bare.len() < word.len() {
                author.push(' ');
            }
        }
    }
    authors.push(author);
    let mut once: Vec<String> = Vec::new();
    for author in authors.iter().map(|it| it.trim()).filter(|it| !it.is_empty()) {
        if !once.iter().any(|it| it == author) {
            once.push(author.to_owned());
        }
    }
    once
}

/// What the templates of the investigation guide and of the setup can name.
#[derive(Serialize)]
struct Context<'e> {
    title: String,
    description: String,
    false_positives: &'e [String],
    references: &'e [String],
    /// The fields that the query tests, but for those of log sources.
    fields: Vec<&'e str>,
    index: &'e [String],
    /// `logsource.definition`: what has to be switched on for the events to be there.
    definition: &'e str,
}

/// Fields that say which log source an event is from, and nothing about an attack.
const SCOPE: &[&str] = &["event.category", "event.dataset", "event.type", "host.os.type"];

impl<'e> Context<'e> {
    fn of(entry: &'e Entry, index: &'e [String]) -> Self {
        let definition = entry.metadata.logsource.get("definition");
        let fields = entry.facts.fields.iter().map(|field| field.name.as_str());
        Self {
            title: make::name(entry),
            description: about(entry),
            false_positives: &entry.metadata.falsepositives,
            references: &entry.metadata.references,
            fields: fields.filter(|name| !SCOPE.contains(name)).collect(),
            index,
            definition: definition.and_then(|it| it.as_str()).unwrap_or_default().trim(),
        }
    }
}

/// The investigation guide: that of the attribute, else that of the template. The error is for people.
pub(super) fn note(entry: &Entry, index: &[String], settings: &Settings) -> Result<String, String> {
    if let Some(note) = &entry.attributes.elastic.note {
        return Ok(note.clone());
    }
    let text = settings.templates.render("elastic/note.md.j2", Context::of(entry, index))?;
    Ok(text.trim().to_owned())
}

/// What has to be set up: that of the attribute, else that of the template. The error is for people.
pub(super) fn setup(
    entry: &Entry,
    index: &[String],
    settings: &Settings,
) -> Result<String, String> {
    if let Some(setup) = &entry.attributes.elastic.setup {
        return Ok(setup.clone());
    }
    let text = settings.templates.render("elastic/setup.md.j2", Context::of(entry, index))?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::split_authors;

    #[test]
    fn authors_are_told_apart() {
        for (text, wanted) in [
            ("isogloss contributors", vec!["isogloss contributors"]),
            (
                "Florian Roth (Nextron Systems), Tim Rauch and Elastic (idea, more)",
                vec!["Florian Roth (Nextron Systems)", "Tim Rauch", "Elastic (idea, more)"],
            ),
            ("@a;@b , @a", vec!["@a", "@b"]),
            ("Sand Andy & Co", vec!["Sand Andy", "Co"]),
            ("a (b", vec!["a (b"]),
            (" , ", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(split_authors(text), wanted, "{text}");
        }
    }
}
