//! Tables of comma-separated values (RFC 4180), of which one column is taken.

/// Which column.
pub(super) enum Column {
    /// The one of this name.
    Name(String),
    /// The one at this place, from 0.
    Place(usize),
}

/// The values of a column; rows that are too short have none. The error is one sentence.
pub(super) fn column_of(text: &str, column: &Column, header: bool) -> Result<Vec<String>, String> {
    let mut rows = rows(text).into_iter();
    let names = if header { rows.next().unwrap_or_default() } else { Vec::new() };
    let place = match column {
        Column::Place(place) => *place,
        Column::Name(name) => names
            .iter()
            .position(|it| it == name)
            .ok_or_else(|| format!("the table has no column `{name}`"))?,
    };
    Ok(rows.filter_map(|row| row.into_iter().nth(place)).collect())
}

/// The rows of a table; lines without anything are none.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' if quoted && rest.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && rest.peek() == Some(&'\n') => {}
            '\n' if !quoted => end_row(&mut row, &mut cell, &mut rows),
            other => cell.push(other),
        }
    }
    end_row(&mut row, &mut cell, &mut rows);
    rows
}

fn end_row(row: &mut Vec<String>, cell: &mut String, rows: &mut Vec<Vec<String>>) {
    if row.is_empty() && cell.is_empty() {
        return;
    }
    row.push(std::mem::take(cell));
    rows.push(std::mem::take(row));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_and_lines() {
        let text = "name,host\r\n\"a, \"\"b\"\"\",x\nc\n\n\"d\ne\",y\n";
        let names = column_of(text, &Column::Name("name".to_owned()), true).unwrap();
        assert_eq!(names, ["a, \"b\"", "c", "d\ne"]);
        assert_eq!(column_of(text, &Column::Place(1), true).unwrap(), ["x", "y"]);
        assert_eq!(column_of("a,b\nc,d", &Column::Place(0), false).unwrap(), ["a", "c"]);
        assert!(column_of(text, &Column::Name("other".to_owned()), true).is_err());
    }
}
