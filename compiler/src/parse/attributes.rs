//! The custom attribute `isogloss`. A key that is not known is an error: a typing mistake there
//! would change what is deployed.

use super::fields::Fields;
use crate::ast::attributes::{DetectionType, Risk, RiskObject, RiskObjectType, ThreatObject};
use crate::ast::{Attributes, Elastic, ElasticLanguage, Fillnull, Splunk, Window};
use crate::diagnostic::{Code, Diagnostics};

const CODE: Code = Code::UnknownAttribute;

/// Reads `isogloss` of a rule; without it, everything has its default.
pub(super) fn parse_attributes(rule: &Fields, diagnostics: &mut Diagnostics) -> Attributes {
    let Some(fields) = section(rule, "isogloss", &["version", "splunk", "elastic"], diagnostics)
    else {
        return Attributes::default();
    };
    fields.check_version(diagnostics);
    Attributes {
        splunk: parse_splunk(&fields, diagnostics).unwrap_or_default(),
        elastic: parse_elastic(&fields, diagnostics).unwrap_or_default(),
    }
}

fn section<'n, 'a>(
    parent: &Fields<'n, 'a>,
    key: &str,
    known: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<Fields<'n, 'a>> {
    let fields = Fields::of(parent.node(key)?, CODE, diagnostics)?;
    fields.refuse_others(known, CODE, diagnostics);
    Some(fields)
}

fn parse_splunk(parent: &Fields, diagnostics: &mut Diagnostics) -> Option<Splunk> {
    let fields = section(parent, "splunk", &["type", "fillnull", "risk", "window"], diagnostics)?;
    let kinds = [
        DetectionType::Ttp,
        DetectionType::Anomaly,
        DetectionType::Hunting,
        DetectionType::Correlation,
    ]
    .map(|kind| (kind.as_str(), kind));
    let fills = [("all", Fillnull::All), ("grouped", Fillnull::Grouped)];
    let windows = [("sliding", Window::Sliding), ("tumbling", Window::Tumbling)];
    Some(Splunk {
        kind: fields.word("type", &kinds, diagnostics),
        fillnull: fields.word("fillnull", &fills, diagnostics),
        risk: parse_risk(&fields, diagnostics),
        window: fields.word("window", &windows, diagnostics),
        ..Splunk::default()
    })
}

fn parse_risk(parent: &Fields, diagnostics: &mut Diagnostics) -> Option<Risk> {
    let fields = section(parent, "risk", &["message", "objects", "threat_objects"], diagnostics)?;
    let mut risk =
        Risk { message: fields.text("message", diagnostics).map(|it| it.value), ..Risk::default() };
    for entry in fields.maps("objects", diagnostics) {
        entry.refuse_others(&["field", "type", "score"], CODE, diagnostics);
        let kinds = [RiskObjectType::System, RiskObjectType::User, RiskObjectType::Other];
        let kinds = kinds.map(|it| (it.as_str(), it));
        let field = entry.text("field", diagnostics);
        let kind = entry.word("type", &kinds, diagnostics);
        let score = entry.small_number("score", 100, diagnostics);
        match (field, kind, score) {
            (Some(field), Some(kind), Some(score)) => {
                let score = Some(score);
                risk.objects.push(RiskObject { field: field.value, kind, score });
            }
            _ if ["field", "type", "score"].iter().all(|key| entry.node(key).is_some()) => {}
            _ => entry.missing(
                "field`, `type` or `score",
                "a risk object has all three",
                diagnostics,
            ),
        }
    }
    for entry in fields.maps("threat_objects", diagnostics) {
        entry.refuse_others(&["field", "type"], CODE, diagnostics);
        match (entry.text("field", diagnostics), entry.text("type", diagnostics)) {
            (Some(field), Some(kind)) => {
                risk.threat_objects.push(ThreatObject { field: field.value, kind: kind.value });
            }
            _ => entry.missing("field` or `type", "a threat object has both", diagnostics),
        }
    }
    Some(risk)
}

fn parse_elastic(parent: &Fields, diagnostics: &mut Diagnostics) -> Option<Elastic> {
    let known = ["risk_score", "index", "note", "language"];
    let fields = section(parent, "elastic", &known, diagnostics)?;
    let languages = [ElasticLanguage::Eql, ElasticLanguage::Kql].map(|it| (it.as_str(), it));
    Some(Elastic {
        risk_score: fields.small_number("risk_score", 100, diagnostics),
        index: fields.texts("index", diagnostics).into_iter().map(|it| it.value).collect(),
        note: fields.text("note", diagnostics).map(|it| it.value),
        language: fields.word("language", &languages, diagnostics),
        ..Elastic::default()
    })
}
