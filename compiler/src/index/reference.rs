//! What correlations refer to.

use std::collections::BTreeSet;

use super::{Index, RuleId};
use crate::ast::{Content, Correlation, Document, Logsource};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{self, AnyRule, Sigma};
use crate::lower::lower_correlation;
use crate::source::{Span, Spanned};

/// The longest chain of correlations.
const MAX_DEPTH: usize = 16;
/// The most rules that one correlation can be about, those of its rules included.
const MAX_RULES: usize = 1000;

/// The references that lead to a rule.
pub(super) struct Path {
    rules: Vec<RuleId>,
    /// How many references were followed from the start of the path.
    followed: usize,
    /// True if it became too long.
    exceeded: bool,
}

impl Path {
    /// The path to a rule that nothing refers to.
    pub(super) fn to(id: RuleId) -> Self {
        Self { rules: vec![id], followed: 0, exceeded: false }
    }
}

impl Index {
    /// The log source of a rule; of a correlation, those of its rules.
    pub fn logsources(&self, id: RuleId) -> Vec<&Logsource> {
        let (mut found, mut seen, mut next) = (Vec::new(), BTreeSet::new(), vec![id]);
        while let Some(id) = next.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.document(id).and_then(|it| it.content.as_ref()) {
                Some(Content::Detection(rule)) => found.push(&rule.logsource.value),
                Some(Content::Correlation(correlation)) => {
                    next.extend(correlation.rules.iter().flat_map(|it| self.named(&it.value)));
                }
                Some(Content::Filter(_)) | None => {}
            }
        }
        found
    }

    /// Lowers a correlation with everything that it is about.
    pub(super) fn lower_correlation(
        &self,
        path: &mut Path,
        correlation: &Correlation,
        diagnostics: &mut Diagnostics,
    ) -> Option<ir::Correlation<Sigma>> {
        let mut rules = Vec::new();
        for name in &correlation.rules {
            match self.follow(path, name) {
                Ok(rule) => rules.push(rule),
                Err(mistake) => diagnostics.push(*mistake),
            }
        }
        self.report_same(correlation, diagnostics);
        let complete = rules.len() == correlation.rules.len() && !rules.is_empty();
        let lowered = lower_correlation(correlation, rules, diagnostics);
        complete.then_some(lowered)
    }

    /// Reports a rule that is named twice, by its id and by its name.
    fn report_same(&self, correlation: &Correlation, diagnostics: &mut Diagnostics) {
        let names = &correlation.rules;
        for (place, name) in names.iter().enumerate() {
            let id = self.named(&name.value);
            let is_same = |it: &&Spanned<String>| {
                it.value != name.value && id.len() == 1 && self.named(&it.value) == id
            };
            if let Some(first) = names.iter().take(place).find(is_same) {
                let message = format!("`{}` and `{}` are the same rule", first.value, name.value);
                let mistake = Diagnostic::new(Code::InvalidCorrelation, name.span, message)
                    .with_place(first.span, "")
                    .with_help("name each rule once");
                diagnostics.push(mistake);
            }
        }
    }

    /// The rule that a reference means.
    fn follow(
        &self,
        path: &mut Path,
        name: &Spanned<String>,
    ) -> Result<AnyRule<Sigma>, Box<Diagnostic>> {
        let id = match self.named(&name.value) {
            [] => return Err(Box::new(self.unknown(name, Code::UnknownReference))),
            [id] => *id,
            several => return Err(Box::new(self.ambiguous(name, several))),
        };
        path.followed += 1;
        if path.rules.contains(&id) {
            return Err(Box::new(self.cycle(name, id)));
        }
        if path.rules.len() >= MAX_DEPTH || path.followed > MAX_RULES {
            path.exceeded = true;
            return Err(Box::new(exceeded(name)));
        }
        path.rules.push(id);
        let mut found = Vec::new();
        let lowered = self.lower_on(path, id, &mut found);
        path.rules.pop();
        let is_long = path.exceeded;
        lowered.ok_or_else(|| {
            if is_long {
                return Box::new(exceeded(name));
            }
            if found.iter().any(|it| it.code == Code::ReferenceCycle) {
                return Box::new(self.cycle(name, id));
            }
            let message = format!("the rule `{}` has an error", name.value);
            let mistake = Diagnostic::new(Code::UnknownReference, name.span, message);
            Box::new(self.with_place_of(mistake, id, "this rule"))
        })
    }

    fn ambiguous(&self, name: &Spanned<String>, several: &[RuleId]) -> Diagnostic {
        let message = format!("{} rules have the id or name `{}`", several.len(), name.value);
        let mistake = Diagnostic::new(Code::AmbiguousReference, name.span, message)
            .with_help("give each rule an id and a name of its own");
        several.iter().fold(mistake, |it, id| self.with_place_of(it, *id, "one of them"))
    }

    fn cycle(&self, name: &Spanned<String>, id: RuleId) -> Diagnostic {
        let message = format!("`{}` leads into a circle of references", name.value);
        let mistake = Diagnostic::new(Code::ReferenceCycle, name.span, message)
            .with_help("a correlation can be about rules that do not depend on it");
        self.with_place_of(mistake, id, "this rule")
    }

    fn with_place_of(&self, mistake: Diagnostic, id: RuleId, text: &str) -> Diagnostic {
        let place: Option<Span> = self.document(id).map(|document: &Document| document.span);
        match place {
            Some(span) => mistake.with_place(span, text),
            None => mistake,
        }
    }
}

/// The message stands at every reference of the path, since each correlation on it is too long from there.
fn exceeded(name: &Spanned<String>) -> Diagnostic {
    let message = format!(
        "a correlation is about at most {MAX_RULES} rules, in chains of at most {MAX_DEPTH}"
    );
    Diagnostic::new(Code::LimitExceeded, name.span, message)
}
