//! Days of rules.

/// Where a rule has no date: content needs one.
pub(super) const NO_DATE: &str = "1970-01-01";

/// Seconds from 1970 to the start of a day `YYYY-MM-DD`, in UTC. `None` if it is no day.
pub(super) fn seconds(day: &str) -> Option<i64> {
    let mut parts = day.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that start in March end with the leap day.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        for (day, wanted) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2024-03-01", 1_709_251_200),
            ("2026-11-20", 1_795_132_800),
        ] {
            assert_eq!(seconds(day), Some(wanted), "{day}");
        }
        assert_eq!(["", "2024-13-01", "x", "2024-01-01-01"].map(seconds), [None; 4]);
    }
}
