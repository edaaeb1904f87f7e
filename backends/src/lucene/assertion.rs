//! Assertions, put into what stands around them.
//!
//! A part of a regular expression with assertions is a few paths: a language without assertions, and what
//! may stand before and behind it. Where two paths meet, what one asks of its neighbour is taken out of the
//! other's language: `\bfoo` is `foo` behind anything that does not end in a letter. What is still asked at
//! the ends of the whole is put into the runs that stand there, since a value is matched from end to end.

use isogloss_compiler::ir::RegexNode;

use super::class::Beside;
use super::tree::{
    Side, any_of, anything, concat, edge, is_never, is_nullable, is_plain, never, repeat, set,
    simplified, size, with_edge,
};

/// Paths are multiplied out up to this number.
const MAX_PATHS: usize = 64;
/// All paths together have at most so many characters and classes.
const MAX_SIZE: usize = 4000;
/// A repetition with an assertion in it is written out so often.
const MAX_COPIES: u32 = 4;

/// What is kept of a regular expression. Without it, more matches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keep {
    /// Boundaries of words.
    pub(super) words: bool,
    /// Ends of values and lines.
    pub(super) ends: bool,
    /// How often something is repeated.
    pub(super) counts: bool,
}

/// Texts that match from end to end where the regular expression is found, as alternatives. `None` if they
/// are too many.
pub(super) fn resolve(tree: &RegexNode, keep: Keep) -> Option<Vec<RegexNode>> {
    let paths = paths(&simplified(&loosened(tree, keep)))?;
    let wholes = paths.into_iter().map(|path| {
        concat([around(path.left, Side::Last), path.node, around(path.right, Side::First)])
    });
    let mut alternatives = Vec::new();
    for whole in wholes.filter(|it| !is_never(it)) {
        if !alternatives.contains(&whole) {
            alternatives.push(whole);
        }
    }
    Some(alternatives)
}

fn loosened(node: &RegexNode, keep: Keep) -> RegexNode {
    let kept = |keep: bool| if keep { node.clone() } else { RegexNode::Empty };
    match node {
        RegexNode::Empty | RegexNode::Char(_) | RegexNode::Set(_) => node.clone(),
        RegexNode::Start | RegexNode::End | RegexNode::LineStart | RegexNode::LineEnd => {
            kept(keep.ends)
        }
        RegexNode::WordBoundary | RegexNode::NotWordBoundary => kept(keep.words),
        RegexNode::Repeat { node, min, max } => {
            let node = Box::new(loosened(node, keep));
            if keep.counts || max.unwrap_or(*min) <= 1 {
                return RegexNode::Repeat { node, min: *min, max: *max };
            }
            RegexNode::Repeat { node, min: (*min).min(1), max: None }
        }
        RegexNode::Concat(nodes) => {
            RegexNode::concat(nodes.iter().map(|node| loosened(node, keep)))
        }
        RegexNode::Alternate(nodes) => {
            RegexNode::alternate(nodes.iter().map(|node| loosened(node, keep)))
        }
    }
}

/// Any text before a match, with this at its `side`; or behind a match.
fn around(beside: Beside, side: Side) -> RegexNode {
    if beside == Beside::ALL {
        return anything();
    }
    let character = set((beside & Beside::CHARACTER).characters());
    let text = match side {
        Side::First => concat([character, anything()]),
        Side::Last => concat([anything(), character]),
    };
    any_of(beside.holds(Beside::EDGE).then_some(RegexNode::Empty).into_iter().chain([text]))
}

/// A language, and what may stand before and behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Path {
    left: Beside,
    node: RegexNode,
    right: Beside,
}

impl Path {
    fn free(node: RegexNode) -> Self {
        Self { left: Beside::ALL, node, right: Beside::ALL }
    }

    fn between(left: Beside, right: Beside) -> Self {
        Self { left, node: RegexNode::Empty, right }
    }
}

