//! The names under which a query is deployed, and its id.
//!
//! ```text
//! title   Rundll32 - NetSupport (x)          what the author wrote
//! name    Rundll32 - NetSupport x            letters and digits of ASCII, space, `-`, `.`, `_`
//! stanza  SIGMA - Rundll32 - NetSupport x - Rule
//! file    rundll32___netsupport_x            as contentctl makes it of the name
//! filter  rundll32___netsupport_x_filter     with the prefix of the macros before it
//! ```

use isogloss_compiler::text::is_hidden;
use sha1::{Digest, Sha1};

/// The names under which a query is deployed. All but the title are pinned by the lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The title of the rule as it is now, for people.
    pub title: String,
    /// The name of a detection: at most [`Self::LONGEST`] characters, none that a stanza cannot hold.
    pub name: String,
    /// The stanza of `savedsearches.conf`.
    pub stanza: String,
    /// The macro by which a team excludes what it knows, with its prefix.
    pub filter: String,
    /// The stem of file names: small letters of ASCII, digits and `_`.
    pub file: String,
}

/// What ends the stanza of a detection.
const RULE: &str = " - Rule";
/// What ends the name of a filter macro.
const FILTER: &str = "_filter";
/// The digits of an id that keep a shortened name apart from others.
const DIGITS: usize = 8;
/// The namespace of ids that are made of text which is no UUID: the nil UUID.
const NIL: [u8; 16] = [0; 16];

impl Names {
    /// The longest name of a detection (contentctl, `CONTENTCTL_MAX_SEARCH_NAME_LENGTH`).
    pub const LONGEST: usize = 67;
    /// The longest stanza that Splunk Enterprise Security takes (contentctl, `ES_MAX_STANZA_LENGTH`).
    pub const LONGEST_STANZA: usize = 99;

    /// The names of a rule, made of its title, or of the name that its author wants. The label is what all
    /// stanzas start with; macros get the prefix.
    ///
    /// A title without a letter or digit of ASCII gives way to the id. What is too long is cut at a word, and
    /// ends in the first digits of the id, so that two rules with one beginning stay apart.
    pub fn new(title: &str, id: &str, own: Option<&str>, label: &str, macro_prefix: &str) -> Self {
        let label = one_line(label);
        let start = if label.is_empty() { String::new() } else { format!("{label} - ") };
        let name = own.and_then(plain).or_else(|| plain(title));
        let name = name.or_else(|| plain(id).map(|id| format!("rule {id}")));
        let name = name.unwrap_or_else(|| format!("rule {}", digits(title)));
        let name = not_reserved(name);
        let distinct = if id.is_empty() { digits(title) } else { digits(id) };
        let name = shortened(&name, room(&start), &distinct);
        let file = stem(&name);
        Self::of(title, &name, &file, &label, macro_prefix)
    }

    /// The names of a rule whose name and file are known already.
    pub fn of(title: &str, name: &str, file: &str, label: &str, macro_prefix: &str) -> Self {
        let label = one_line(label);
        let start = if label.is_empty() { String::new() } else { format!("{label} - ") };
        Self {
            title: title.to_owned(),
            name: name.to_owned(),
            stanza: format!("{start}{name}{RULE}"),
            filter: format!("{macro_prefix}{file}{FILTER}"),
            file: file.to_owned(),
        }
    }

    /// The names of the query number `n` of the same rule; the first one has those of the rule.
    #[must_use]
    pub fn numbered(&self, n: usize) -> Self {
        if n <= 1 {
            return self.clone();
        }
        let own = format!("{}{RULE}", self.name);
        let start = self.stanza.strip_suffix(&own).unwrap_or_default();
        let name = format!("{} {n}", self.name);
        let name = shortened(&name, room(start), &format!("{} {n}", digits(&self.name)));
        let file = stem(&name);
        let own = format!("{}{FILTER}", self.file);
        let prefix = self.filter.strip_suffix(&own).unwrap_or_default();
        Self {
            title: format!("{} ({n})", self.title),
            stanza: format!("{start}{name}{RULE}"),
            filter: format!("{prefix}{file}{FILTER}"),
            file,
            name,
        }
    }
}

/// The id of the query number `n` of a rule, a UUID in small letters: the id of the rule for the first one,
/// else one that follows from it (version 5, the id of the rule as namespace, the number as name).
pub fn entry_id(rule_id: &str, n: usize) -> String {
    let Some(bytes) = uuid_bytes(rule_id) else {
        let id = uuid_v5(&NIL, rule_id);
        return if n <= 1 { id } else { entry_id(&id, n) };
    };
    if n <= 1 { uuid_text(&bytes) } else { uuid_v5(&bytes, &n.to_string()) }
}

