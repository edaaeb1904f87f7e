//! Which technique stands below which tactic.

use super::{Technique, Version, kill_chain, technique_ids, threats};

fn tags(words: &str) -> Vec<String> {
    words.split_whitespace().map(|it| format!("attack.{it}")).collect()
}

/// One line: `TA0002 Execution: T1059 (T1059.001)`.
fn show(words: &str, version: Version) -> String {
    let threats = threats(&tags(words), version);
    let show = |it: &Technique| match it.subtechniques.as_slice() {
        [] => it.id.clone(),
        parts => {
            let parts: Vec<_> = parts.iter().map(|it| it.id.as_str()).collect();
            format!("{} ({})", it.id, parts.join(" "))
        }
    };
    let tactics = threats.tactics.iter().map(|tactic| {
        let techniques: Vec<String> = tactic.techniques.iter().map(show).collect();
        format!("{} {}: {}", tactic.id, tactic.name, techniques.join(", "))
    });
    let unknown = threats.unknown.iter().map(|it| format!("unknown {it}"));
    tactics.chain(unknown).collect::<Vec<_>>().join("; ")
}

#[test]
fn techniques_stand_below_their_tactics() {
    for (words, old, new) in [
        (
            "command-and-control t1219",
            "TA0011 Command and Control: T1219",
            "TA0011 Command and Control: T1219",
        ),
        (
            "execution t1059.001 t1003 credential_access t1059",
            "TA0002 Execution: T1059 (T1059.001); TA0006 Credential Access: T1003",
            "TA0002 Execution: T1059 (T1059.001); TA0006 Credential Access: T1003",
        ),
        ("stealth t1036", "TA0005 Defense Evasion: T1036", "TA0005 Stealth: T1036"),
        ("defense-evasion t1036", "TA0005 Defense Evasion: T1036", "TA0005 Stealth: T1036"),
        (
            "defense_evasion t1562.001",
            "TA0005 Defense Evasion: T1562 (T1562.001)",
            "TA0112 Defense Impairment: T1685",
        ),
        (
            "ta0005 defense-impairment t1685",
            "TA0005 Defense Evasion: T1562 (T1562.001)",
            "TA0112 Defense Impairment: T1685",
        ),
        ("TA0005", "TA0005 Defense Evasion: ", "TA0005 Stealth: "),
        (
            "T1053.005",
            "TA0002 Execution: T1053 (T1053.005); TA0003 Persistence: T1053 (T1053.005); \
             TA0004 Privilege Escalation: T1053 (T1053.005)",
            "TA0002 Execution: T1053 (T1053.005); TA0003 Persistence: T1053 (T1053.005); \
             TA0004 Privilege Escalation: T1053 (T1053.005)",
        ),
        (
            "persistence t1053.005",
            "TA0003 Persistence: T1053 (T1053.005)",
            "TA0003 Persistence: T1053 (T1053.005)",
        ),
        (
            "impact t1999.001 g0032 ta0099",
            "TA0040 Impact: T1999 (T1999.001); unknown TA0099; unknown T1999.001",
            "TA0040 Impact: T1999 (T1999.001); unknown TA0099; unknown T1999.001",
        ),
        (
            "t1686.003",
            "TA0005 Defense Evasion: T1562 (T1562.004)",
            "TA0112 Defense Impairment: T1686 (T1686.003)",
        ),
    ] {
        assert_eq!(show(words, Version::V18), old, "{words}");
        assert_eq!(show(words, Version::V19), new, "{words}");
    }
}

#[test]
fn names_and_pages() {
    let threats = threats(&tags("execution t1059.001"), Version::V18);
    let tactic = &threats.tactics[0];
    assert_eq!(tactic.reference, "https://attack.mitre.org/tactics/TA0002/");
    let technique = &tactic.techniques[0];
    assert_eq!(technique.name, "Command and Scripting Interpreter");
    assert_eq!(technique.reference, "https://attack.mitre.org/techniques/T1059/");
    let part = &technique.subtechniques[0];
    assert_eq!(part.name, "PowerShell");
    assert_eq!(part.reference, "https://attack.mitre.org/techniques/T1059/001/");
    assert_eq!(kill_chain(&threats.tactics), ["Installation"]);
}

#[test]
fn a_technique_without_any_tactic_is_kept() {
    let threats = threats(&tags("t1999"), Version::V18);
    assert!(threats.tactics.is_empty());
    assert_eq!(threats.without_tactic[0].id, "T1999");
}

#[test]
fn ids_are_those_of_the_version() {
    let tags = tags("t1059 t1059.003 t1685 t1562.001 t1999");
    assert_eq!(technique_ids(&tags, Version::V18), ["T1059.003", "T1562.001", "T1999"]);
    assert_eq!(technique_ids(&tags, Version::V19), ["T1059.003", "T1685", "T1999"]);
}