fn paths(node: &RegexNode) -> Option<Vec<Path>> {
    let (word, other) = (Beside::WORD, Beside::WORD.others());
    let line = Beside::EDGE | Beside::LINE_FEED;
    Some(match node {
        RegexNode::Empty | RegexNode::Char(_) | RegexNode::Set(_) => {
            vec![Path::free(node.clone())]
        }
        RegexNode::Start => vec![Path::between(Beside::EDGE, Beside::ALL)],
        RegexNode::End => vec![Path::between(Beside::ALL, Beside::EDGE)],
        RegexNode::LineStart => vec![Path::between(line, Beside::ALL)],
        RegexNode::LineEnd => vec![Path::between(Beside::ALL, line)],
        RegexNode::WordBoundary => vec![Path::between(word, other), Path::between(other, word)],
        RegexNode::NotWordBoundary => vec![Path::between(word, word), Path::between(other, other)],
        RegexNode::Repeat { .. } | RegexNode::Concat(_) | RegexNode::Alternate(_)
            if is_plain(node) =>
        {
            vec![Path::free(node.clone())]
        }
        RegexNode::Repeat { node, min, max } => repeated(&paths(node)?, *min, *max)?,
        RegexNode::Concat(nodes) => joined(nodes)?,
        RegexNode::Alternate(nodes) => {
            let all = nodes.iter().map(paths).collect::<Option<Vec<_>>>()?;
            merged(all.concat())?
        }
    })
}

/// Neighbours without assertions are one node, so that they are not taken apart.
fn joined(nodes: &[RegexNode]) -> Option<Vec<Path>> {
    let mut done = vec![Path::free(RegexNode::Empty)];
    let mut plain = Vec::new();
    for node in nodes {
        if is_plain(node) {
            plain.push(node.clone());
        } else {
            done = append(&done, &[Path::free(concat(std::mem::take(&mut plain)))])?;
            done = append(&done, &paths(node)?)?;
        }
    }
    append(&done, &[Path::free(concat(plain))])
}

fn append(done: &[Path], next: &[Path]) -> Option<Vec<Path>> {
    let pairs = done.iter().flat_map(|left| next.iter().map(move |right| (left, right)));
    merged(pairs.flat_map(|(left, right)| meet(left, right)).collect())
}

/// Two paths one behind the other. Where the text of one is empty, its neighbour's neighbour is asked.
fn meet(first: &Path, second: &Path) -> Vec<Path> {
    let path = |left, nodes: [RegexNode; 2], right| Path { left, node: concat(nodes), right };
    let (looks_back, looks_ahead) = (second.left != Beside::ALL, first.right != Beside::ALL);
    let before = || with_edge(&first.node, second.left, Side::Last);
    let behind = || with_edge(&second.node, first.right, Side::First);
    let left = first.left & second.left;
    let right = first.right & second.right;
    let (empty_before, empty_behind) = (is_nullable(&first.node), is_nullable(&second.node));
    let both = (looks_back || looks_ahead).then(|| {
        let before = if looks_back { before() } else { first.node.clone() };
        let behind = if looks_ahead { behind() } else { second.node.clone() };
        path(first.left, [before, behind], second.right)
    });
    let Some(both) = both else {
        return vec![path(first.left, [first.node.clone(), second.node.clone()], second.right)];
    };
    let mut met = vec![both];
    if looks_back && empty_before {
        let behind = if looks_ahead { behind() } else { second.node.clone() };
        met.push(path(left, [RegexNode::Empty, behind], second.right));
    }
    if looks_ahead && empty_behind {
        let before = if looks_back { before() } else { first.node.clone() };
        met.push(path(first.left, [before, RegexNode::Empty], right));
    }
    if looks_back && looks_ahead && empty_before && empty_behind {
        met.push(Path::between(left, right));
    }
    met
}

/// Paths that differ in one thing only become one; those that nothing matches vanish. `None` if too much
/// is left.
fn merged(paths: Vec<Path>) -> Option<Vec<Path>> {
    let mut done: Vec<Path> = Vec::new();
    for path in paths {
        if is_never(&path.node) || path.left == Beside::NONE || path.right == Beside::NONE {
            continue;
        }
        match done.iter_mut().find(|known| differ_once(known, &path)) {
            Some(known) => {
                *known = Path {
                    left: known.left | path.left,
                    node: any_of([known.node.clone(), path.node]),
                    right: known.right | path.right,
                }
            }
            None => done.push(path),
        }
    }
    let size: usize = done.iter().map(|path| size(&path.node)).sum();
    (done.len() <= MAX_PATHS && size <= MAX_SIZE).then_some(done)
}

fn differ_once(one: &Path, other: &Path) -> bool {
    let same = [one.left == other.left, one.node == other.node, one.right == other.right];
    same.iter().filter(|it| **it).count() >= 2
}

