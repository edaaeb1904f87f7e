//! Lints on the ids of MITRE ATT&CK in tags.
//!
//! New ids are given every year, so only those are reported that no later version can bring: numbers of
//! techniques are given in order, and so are those of the sub-techniques of one technique.

mod techniques;

use techniques::{REPLACED, TECHNIQUES};

use super::{Context, tag};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// From here on, numbers are shared with ATT&CK for mobile devices, which is not known here.
const FIRST_OF_MOBILE: u16 = 1398;
/// Enterprise has `ta0001` to `ta0043`, among them those of mobile devices, and industrial systems have
/// `ta0100` to `ta0111`; what follows is newer. `ta0012` to `ta0026` were of a part that is gone.
const TACTICS: &[(u16, u16)] = &[(1, 11), (27, 43), (100, u16::MAX)];

/// Techniques that were revoked.
pub(super) fn replaced(context: &Context, found: &mut Diagnostics) {
    for tag in tag::tags(context) {
        let Some(("attack", id)) = tag::split(&tag.value) else { continue };
        if let Some((_, heir)) = REPLACED.iter().find(|(old, _)| *old == id) {
            let message = format!("ATT&CK has replaced `{id}` by `{heir}`");
            let (_, span) = tag::parts(context, tag);
            let finding = Diagnostic::new(Code::ReplacedTechnique, span, message);
            found.push(finding.with_help(format!("write `attack.{heir}`")));
        }
    }
}

/// Ids of techniques and tactics that are not there.
pub(super) fn unknown(context: &Context, found: &mut Diagnostics) {
    for tag in tag::tags(context) {
        let Some(("attack", id)) = tag::split(&tag.value) else { continue };
        if is_missing(id) == Some(true) {
            let message = format!("ATT&CK has no `{id}`");
            let (_, span) = tag::parts(context, tag);
            let finding = Diagnostic::new(Code::UnknownTechnique, span, message);
            let help = "look it up at attack.mitre.org: it is misspelt, or was revoked";
            found.push(finding.with_help(help));
        }
    }
}

/// Whether an id is surely not there; `None` if it is no id of a technique or a tactic.
fn is_missing(id: &str) -> Option<bool> {
    if let Some(number) = id.strip_prefix("ta") {
        let number: u16 = number.parse().ok()?;
        return Some(!TACTICS.iter().any(|(first, last)| (*first..=*last).contains(&number)));
    }
    let numbers = id.strip_prefix('t')?;
    let (technique, part) = numbers.split_once('.').unwrap_or((numbers, ""));
    // Those of industrial systems start with a zero.
    let technique: u16 = technique.parse().ok().filter(|_| !technique.starts_with('0'))?;
    let Ok(place) = TECHNIQUES.binary_search_by_key(&technique, |(number, _, _)| *number) else {
        return Some(technique < FIRST_OF_MOBILE);
    };
    let (_, last, gaps) = TECHNIQUES.get(place)?;
    if part.is_empty() {
        return Some(false);
    }
    let part: u16 = part.parse().ok()?;
    Some(part == 0 || (part <= *last && gaps.contains(&part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_version_can_bring_is_missing() {
        for (id, wanted) in [
            ("t1059", Some(false)),
            ("t1059.001", Some(false)),
            ("t1059.000", Some(true)),
            ("t1059.099", Some(false)),
            ("t1218.006", Some(true)),
            ("t1086", Some(true)),
            ("t1095.001", Some(false)),
            ("t1086.001", Some(true)),
            ("t1398", Some(false)),
            ("t1999", Some(false)),
            ("t0800", None),
            ("ta0001", Some(false)),
            ("ta0015", Some(true)),
            ("ta0112", Some(false)),
            ("execution", None),
            ("g0032", None),
        ] {
            assert_eq!(is_missing(id), wanted, "{id}");
        }
    }

    #[test]
    fn techniques_stand_in_order() {
        assert!(TECHNIQUES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(REPLACED.is_sorted_by(|a, b| a.0 < b.0));
        for (number, last, gaps) in TECHNIQUES {
            assert!(gaps.is_sorted() && gaps.iter().all(|it| it < last), "{number}");
        }
    }
}
