//! What keeps an entry from being a rule of Kibana, or is probably not meant.

use super::super::entry::Entry;
use super::super::problem::Problem;
use super::schedule::seconds;
use super::stack::Stack;
use super::{RuleType, Settings, make, rule_type};

/// Most fields that alerts are put together by.
const MOST_FIELDS: usize = 3;
/// Since then alerts show chosen fields first.
const INVESTIGATION_FIELDS: Stack = Stack::of(8, 11);
/// Since then a threshold rule groups by more than three fields (elastic/kibana#227465).
const MANY_GROUPS: Stack = Stack::of(9, 2);

/// Keys of Kibana's rules that no setting of its own writes.
const FREE: &[&str] = &[
    "actions",
    "event_category_override",
    "exceptions_list",
    "filters",
    "meta",
    "namespace",
    "outcome",
    "response_actions",
    "risk_score_mapping",
    "severity_mapping",
    "throttle",
    "timestamp_field",
    "timestamp_override_fallback_disabled",
];

/// What is wrong with an entry as a rule of Kibana.
pub fn check(entry: &Entry, settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_id(entry, &mut problems);
    check_name(entry, &mut problems);
    check_where(entry, &mut problems);
    check_times(entry, &mut problems);
    check_suppression(entry, settings, &mut problems);
    check_stack(entry, settings, &mut problems);
    check_extra(entry, &mut problems);
    if problems.iter().all(|it| !it.is_error) {
        let made = make::make(entry, entry.version, settings).and_then(|it| it.to_object());
        problems.extend(made.err().map(Problem::error));
    }
    problems
}

fn check_id(entry: &Entry, problems: &mut Vec<Problem>) {
    if !is_uuid(&entry.id) {
        let message = format!("`{}` is no UUID in small letters, as ids of rules are", entry.id);
        problems.push(Problem::error(message));
    }
}

/// Groups of 8, 4, 4, 4 and 12 digits.
fn is_uuid(id: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let groups: Vec<&str> = id.split('-').collect();
    groups.iter().map(|it| it.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|it| it.bytes().all(is_digit))
}

fn check_name(entry: &Entry, problems: &mut Vec<Problem>) {
    let name = make::name(entry);
    let name = name.as_str();
    if name.trim().is_empty() {
        problems.push(Problem::error("the rule has no name").with_help("give it a title"));
    } else if !is_usual_name(name) {
        let message = format!(
            "Elastic's own checks refuse the name `{name}`: it has to begin with a letter or a digit of \
             ASCII, and to end with one or with a bracket"
        );
        problems.push(Problem::warning(message).with_help("set `isogloss.elastic.name`"));
    }
}

/// elastic/detection-rules, `NAME_PATTERN`.
fn is_usual_name(name: &str) -> bool {
    let first = name.chars().next().is_some_and(|it| it.is_ascii_alphanumeric());
    let last = |it: char| it.is_ascii_alphanumeric() || matches!(it, '[' | ']' | '(' | ')');
    first && name.chars().next_back().is_some_and(last) && name.chars().nth(2).is_some()
}

fn check_where(entry: &Entry, problems: &mut Vec<Problem>) {
    let elastic = &entry.attributes.elastic;
    if entry.query.printed.text.trim().is_empty() {
        problems.push(Problem::error("the query is empty"));
    }
    let index = if elastic.index.is_empty() { &entry.facts.index } else { &elastic.index };
    let is_empty = index.iter().all(|it| it.trim().is_empty());
    match &elastic.data_view_id {
        Some(id) if id.trim().is_empty() => {
            problems.push(Problem::error("the id of the data view is empty"));
        }
        Some(_) if !elastic.index.is_empty() => {
            let message = "`index` is not used, since `data_view_id` says where the rule searches";
            problems.push(Problem::warning(message));
        }
        None if is_empty => {
            let message =
                "no index pattern is known for the log source, so Kibana would search its defaults";
            let help = "set `isogloss.elastic.index` or `isogloss.elastic.data_view_id`, in the rule or in \
                        `isogloss.toml`, or `index` of the log source in a pipeline";
            problems.push(Problem::error(message).with_help(help));
        }
        Some(_) | None => {}
    }
}

fn check_times(entry: &Entry, problems: &mut Vec<Problem>) {
    let elastic = &entry.attributes.elastic;
    for (key, text) in [("interval", &elastic.interval), ("lookback", &elastic.lookback)] {
        match text.as_deref().map(seconds) {
            Some(Err(error)) => problems.push(Problem::error(format!("`{key}`: {error}"))),
            Some(Ok(0)) if key == "interval" => {
                problems.push(Problem::error("`interval`: a rule cannot run all the time"));
            }
            Some(Ok(_)) | None => {}
        }
    }
    if elastic.max_signals == Some(0) {
        problems.push(Problem::error("`max_signals`: a rule without alerts finds nothing"));
    }
    if entry.metadata.date.is_none() && entry.metadata.modified.is_none() {
        let message = "the rule has no date, so its TOML says it is of 1970";
        problems.push(Problem::warning(message).with_help("give it a `date`"));
    }
}

