//! Times: seconds since 1970, the lengths of spans, and the forms of `strftime` (Splunk documentation,
//! "Date and time format variables"). The time zone is UTC.

const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400;

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Nanoseconds as seconds with a fraction, without zeros at its end.
pub(super) fn seconds(time: i128) -> String {
    let sign = if time < 0 { "-" } else { "" };
    let (whole, fraction) = (time.abs() / SECOND, time.abs() % SECOND);
    let text = format!("{sign}{whole}.{fraction:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Seconds with a fraction as nanoseconds; what lies behind the ninth digit is cut.
pub(super) fn nanoseconds(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let whole: i128 = whole.parse().ok()?;
    let fraction: i128 = fraction.parse().ok()?;
    Some(sign * (whole.checked_mul(SECOND)?.checked_add(fraction)?))
}

/// The length of a span such as `5m` or `2days`, in nanoseconds. A number alone is of seconds. Months
/// and longer have no fixed length.
pub(super) fn span(text: &str) -> Option<i128> {
    let digits = text.len() - text.trim_start_matches(|it: char| it.is_ascii_digit()).len();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: i128 = if number.is_empty() { 1 } else { number.parse().ok()? };
    let unit = match unit {
        "us" => 1_000,
        "ms" => 1_000_000,
        "cs" => 10_000_000,
        "ds" => 100_000_000,
        "" | "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" => 60 * SECOND,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600 * SECOND,
        "d" | "day" | "days" => DAY * SECOND,
        _ => return None,
    };
    number.checked_mul(unit).filter(|it| *it > 0)
}

/// A moment by the calendar.
struct Moment {
    year: i128,
    month: i128,
    day: i128,
    /// Days since Sunday.
    weekday: i128,
    /// Days since the start of the year, from 1.
    yearday: i128,
    /// Seconds since midnight.
    seconds: i128,
    nanoseconds: i128,
}

/// The days since 1970 of a day of the Gregorian calendar.
fn days(year: i128, month: i128, day: i128) -> i128 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (century, rest) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    century * 146_097 + rest * 365 + rest / 4 - rest / 100 + of_year - 719_468
}

impl Moment {
    fn of(time: i128) -> Self {
        let (whole, nanoseconds) = (time.div_euclid(SECOND), time.rem_euclid(SECOND));
        let (today, seconds) = (whole.div_euclid(DAY), whole.rem_euclid(DAY));
        // 400 years are 146,097 days.
        let mut year =
            1970 + 400 * today.div_euclid(146_097) + today.rem_euclid(146_097).div_euclid(366);
        while days(year + 1, 1, 1) <= today {
            year += 1;
        }
        let month = (1..=12).rev().find(|month| days(year, *month, 1) <= today).unwrap_or(1);
        Self {
            year,
            month,
            day: today - days(year, month, 1) + 1,
            weekday: (today + 4).rem_euclid(7),
            yearday: today - days(year, 1, 1) + 1,
            seconds,
            nanoseconds,
        }
    }
}

/// A time in the form that `strftime` describes. A variable that is not known stands as it is.
pub(super) fn write_time(time: i128, form: &str) -> String {
    let moment = Moment::of(time);
    let mut text = String::new();
    let mut rest = form.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let mut variable: String = rest.next().into_iter().collect();
        if variable.starts_with(|it: char| it.is_ascii_digit()) {
            variable.extend(rest.next());
        }
        text.push_str(&write_variable(&moment, time, &variable));
    }
    text
}

fn write_variable(moment: &Moment, time: i128, variable: &str) -> String {
    let hour = moment.seconds / 3600;
    let name = |names: &[&str], at: i128, length: usize| {
        let name = usize::try_from(at).ok().and_then(|at| names.get(at).copied());
        name.unwrap_or_default().chars().take(length).collect::<String>()
    };
    let fraction =
        |digits: usize| format!("{:09}", moment.nanoseconds).chars().take(digits).collect();
    match variable {
        "Y" => format!("{:04}", moment.year),
        "y" => format!("{:02}", moment.year.rem_euclid(100)),
        "m" => format!("{:02}", moment.month),
        "d" => format!("{:02}", moment.day),
        "e" => format!("{:2}", moment.day),
        "j" => format!("{:03}", moment.yearday),
        "H" => format!("{hour:02}"),
        "I" => format!("{:02}", (hour + 11) % 12 + 1),
        "M" => format!("{:02}", moment.seconds / 60 % 60),
        "S" => format!("{:02}", moment.seconds % 60),
        "p" => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        "F" => write_time(time, "%Y-%m-%d"),
        "T" => write_time(time, "%H:%M:%S"),
        "s" => time.div_euclid(SECOND).to_string(),
        "w" => moment.weekday.to_string(),
        "a" => name(&DAYS, moment.weekday, 3),
        "A" => name(&DAYS, moment.weekday, usize::MAX),
        "b" => name(&MONTHS, moment.month - 1, 3),
        "B" => name(&MONTHS, moment.month - 1, usize::MAX),
        "N" | "9N" | "9Q" => fraction(9),
        "3N" | "3Q" | "Q" => fraction(3),
        "6N" | "6Q" => fraction(6),
        "Z" => "UTC".to_owned(),
        "z" => "+0000".to_owned(),
        "%" => "%".to_owned(),
        _ => format!("%{variable}"),
    }
}

/// A text in the form that `strptime` describes; only `%Y %m %d %H %M %S %F %T` are known.
pub(super) fn read_time(text: &str, form: &str) -> Option<i128> {
    let form = form.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S");
    let (mut text, mut form) = (text, form.as_str());
    let (mut date, mut clock) = ((1970, 1, 1), (0, 0, 0));
    while let Some(character) = form.chars().next() {
        form = form.get(character.len_utf8()..)?;
        if character != '%' {
            text = text.strip_prefix(character)?;
            continue;
        }
        let variable = form.chars().next()?;
        form = form.get(variable.len_utf8()..)?;
        let (number, rest) = text.split_at_checked(if variable == 'Y' { 4 } else { 2 })?;
        let number: i128 = number.parse().ok()?;
        text = rest;
        let place = match variable {
            'Y' => &mut date.0,
            'm' => &mut date.1,
            'd' => &mut date.2,
            'H' => &mut clock.0,
            'M' => &mut clock.1,
            'S' => &mut clock.2,
            _ => return None,
        };
        *place = number;
    }
    let seconds = clock.0 * 3600 + clock.1 * 60 + clock.2;
    Some((days(date.0, date.1, date.2) * DAY + seconds) * SECOND)
}