/// The longest name that a stanza with this start can hold.
fn room(start: &str) -> usize {
    let taken = start.chars().count() + RULE.len();
    // A very long label leaves room for a few words all the same.
    Names::LONGEST_STANZA.saturating_sub(taken).clamp(3 * DIGITS, Names::LONGEST)
}

/// The text with single spaces in place of what a name cannot hold; `None` if nothing is left that can be
/// read.
fn plain(text: &str) -> Option<String> {
    let holds = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '.' | '_');
    let words = text.split(|it: char| !holds(it)).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(|it| matches!(it, ' ' | '-'));
    name.contains(|it: char| it.is_ascii_alphanumeric()).then(|| name.to_owned())
}

/// A name that would be a device on Windows becomes another one.
fn not_reserved(name: String) -> String {
    let device = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    if is_device(&device) { format!("Rule {name}") } else { name }
}

/// True for names that Windows keeps for devices, in small letters and without an extension.
pub fn is_device(name: &str) -> bool {
    let is_port = |name: &str| {
        ["com", "lpt"].iter().any(|port| {
            let number = name.strip_prefix(port).and_then(|it| it.parse::<u8>().ok());
            number.is_some_and(|it| it <= 9)
        })
    };
    matches!(name, "con" | "prn" | "aux" | "nul") || is_port(name)
}

/// The text without what ends or hides a line, and without the brackets of a stanza.
fn one_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|it| if is_hidden(it) || matches!(it, '[' | ']') { ' ' } else { it })
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name, or as many of its words as fit before the mark that tells it apart.
fn shortened(name: &str, room: usize, mark: &str) -> String {
    if name.len() <= room {
        return name.to_owned();
    }
    let space = room.saturating_sub(mark.len() + 1);
    let head: String = name.chars().take(space).collect();
    let ends_a_word = name.chars().nth(space).is_none_or(|it| it == ' ');
    let cut = head.rfind(' ').filter(|cut| !ends_a_word && *cut * 2 > space);
    let head = cut.and_then(|cut| head.get(..cut)).unwrap_or(&head);
    format!("{} {mark}", head.trim_end_matches([' ', '-', '.', '_']))
}

/// The stem of files, as contentctl makes it of a name (`contentNameToFileName`).
fn stem(name: &str) -> String {
    name.to_ascii_lowercase().replace([' ', '-', '.', '/'], "_")
}

/// The first digits of a UUID, or such digits made of any other text.
fn digits(text: &str) -> String {
    let id = entry_id(text, 1);
    id.chars().take(DIGITS).collect()
}

fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    if groups != [8, 4, 4, 4, 12] || !text.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit()) {
        return None;
    }
    let number = u128::from_str_radix(&text.replace('-', ""), 16).ok()?;
    Some(number.to_be_bytes())
}

fn uuid_text(bytes: &[u8; 16]) -> String {
    let digits = format!("{:032x}", u128::from_be_bytes(*bytes));
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|it| digits.get(it).unwrap_or_default());
    groups.join("-")
}

