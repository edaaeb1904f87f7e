//! What the tags of a rule say about ATT&CK, as annotations of Enterprise Security have it.

/// The ids of techniques, such as `T1036.003`, each once.
pub(super) fn techniques(tags: &[String]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for tag in tags {
        let Some(id) = tag.strip_prefix("attack.").map(str::to_uppercase) else { continue };
        if is_technique(&id) && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn is_technique(id: &str) -> bool {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|it| it.is_ascii_digit());
    let Some(number) = id.strip_prefix('T') else { return false };
    match number.split_once('.') {
        Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
        None => digits(number, 4),
    }
}

/// The phases of the kill chain of the rule's tactics, in the order of the chain.
pub(super) fn phases(tags: &[String]) -> Vec<&'static str> {
    let mut phases: Vec<&str> = Vec::new();
    for (tactic, phase) in PHASES {
        let says = |tag: &String| tag.strip_prefix("attack.") == Some(tactic);
        if tags.iter().any(says) && !phases.contains(phase) {
            phases.push(phase);
        }
    }
    phases
}

/// The phase of each tactic, as Splunk's content has them (`splunk/contentctl`,
/// `contentctl/objects/constants.py`).
const PHASES: &[(&str, &str)] = &[
    ("reconnaissance", "Reconnaissance"),
    ("resource-development", "Weaponization"),
    ("initial-access", "Delivery"),
    ("privilege-escalation", "Exploitation"),
    ("defense-evasion", "Exploitation"),
    ("stealth", "Exploitation"),
    ("defense-impairment", "Exploitation"),
    ("credential-access", "Exploitation"),
    ("discovery", "Exploitation"),
    ("lateral-movement", "Exploitation"),
    ("collection", "Exploitation"),
    ("execution", "Installation"),
    ("persistence", "Installation"),
    ("command-and-control", "Command and Control"),
    ("exfiltration", "Actions on Objectives"),
    ("impact", "Actions on Objectives"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_techniques_and_phases() {
        let tags = [
            "attack.impact",
            "attack.t1036",
            "attack.execution",
            "attack.t1059.001",
            "attack.s0154",
            "cve.2020-1",
            "attack.t1036",
        ];
        let tags = tags.map(str::to_owned);
        assert_eq!(techniques(&tags), ["T1036", "T1059.001"]);
        assert_eq!(phases(&tags), ["Installation", "Actions on Objectives"]);
    }
}
