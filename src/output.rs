//! Where results go: standard output, one file, or one file a rule and target.

use std::io::Write;
use std::path::{Component, Path, PathBuf};

use crate::cli::Color;

/// Where results go.
#[derive(Debug)]
pub(crate) enum Output {
    /// Standard output.
    Stdout,
    /// Everything in one file.
    File(PathBuf),
    /// One file a rule and target.
    Folder(PathBuf),
}

impl Output {
    /// Reads `-o`: a folder if it exists as one or ends in `/`, else a file.
    pub(crate) fn new(argument: Option<&str>) -> Self {
        match argument {
            None | Some("-") => Self::Stdout,
            Some(path)
                if path.ends_with(['/', std::path::MAIN_SEPARATOR]) || Path::new(path).is_dir() =>
            {
                Self::Folder(PathBuf::from(path))
            }
            Some(path) => Self::File(PathBuf::from(path)),
        }
    }

    /// Writes the whole result as one text; `name` is its file in a folder. The error is one sentence.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), String> {
        match self {
            Self::Stdout => match std::io::stdout().lock().write_all(text.as_bytes()) {
                // A reader such as `head` that has seen enough is no failure.
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    Err(error.to_string())
                }
                _ => Ok(()),
            },
            Self::File(path) => write_file(path, text),
            Self::Folder(folder) => write_file(&folder.join(name), text),
        }
    }
}

/// Writes styled text to standard output; the styles are taken out where `color` says so.
pub(crate) fn write_styled(text: &str, color: Color) -> Result<(), String> {
    let mut out = anstream::AutoStream::new(std::io::stdout(), color.choice());
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader such as `head` that has seen enough is no failure.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()),
    }
}

/// Writes a file and the folders above it. The error is one sentence.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    std::fs::write(path, text).map_err(fail)
}

/// `<folder>/<target>/<rule path>.<language>`; parts such as `..` are left out, so that nothing is
/// written elsewhere. `document` tells the rules of one file apart.
pub(crate) fn rule_file(
    folder: &Path,
    (target, language): (&str, &str),
    rule: &str,
    document: usize,
) -> PathBuf {
    let parts = Path::new(rule).components().filter_map(|part| match part {
        Component::Normal(name) => Some(name),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
            None
        }
    });
    let path: PathBuf = [folder.as_os_str(), target.as_ref()].into_iter().chain(parts).collect();
    if document == 0 {
        path.with_extension(language)
    } else {
        path.with_extension(format!("{document}.{language}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_in_their_folder() {
        let file = |rule, document| rule_file(Path::new("out"), ("eql", "eql"), rule, document);
        assert_eq!(file("rules/a.yml", 0), Path::new("out/eql/rules/a.eql"));
        assert_eq!(file("../../etc/a.yml", 1), Path::new("out/eql/etc/a.1.eql"));
        assert_eq!(file("/abs/a.yml", 0), Path::new("out/eql/abs/a.eql"));
        let chosen = rule_file(Path::new("out"), ("elastic", "kql"), "rules/a.yml", 0);
        assert_eq!(chosen, Path::new("out/elastic/rules/a.kql"));
    }
}