/// A UUID of version 5 (RFC 9562, section 5.5).
fn uuid_v5(namespace: &[u8; 16], name: &str) -> String {
    let hash = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let mut bytes = [0; 16];
    for (byte, of_hash) in bytes.iter_mut().zip(hash.iter()) {
        *byte = *of_hash;
    }
    let mut number = u128::from_be_bytes(bytes);
    number = number & !(0xf << 76) | (5 << 76);
    number = number & !(0b11 << 62) | (0b10 << 62);
    uuid_text(&number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "0f0c7f5c-7e0b-4e5b-9d2c-3b2d6c8c1a55";

    fn named(title: &str) -> Names {
        Names::new(title, ID, None, "SIGMA", "")
    }

    #[test]
    fn names_are_made_of_the_title() {
        let names = named("Remote Access Tool - NetSupport `x`");
        assert_eq!(names.name, "Remote Access Tool - NetSupport x");
        assert_eq!(names.stanza, "SIGMA - Remote Access Tool - NetSupport x - Rule");
        assert_eq!(names.file, "remote_access_tool___netsupport_x");
        assert_eq!(names.filter, "remote_access_tool___netsupport_x_filter");
        assert_eq!(Names::new("a", ID, None, "", "sigma_").filter, "sigma_a_filter");
        assert_eq!(Names::new("a", ID, None, "[x]\n", "").stanza, "x - a - Rule");
        assert_eq!(Names::new("a", ID, Some("b"), "", "").stanza, "b - Rule");
        assert_eq!(Names::new("a", ID, Some("]"), "", "").stanza, "a - Rule");
        assert_eq!(named("Con").file, "rule_con");
        assert_eq!(named("con.exe").name, "Rule con.exe");
    }

    #[test]
    fn titles_without_ascii_give_way_to_the_id() {
        assert_eq!(named("日本語").name, format!("rule {ID}"));
        let other = Names::new("日本語", "", None, "", "").name;
        assert_eq!(other, format!("rule {}", digits("日本語")));
        assert_ne!(other, Names::new("日本", "語", None, "", "").name);
    }

    #[test]
    fn long_titles_are_cut_at_a_word() {
        let title = "Potentially Suspicious Rundll32 Execution With A Renamed Library From Temp";
        let cut = "Potentially Suspicious Rundll32 Execution With A Renamed 0f0c7f5c";
        assert_eq!(named(title).name, cut);
        assert_eq!(named(&"x".repeat(68)).name, format!("{} 0f0c7f5c", "x".repeat(58)));
        assert_eq!(named(&"x".repeat(67)).name, "x".repeat(67));
        let long = Names::new(title, ID, None, &"L".repeat(40), "");
        assert!(long.stanza.len() <= Names::LONGEST_STANZA, "{}", long.stanza);
    }

    #[test]
    fn further_queries_have_numbers() {
        let names = Names::new("a [b]", ID, None, "L", "p_").numbered(2);
        assert_eq!(names.title, "a [b] (2)");
        assert_eq!(names.name, "a b 2");
        assert_eq!(names.stanza, "L - a b 2 - Rule");
        assert_eq!(names.filter, "p_a_b_2_filter");
        let long = named(&"word ".repeat(13));
        let numbers: Vec<String> = (1..=12).map(|n| long.numbered(n).name).collect();
        for (place, name) in numbers.iter().enumerate() {
            assert!(name.len() <= Names::LONGEST, "{name}");
            assert!(!numbers[..place].contains(name), "{name}");
        }
    }

    #[test]
    fn ids_of_further_queries_follow_from_that_of_the_rule() {
        assert_eq!(entry_id(&ID.to_uppercase(), 1), ID);
        // Python: uuid.uuid5(uuid.NAMESPACE_DNS, "2")
        let dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        assert_eq!(entry_id(dns, 2), "4b166dbe-d99d-5091-abdd-95b83330ed3a");
        assert_eq!(entry_id("a-1", 1), "b94b28fa-c4e0-5a87-8c3d-55a0fe6e7eb6");
        assert_eq!(entry_id("a-1", 2), entry_id(&entry_id("a-1", 1), 2));
    }

    proptest! {
        #[test]
        fn no_title_makes_a_hostile_name(
            title in "\\PC{0,90}|[ \\[\\]\\n\\t\\u{0}\\u{202e}._/\\\\a-zé-]{0,90}|(?s).{0,40}",
            own in proptest::option::of("(?s).{0,80}"),
            label in "(?s).{0,30}|[A-Za-z ]{0,60}",
            n in 1usize..200,
        ) {
            let names = Names::new(&title, ID, own.as_deref(), &label, "p_");
            for names in [names.clone(), names.numbered(n)] {
                let Names { name, stanza, filter, file, .. } = names;
                prop_assert!(!name.is_empty() && name.len() <= Names::LONGEST, "{name}");
                let plain = |it: char| it.is_ascii_alphanumeric() || " -._".contains(it);
                prop_assert!(name.chars().all(plain) && name.trim() == name, "{name:?}");
                prop_assert!(file.chars().all(|it| matches!(it, 'a'..='z' | '0'..='9' | '_')));
                prop_assert!(file.contains(|it: char| it.is_ascii_alphanumeric()));
                prop_assert_eq!(&file, &name.to_lowercase().replace([' ', '-', '.', '/'], "_"));
                prop_assert_eq!(filter, format!("p_{file}_filter"));
                prop_assert!(!stanza.contains(['[', ']', '\n', '\r', '\0']), "{stanza:?}");
                let wanted = format!("{name} - Rule");
                prop_assert!(stanza.ends_with(&wanted) && stanza.trim() == stanza);
                prop_assert!(!is_device(&file));
            }
        }

        #[test]
        fn ids_are_uuids(text in "(?s).{0,40}", n in 1usize..9) {
            let id = entry_id(&text, n);
            prop_assert_eq!(uuid_bytes(&id).map(|it| uuid_text(&it)), Some(id));
        }
    }
}