/// Since when alerts of such a rule are put together (elastic/security-docs, "Suppress detection alerts";
/// sequences: elastic/detection-rules#4326).
pub(super) fn suppresses_since(entry: &Entry, kind: RuleType) -> Stack {
    match kind {
        RuleType::Query => Stack::of(8, 8),
        RuleType::Threshold => Stack::of(8, 12),
        RuleType::Eql if entry.facts.correlation.is_some() => Stack::of(8, 18),
        RuleType::Eql => Stack::of(8, 14),
    }
}

fn check_suppression(entry: &Entry, settings: &Settings, problems: &mut Vec<Problem>) {
    let Some(suppression) = &entry.attributes.elastic.suppression else { return };
    let kind = rule_type(entry);
    let since = suppresses_since(entry, kind);
    if settings.min_stack < since {
        let message = format!(
            "alerts of such a rule are put together since {since}, and the rule has to run on {}: it is \
             written without",
            settings.min_stack
        );
        problems.push(Problem::warning(message).with_help("raise the least version of the stack"));
        return;
    }
    match suppression.duration.as_deref().map(seconds) {
        Some(Err(error)) => problems.push(Problem::error(format!("`suppression`: {error}"))),
        Some(Ok(0)) => problems.push(Problem::error("`suppression`: the duration is nothing")),
        None if kind == RuleType::Threshold => {
            let message = "`suppression`: for a threshold rule it needs a duration";
            problems.push(Problem::error(message));
        }
        Some(Ok(_)) | None => {}
    }
    let fields = suppression.fields.len();
    if kind == RuleType::Threshold && fields > 0 {
        let message =
            "`suppression`: a threshold rule puts alerts together by its own groups, not by fields";
        problems.push(Problem::warning(message));
    } else if kind != RuleType::Threshold && !(1..=MOST_FIELDS).contains(&fields) {
        let message =
            format!("`suppression`: one to {MOST_FIELDS} fields are expected, not {fields}");
        problems.push(Problem::error(message));
    }
}

fn check_stack(entry: &Entry, settings: &Settings, problems: &mut Vec<Problem>) {
    let elastic = &entry.attributes.elastic;
    if !elastic.investigation_fields.is_empty() && settings.min_stack < INVESTIGATION_FIELDS {
        let message = format!("`investigation_fields` are there since {INVESTIGATION_FIELDS}");
        problems.push(Problem::error(message).with_help("raise the least version of the stack"));
    }
    let groups = entry.facts.correlation.as_ref().map_or(0, |it| it.group_by.len());
    let is_threshold = rule_type(entry) == RuleType::Threshold;
    if is_threshold && groups > MOST_FIELDS && settings.min_stack < MANY_GROUPS {
        let message = format!(
            "a threshold rule groups by more than {MOST_FIELDS} fields since {MANY_GROUPS}, and has {groups}"
        );
        problems.push(Problem::error(message).with_help("raise the least version of the stack"));
    }
}

fn check_extra(entry: &Entry, problems: &mut Vec<Problem>) {
    for key in entry.attributes.elastic.extra.keys() {
        if FREE.contains(&key.as_str()) {
            continue;
        }
        if OWN.contains(&key.as_str()) {
            let message = format!("`extra`: `{key}` is written already");
            let help = "set it by its own key of `isogloss.elastic`, or by the rule";
            problems.push(Problem::error(message).with_help(help));
        } else {
            let message = format!("`extra`: Kibana knows no key `{key}` of rules");
            problems.push(Problem::warning(message));
        }
    }
}

/// The keys that are written without `extra`.
const OWN: &[&str] = &[
    "alert_suppression",
    "author",
    "building_block_type",
    "data_view_id",
    "description",
    "enabled",
    "false_positives",
    "from",
    "id",
    "index",
    "interval",
    "investigation_fields",
    "language",
    "license",
    "max_signals",
    "name",
    "note",
    "query",
    "references",
    "related_integrations",
    "required_fields",
    "risk_score",
    "rule_id",
    "rule_name_override",
    "setup",
    "severity",
    "tags",
    "threat",
    "threshold",
    "tiebreaker_field",
    "timeline_id",
    "timeline_title",
    "timestamp_override",
    "to",
    "type",
    "version",
];
