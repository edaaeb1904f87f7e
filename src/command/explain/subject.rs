//! What is to be explained: the word on the command line.

use std::path::{Path, PathBuf};

use isogloss_compiler::diagnostic::{Code, nearest};
use isogloss_compiler::ir::LossKind;
use isogloss_compiler::modifier::{MODIFIERS, Modifier};

/// What is to be explained.
pub(super) enum Subject {
    /// A code.
    Code(Code),
    /// A modifier of Sigma.
    Modifier(&'static Modifier),
    /// The rules of a file, or of standard input.
    Rule(PathBuf),
}

/// Reads the word. Codes, kinds of losses and modifiers come first, in any case: a file of such a name is
/// written `./case`. The error is one sentence.
pub(super) fn resolve(word: &str) -> Result<Subject, String> {
    if let Some(code) = find_code(word) {
        return Ok(Subject::Code(code));
    }
    if let Some(modifier) = MODIFIERS.iter().find(|it| it.name.eq_ignore_ascii_case(word)) {
        return Ok(Subject::Modifier(modifier));
    }
    let path = Path::new(word);
    if word == "-" || (path.exists() && !path.is_dir()) {
        return Ok(Subject::Rule(path.to_owned()));
    }
    Err(unknown(word, path))
}

fn find_code(word: &str) -> Option<Code> {
    let code = Code::ALL.iter().find(|it| it.as_str().eq_ignore_ascii_case(word)).copied();
    let kind = || LossKind::ALL.iter().find(|it| it.as_str().eq_ignore_ascii_case(word));
    code.or_else(|| kind().map(|it| it.code()))
}

fn unknown(word: &str, path: &Path) -> String {
    if path.is_dir() {
        return format!("`{word}` is a folder, and rules are explained one file at a time");
    }
    let named_as_file = path.extension().is_some() || word.contains(['/', '\\']);
    if named_as_file {
        return format!(
            "`{word}`: there is no such file; name a rule that is there, or a code such as `E0302`"
        );
    }
    let codes = Code::ALL.iter().map(|it| it.as_str());
    let kinds = LossKind::ALL.iter().map(|it| it.as_str());
    let modifiers = MODIFIERS.iter().map(|it| it.name);
    let help = match nearest(word, kinds.chain(modifiers).chain(codes)) {
        Some(known) => format!("did you mean `{known}`?"),
        None => "`isogloss list codes` and `isogloss list modifiers` show what can be explained"
            .to_owned(),
    };
    format!("`{word}` is no code, no loss, no modifier and no file; {help}")
}
