//! Lints on hashes.

use super::{Context, has_patterns, texts};
use crate::ast::DetectionItem;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The algorithms that Sysmon and Sigma name, and how many hexadecimal digits their hashes have.
const ALGORITHMS: &[(&str, usize)] = &[("MD5", 32), ("SHA1", 40), ("SHA256", 64), ("IMPHASH", 32)];

/// `SHA256=…` with another number of digits, or with other characters.
pub(super) fn misfit(_: &Context, item: &DetectionItem, found: &mut Diagnostics) {
    let field = item.field.as_ref().map_or("", |it| it.value.as_str());
    if !matches!(field, "Hash" | "Hashes") || !has_patterns(item) {
        return;
    }
    for (text, span) in texts(item).filter(|(text, _)| !text.contains(['*', '?'])) {
        let Some((name, hash)) = text.split_once('=') else { continue };
        let known = ALGORITHMS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        // Without digits the value asks for the algorithm alone.
        let Some((name, digits)) = known.filter(|_| !hash.is_empty()) else { continue };
        let stray = hash.chars().find(|it| !it.is_ascii_hexdigit());
        let message = match stray {
            Some(stray) => format!("`{stray}` is no hexadecimal digit of a hash"),
            None if hash.len() != *digits => {
                format!("a hash of {name} has {digits} digits, and this one {}", hash.len())
            }
            None => continue,
        };
        let finding = Diagnostic::new(Code::MisfitHash, span, message);
        let fits = ALGORITHMS.iter().filter(|(_, digits)| stray.is_none() && *digits == hash.len());
        let names: Vec<String> = fits.map(|(name, _)| format!("`{name}`")).collect();
        found.push(finding.with_help(match &*names {
            [] => "copy the whole hash again".to_owned(),
            names => format!("{} has as many: correct the name, or the hash", names.join(" or ")),
        }));
    }
}
