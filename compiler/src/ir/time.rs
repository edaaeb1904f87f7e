//! The time of an event, as nanoseconds since 1970-01-01T00:00:00Z.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{Event, Scalar, State};

/// The fields that hold the time of an event, the first that is there counts.
pub const TIME_FIELDS: &[&str] = &["@timestamp", "_time", "timestamp", "TimeCreated", "UtcTime"];

/// The time of an event: of the field that is named, else of the first of [`TIME_FIELDS`] that the event
/// has. `None` if there is no such field, or none of its values is a time.
pub fn time_of<S: State>(event: &Event<S>, field: Option<&str>) -> Option<i128> {
    let named = field.into_iter();
    let usual = TIME_FIELDS.iter().copied().filter(|_| field.is_none());
    let present = named.chain(usual).map(|name| event.values(name)).find(|it| !it.is_empty())?;
    present.into_iter().find_map(parse_time)
}

/// The places of events in the order of their times; those of one time stay in the order in which they
/// were given. Events without a time come first, in that order.
pub fn by_time(times: &[Option<i128>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by_key(|place| times.get(*place).copied().flatten());
    order
}

/// A time in one of these forms: RFC 3339; the same without an offset, as Sysmon and the event log of
/// Windows write it, which is UTC; `/Date(ms)/`, as PowerShell writes it; seconds since 1970.
pub fn parse_time(value: Scalar) -> Option<i128> {
    let text = match value {
        Scalar::Text(text) | Scalar::Number(text) => text.trim(),
        Scalar::Bool(_) => return None,
    };
    let milliseconds = text.strip_prefix("/Date(").and_then(|it| it.strip_suffix(")/"));
    if let Some(milliseconds) = milliseconds {
        return Some(milliseconds.parse::<i128>().ok()? * 1_000_000);
    }
    parse_seconds(text).or_else(|| parse_stamp(text)).or_else(|| parse_civil(text))
}

fn parse_stamp(text: &str) -> Option<i128> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_nanosecond)
}

fn parse_civil(text: &str) -> Option<i128> {
    let civil = text.parse::<DateTime>().ok()?;
    Offset::UTC.to_timestamp(civil).ok().map(Timestamp::as_nanosecond)
}

/// Digits are taken one by one, so that nothing is rounded on its way through a float.
fn parse_seconds(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_decimal = |part: &str| part.bytes().all(|it| it.is_ascii_digit());
    // No event is from a year that needs more digits.
    if whole.is_empty() || whole.len() > 18 || !is_decimal(whole) || !is_decimal(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(9).collect();
    let nanoseconds =
        whole.parse::<i128>().ok()? * 1_000_000_000 + fraction.parse::<i128>().ok()?;
    Some(if negative { -nanoseconds } else { nanoseconds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::Sigma;

    #[test]
    fn all_forms_of_one_time() {
        let wanted = Some(1_784_297_914_072_213_000);
        for text in [
            "2026-07-17T14:18:34.072213Z",
            "2026-07-17T16:18:34.072213+02:00",
            "2026-07-17T14:18:34.0722130Z",
            "2026-07-17 14:18:34.072213",
            "2026-07-17 14:18:34.072213Z",
            "1784297914.072213",
        ] {
            assert_eq!(parse_time(Scalar::Text(text)), wanted, "{text}");
        }
        assert_eq!(parse_time(Scalar::Number("1784297914.072213")), wanted);
        assert_eq!(
            parse_time(Scalar::Text("/Date(1784297914072)/")),
            Some(1_784_297_914_072_000_000)
        );
        assert_eq!(parse_time(Scalar::Text("1970-01-01T00:00:00Z")), Some(0));
        assert_eq!(parse_time(Scalar::Text("-1.5")), Some(-1_500_000_000));
    }

    #[test]
    fn what_is_no_time() {
        for text in ["", "-", "yesterday", "2026-13-01T00:00:00Z", "1e9", "99999999999999999999"] {
            assert_eq!(parse_time(Scalar::Text(text)), None, "{text}");
        }
        assert_eq!(parse_time(Scalar::Bool(true)), None);
    }

    #[test]
    fn the_first_field_that_is_there_counts() {
        let event = |text: &str| Event::<Sigma>::new(serde_json::from_str(text).unwrap());
        let both = event(r#"{"UtcTime": "1970-01-01 00:00:02", "_time": "1", "when": 3}"#);
        assert_eq!(time_of(&both, None), Some(1_000_000_000));
        assert_eq!(time_of(&both, Some("when")), Some(3_000_000_000));
        assert_eq!(time_of(&both, Some("else")), None);
        assert_eq!(
            time_of(&event(r#"{"@timestamp": null, "timestamp": "5"}"#), None),
            Some(5_000_000_000)
        );
        assert_eq!(time_of(&event(r#"{"@timestamp": "soon", "timestamp": "5"}"#), None), None);
    }

    #[test]
    fn events_of_one_time_keep_their_places() {
        assert_eq!(by_time(&[Some(3), Some(1), None, Some(3), Some(1)]), [2, 1, 4, 0, 3]);
    }
}
