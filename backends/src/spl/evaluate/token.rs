//! The tokens of the raw text (Splunk documentation, "segmenters.conf", the default segmentation).

/// Characters between tokens: first the major breakers, then the minor ones.
const BREAKERS: &str = "[]<>(){}|!;,'\"*\n\r \t&?+/:=@.-$#%\\_";
/// Escapes of URLs that are major breakers too; a longer one comes first.
const ESCAPES: &[&str] = &[
    "%2526", "%2520", "%21", "%26", "%3b", "%7c", "%20", "%2b", "%3d", "%5d", "%5b", "%3a", "%0a",
    "%2c", "%28", "%29",
];

/// True if the term is a run of whole tokens, as `is_like` compares them.
pub(super) fn holds_term(raw: &str, term: &str, is_like: &dyn Fn(&str, &str) -> bool) -> bool {
    let tokens = tokens(raw);
    let between = |it: char| it != '*' && BREAKERS.contains(it);
    let term = term.trim_matches(between);
    let single = !term.contains(between);
    tokens.iter().enumerate().any(|(first, (start, end))| {
        let ends = tokens.iter().skip(first).map(|(_, end)| *end);
        let mut ends: Vec<usize> = if single { vec![*end] } else { ends.collect() };
        ends.retain(|end| raw.get(*start..*end).is_some_and(|text| is_like(text, term)));
        !ends.is_empty()
    })
}

/// Where tokens start and end.
fn tokens(raw: &str) -> Vec<(usize, usize)> {
    let mut tokens = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(rest) = raw.get(at..).filter(|it| !it.is_empty()) {
        let skip = breaker(rest);
        if skip > 0 {
            tokens.push((start, at));
            at += skip;
            start = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    tokens.push((start, at));
    tokens.retain(|(start, end)| start < end);
    tokens
}

/// The length of the breaker that the text begins with.
fn breaker(text: &str) -> usize {
    let starts =
        |escape: &&&str| text.get(..escape.len()).is_some_and(|it| it.eq_ignore_ascii_case(escape));
    if let Some(escape) = ESCAPES.iter().find(starts) {
        return escape.len();
    }
    let first = text.chars().next();
    first.filter(|it| BREAKERS.contains(*it)).map_or(0, char::len_utf8)
}