fn repeated(paths: &[Path], min: u32, max: Option<u32>) -> Option<Vec<Path>> {
    if min > MAX_COPIES || max.is_some_and(|max| max > MAX_COPIES) {
        return None;
    }
    let nothing = Path::free(RegexNode::Empty);
    let mut rest = match max {
        None => star(paths)?,
        Some(max) => (min..max).try_fold(vec![nothing.clone()], |rest, _| {
            let more = append(paths, &rest)?;
            merged([vec![nothing.clone()], more].concat())
        })?,
    };
    for _ in 0..min {
        rest = append(paths, &rest)?;
    }
    Some(rest)
}

/// Any number of these. A repetition that matches the empty text can be left out; of the others it is
/// first made sure that one may always, or never, follow another.
fn star(paths: &[Path]) -> Option<Vec<Path>> {
    let mut steps: Vec<Path> = paths.iter().map(not_empty).collect();
    if steps.iter().any(|one| steps.iter().any(|next| follows(one, next).is_none())) {
        steps = steps.iter().flat_map(by_edges).collect();
    }
    steps.retain(|it| !is_never(&it.node));
    let count = steps.len();
    if count > MAX_PATHS / 4 {
        return None;
    }
    // What stands behind a step up to the end of another; Kleene's algorithm.
    let mut between: Vec<Vec<RegexNode>> = Vec::with_capacity(count);
    for one in &steps {
        let row = steps.iter().map(|next| match follows(one, next) {
            Some(true) => Some(next.node.clone()),
            Some(false) => Some(never()),
            None => None,
        });
        between.push(row.collect::<Option<Vec<_>>>()?);
    }
    for middle in 0..count {
        between = through(&between, middle)?;
    }
    let mut all = vec![Path::free(RegexNode::Empty)];
    for (first, (from, row)) in steps.iter().zip(&between).enumerate() {
        for (last, (to, behind)) in steps.iter().zip(row).enumerate() {
            let alone = (first == last).then_some(RegexNode::Empty);
            let behind = any_of(alone.into_iter().chain([behind.clone()]));
            let node = concat([from.node.clone(), behind]);
            all.push(Path { left: from.left, node, right: to.right });
        }
    }
    merged(all)
}

/// What stands between two steps, where `middle` may stand between them as often as it likes.
fn through(between: &[Vec<RegexNode>], middle: usize) -> Option<Vec<Vec<RegexNode>>> {
    let at = |from: usize, to: usize| between.get(from)?.get(to).cloned();
    let again = at(middle, middle)?;
    let (some, any) = (repeat(again.clone(), 1, None), repeat(again, 0, None));
    let mut total = 0;
    let mut rows = Vec::with_capacity(between.len());
    for from in 0..between.len() {
        let mut row = Vec::with_capacity(between.len());
        for to in 0..between.len() {
            let node = match (from == middle, to == middle) {
                (true, true) => some.clone(),
                (true, false) => concat([any.clone(), at(from, to)?]),
                (false, true) => concat([at(from, to)?, any.clone()]),
                (false, false) => {
                    let detour = concat([at(from, middle)?, any.clone(), at(middle, to)?]);
                    any_of([at(from, to)?, detour])
                }
            };
            total += size(&node);
            row.push(node);
        }
        rows.push(row);
    }
    (total <= MAX_SIZE).then_some(rows)
}

fn not_empty(path: &Path) -> Path {
    Path { node: with_edge(&path.node, Beside::CHARACTER, Side::First), ..path.clone() }
}

/// Whether `next` may stand behind `path`; `None` if it depends on the texts.
fn follows(path: &Path, next: &Path) -> Option<bool> {
    let (end, start) = (edge(&path.node, Side::Last), edge(&next.node, Side::First));
    if next.left.holds(end) && path.right.holds(start) {
        return Some(true);
    }
    let meets = (next.left & end) != Beside::NONE && (path.right & start) != Beside::NONE;
    (!meets).then_some(false)
}

/// The path, one for each kind of first and last character.
fn by_edges(path: &Path) -> Vec<Path> {
    let pairs = Beside::KINDS.iter().flat_map(|first| Beside::KINDS.map(|last| (*first, last)));
    let parts = pairs.map(|(first, last)| {
        let node = with_edge(&path.node, first, Side::First);
        Path { node: with_edge(&node, last, Side::Last), ..path.clone() }
    });
    parts.filter(|it| !is_never(&it.node)).collect()
}
