//! Parts of a time, in UTC.

use jiff::Timestamp;
use jiff::tz::Offset;

/// A part of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// The day of the month, 1 to 31.
    Day,
    /// The week of ISO 8601, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// Such as 2026.
    Year,
}

impl TimePart {
    /// All parts with the names of their modifiers.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("minute", Self::Minute),
        ("hour", Self::Hour),
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("year", Self::Year),
    ];

    /// The name of its modifier.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The part of a time, which is given in nanoseconds since 1970. `None` if the time is out of the
    /// reach of a calendar.
    pub fn of(self, time: i128) -> Option<u32> {
        let civil = Offset::UTC.to_datetime(Timestamp::from_nanosecond(time).ok()?);
        let number = match self {
            Self::Minute => civil.minute().into(),
            Self::Hour => civil.hour().into(),
            Self::Day => civil.day().into(),
            Self::Week => civil.iso_week_date().week().into(),
            Self::Month => civil.month().into(),
            Self::Year => civil.year(),
        };
        u32::try_from(number).ok()
    }

    /// The least and the greatest value.
    pub fn range(self) -> (u32, u32) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Week => (1, 53),
            Self::Month => (1, 12),
            Self::Year => (0, 9999),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Scalar, parse_time};

    #[test]
    fn parts_are_those_of_utc() {
        let time = parse_time(Scalar::Text("2027-01-01T01:30:00+02:00")).unwrap();
        let parts: Vec<u32> =
            TimePart::ALL.iter().map(|(_, part)| part.of(time).unwrap()).collect();
        assert_eq!(parts, [30, 23, 31, 53, 12, 2026]);
    }
}
