//! `isogloss.manifest.json`: what a build wrote into an output folder, and of what. The next build removes
//! what it does not write again, and never touches a file that does not stand here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use isogloss_backends::content::Names;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name of the file.
pub(crate) const NAME: &str = "isogloss.manifest.json";
/// The version of its form.
pub(crate) const FORMAT: u32 = 1;

/// What a build wrote, and of what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The version of isogloss.
    pub(crate) isogloss: String,
    /// The version of this form.
    pub(crate) format: u32,
    /// The target.
    pub(crate) target: String,
    /// The environment, if there is one.
    pub(crate) environment: Option<String>,
    /// The release of the output.
    pub(crate) release: u32,
    /// The hash of the configuration.
    pub(crate) config: String,
    /// The pipelines, in the order in which they were applied.
    pub(crate) pipelines: Vec<Pipeline>,
    /// The rules, by id.
    pub(crate) rules: BTreeMap<String, Rule>,
    /// The hashes of the files, by their paths in the folder.
    pub(crate) artifacts: BTreeMap<String, String>,
}

/// A pipeline that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pipeline {
    /// Its name, or its file.
    pub(crate) name: String,
    /// The hash of its text.
    pub(crate) sha256: String,
}

/// A rule that was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rule {
    /// Its title.
    pub(crate) title: String,
    /// Its file, relative to the configuration.
    pub(crate) path: String,
    /// The hash of its text.
    #[serde(rename = "rule")]
    pub(crate) source: String,
    /// The version of what was made of it.
    pub(crate) version: u32,
    /// The names under which it is deployed.
    pub(crate) names: Deployed,
    /// Its queries.
    pub(crate) queries: Vec<Query>,
}

/// The names under which a rule is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deployed {
    /// The name of the detection.
    pub(crate) name: String,
    /// The stanza of the saved search.
    pub(crate) stanza: String,
    /// The macro of the filter.
    pub(crate) filter: String,
    /// The stem of files.
    pub(crate) file: String,
}

impl From<&Names> for Deployed {
    fn from(names: &Names) -> Self {
        let Names { title: _, name, stanza, filter, file } = names.clone();
        Self { name, stanza, filter, file }
    }
}

/// A query that was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Query {
    /// Its language.
    pub(crate) language: String,
    /// Its text.
    pub(crate) text: String,
    /// The hash of its text.
    pub(crate) sha256: String,
    /// How faithful it is to the rule: `exact`, `wider`, `narrower`, `mixed`, `unverified`.
    pub(crate) fidelity: String,
    /// The kinds of its losses, each once.
    pub(crate) losses: Vec<String>,
}

impl Query {
    /// A query as it is built.
    pub(crate) fn new(query: &isogloss_backends::Query) -> Self {
        let text = query.printed.text.clone();
        let kinds: BTreeSet<&str> = query.losses.iter().map(|loss| loss.kind.as_str()).collect();
        Self {
            language: query.language.to_owned(),
            sha256: sha256(text.as_bytes()),
            fidelity: query.fidelity().as_str().to_owned(),
            losses: kinds.into_iter().map(str::to_owned).collect(),
            text,
        }
    }
}

impl Manifest {
    /// The file: equal manifests have equal text.
    pub(crate) fn to_text(&self) -> String {
        // Nothing in it can fail: all keys are text.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Reads the manifest of a folder; `None` if it has none. The error is one sentence.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, String> {
        let path = folder.join(NAME);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        Self::parse(&text).map(Some).map_err(|error| {
            format!(
                "{}: {error}; without it nobody knows which files are isogloss's: take it back, or move \
                 the folder away",
                path.display()
            )
        })
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        /// What every version of the form has.
        #[derive(Deserialize)]
        struct Versioned {
            format: u32,
        }
        let versioned: Versioned = serde_json::from_slice(text)
            .map_err(|error| format!("this is no manifest: {error}"))?;
        match versioned.format {
            FORMAT => serde_json::from_slice(text).map_err(|error| error.to_string()),
            other => Err(format!("it has the form {other}, and this isogloss knows {FORMAT}")),
        }
    }
}

/// The SHA-256 of bytes, in 64 hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let names = Names::new("A", "1", None, "L", "");
        let rule = Rule {
            title: "A".to_owned(),
            path: "rules/a.yml".to_owned(),
            source: sha256(b"a"),
            version: 2,
            names: Deployed::from(&names),
            queries: vec![Query {
                language: "eql".to_owned(),
                text: "any where true".to_owned(),
                sha256: sha256(b"any where true"),
                fidelity: "exact".to_owned(),
                losses: Vec::new(),
            }],
        };
        Manifest {
            isogloss: "0.1.0".to_owned(),
            format: FORMAT,
            target: "eql".to_owned(),
            release: 3,
            pipelines: vec![Pipeline { name: "ecs".to_owned(), sha256: sha256(b"") }],
            rules: [("1".to_owned(), rule)].into(),
            artifacts: [("b".to_owned(), sha256(b"")), ("a/c".to_owned(), sha256(b""))].into(),
            ..Manifest::default()
        }
    }

    #[test]
    fn a_manifest_is_read_back() {
        let text = manifest().to_text();
        assert_eq!(Manifest::parse(text.as_bytes()), Ok(manifest()));
        assert!(text.starts_with("{\n  \"isogloss\": \"0.1.0\",\n  \"format\": 1,\n"), "{text}");
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(folder.path()), Ok(None));
        for (text, wanted) in [
            ("{", "this is no manifest: EOF"),
            ("{\"format\": 7}", "it has the form 7, and this isogloss knows 1"),
            ("{\"format\": 1}", "missing field `isogloss`"),
        ] {
            std::fs::write(folder.path().join(NAME), text).unwrap();
            let error = Manifest::read(folder.path()).unwrap_err();
            assert!(error.contains(wanted), "{error}");
        }
    }
}
