//! What Splunk's content calls a log source: its data sources, the domain, what is attacked.
//!
//! Names of data sources: `splunk/security_content`, `data_sources/*.yml`. Asset types and technologies:
//! `splunk/contentctl`, `contentctl/objects/enums.py`.

use isogloss_compiler::ast::Logsource;
use isogloss_compiler::ast::attributes::SecurityDomain;

use serde::Serialize;

use super::shape::Shape;
use crate::content::entry::Entry;

/// What Splunk's content says of a log source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// The domain of Enterprise Security.
    pub(super) domain: SecurityDomain,
    /// What is attacked.
    pub(super) asset_type: &'static str,
    /// The data sources.
    pub(super) names: Vec<String>,
    /// The folder of detections.
    pub(super) folder: &'static str,
    /// What writes the events.
    pub(super) technology: Option<&'static str>,
}

/// A family of data sources: what its events have in common.
#[derive(Debug, Clone, Copy)]
struct Family {
    /// What names of data sources start with.
    name: &'static str,
    /// True if the name ends with the event code.
    numbered: bool,
    technology: Option<&'static str>,
}

const SYSMON: Family =
    Family { name: "Sysmon EventID", numbered: true, technology: Some("Microsoft Sysmon") };
const SYSMON_LINUX: Family = Family {
    name: "Sysmon for Linux EventID",
    numbered: true,
    technology: Some("Microsoft Sysmon"),
};
const fn windows(name: &'static str) -> Family {
    Family { name, numbered: true, technology: Some("Microsoft Windows") }
}
const fn whole(name: &'static str, technology: Option<&'static str>) -> Family {
    Family { name, numbered: false, technology }
}

const SECURITY: Family = windows("Windows Event Log Security");

/// Families of Windows channels, by the service of Sigma.
const WINDOWS_SERVICES: &[(&str, Family)] = &[
    ("sysmon", SYSMON),
    ("security", SECURITY),
    ("system", windows("Windows Event Log System")),
    ("application", windows("Windows Event Log Application")),
    ("windefend", windows("Windows Event Log Defender")),
    ("taskscheduler", windows("Windows Event Log TaskScheduler")),
    ("capi2", windows("Windows Event Log CAPI2")),
    (
        "certificateservicesclient-lifecycle-system",
        windows("Windows Event Log CertificateServicesClient"),
    ),
    ("printservice-admin", windows("Windows Event Log Printservice")),
    ("printservice-operational", windows("Windows Event Log Printservice")),
    ("applocker", windows("Windows Event Log AppLocker")),
];

/// Families of other products, by product and service; without a service any of it.
const PRODUCTS: &[(&str, Option<&str>, Family)] = &[
    ("aws", Some("cloudtrail"), whole("AWS CloudTrail", Some("Amazon Web Services - Cloudtrail"))),
    ("azure", Some("activitylogs"), whole("Azure Audit", None)),
    ("azure", None, whole("Azure Active Directory", Some("Azure AD"))),
    ("m365", None, whole("O365", Some("Microsoft Office 365"))),
    ("okta", None, whole("Okta", Some("Okta"))),
    ("gcp", Some("google_workspace.admin"), whole("Google Workspace", Some("Google Workspace"))),
    ("gcp", Some("google_workspace.login"), whole("Google Workspace", Some("Google Workspace"))),
    ("github", None, whole("GitHub", None)),
    ("kubernetes", None, whole("Kubernetes Audit", Some("Kubernetes"))),
    ("linux", Some("auditd"), whole("Linux Auditd Syscall", None)),
    ("linux", Some("auth"), whole("Linux Secure", None)),
];

/// Products of the cloud, and what is attacked there.
const CLOUD: &[(&str, &str)] = &[
    ("aws", "AWS Account"),
    ("azure", "Azure Tenant"),
    ("m365", "O365 Tenant"),
    ("okta", "Okta Tenant"),
    ("gcp", "GCP Account"),
    ("github", "GitHub"),
    ("kubernetes", "Kubernetes"),
];

/// Families by the macro of a log source, for correlations, which have no log source of their own.
const MACROS: &[(&str, Family)] = &[
    ("sysmon_linux", SYSMON_LINUX),
    ("sysmon", SYSMON),
    ("wineventlog_security", SECURITY),
    ("wineventlog_system", windows("Windows Event Log System")),
    ("wineventlog_application", windows("Windows Event Log Application")),
];

/// Categories of Sigma about traffic.
const NETWORK: &[&str] = &["firewall", "dns", "dns_query", "network_connection", "proxy"];

/// What Splunk's content says of the log source of an entry.
pub(super) fn source(entry: &Entry, shape: &Shape) -> Source {
    let Logsource { category, product, service } = entry.logsource;
    let [category, product, service] =
        [category, product, service].map(|it| it.as_deref().unwrap_or_default());
    let (families, product) = if entry.logsource.specificity() == 0 {
        let families = families_of_macros(entry);
        let product = if families.is_empty() { "" } else { "windows" };
        (families, product)
    } else {
        (families(category, product, service, shape), product)
    };
    let (domain, asset_type, folder) = area(category, product);
    let technology = families.iter().find_map(|it| it.technology);
    let names = families.iter().flat_map(|it| names(*it, shape)).collect();
    Source { domain, asset_type, names, folder, technology }
}

fn area(category: &str, product: &str) -> (SecurityDomain, &'static str, &'static str) {
    if let Some((_, asset)) = CLOUD.iter().find(|(it, _)| *it == product) {
        return (SecurityDomain::Threat, asset, "cloud");
    }
    match category {
        "webserver" => (SecurityDomain::Network, "Web Server", "web"),
        "proxy" => (SecurityDomain::Network, "Network", "web"),
        it if NETWORK.contains(&it) && product != "windows" => {
            (SecurityDomain::Network, "Network", "network")
        }
        "application" | "database" => (SecurityDomain::Threat, "Web Application", "application"),
        _ if ["windows", "linux", "macos"].contains(&product) => {
            (SecurityDomain::Endpoint, "Endpoint", "endpoint")
        }
        _ if ["cisco", "zeek", "fortigate", "juniper", "huawei", "paloalto"].contains(&product) => {
            (SecurityDomain::Network, "Network", "network")
        }
        _ => (SecurityDomain::Threat, "Endpoint", "application"),
    }
}

fn families(category: &str, product: &str, service: &str, shape: &Shape) -> Vec<Family> {
    let known = |(it, of, _): &&(&str, Option<&str>, Family)| {
        *it == product && of.is_none_or(|of| of == service)
    };
    if let Some((.., family)) = PRODUCTS.iter().find(known) {
        return vec![*family];
    }
    match (product, category, service) {
        ("windows", "ps_script", _) | ("windows", "", "powershell") => {
            vec![windows("Powershell Script Block Logging")]
        }
        ("windows", "ps_module" | "ps_classic_start" | "ps_classic_provider_start", _) => {
            vec![windows("Windows Event Log PowerShell")]
        }
        ("windows", "process_creation", _) if shape.event_codes.iter().any(|it| it == "4688") => {
            vec![SYSMON, SECURITY]
        }
        ("windows", "", service) => {
            let known = WINDOWS_SERVICES.iter().find(|(it, _)| *it == service);
            known.map(|(_, family)| *family).into_iter().collect()
        }
        ("windows", _, _) => vec![SYSMON],
        (
            "linux",
            "process_creation" | "file_event" | "network_connection" | "process_termination",
            _,
        ) => {
            vec![SYSMON_LINUX]
        }
        ("", "proxy" | "webserver", _) => vec![whole("Web", None)],
        _ => Vec::new(),
    }
}

fn families_of_macros(entry: &Entry) -> Vec<Family> {
    let calls = &entry.query.macros;
    let is_called = |name: &str| {
        calls.iter().any(|it| {
            it.name.strip_suffix(name).is_some_and(|it| it.is_empty() || it.ends_with('_'))
        })
    };
    MACROS.iter().filter(|(name, _)| is_called(name)).map(|(_, family)| *family).collect()
}

/// The names of data sources of a family, one for each event code.
fn names(family: Family, shape: &Shape) -> Vec<String> {
    // Ids of Sysmon have at most two digits, but for its errors.
    let is_its_own = |code: &&String| {
        let small = code.len() <= 2 || *code == "255";
        family.technology != Some("Microsoft Sysmon") && !small
            || family.technology == Some("Microsoft Sysmon") && small
    };
    let codes: Vec<&String> = shape.event_codes.iter().filter(is_its_own).collect();
    if !family.numbered || codes.is_empty() {
        let name = family.name.strip_suffix(" EventID").unwrap_or(family.name);
        return vec![name.to_owned()];
    }
    codes.iter().map(|code| format!("{} {code}", family.name)).collect()
}

/// Where the events of a data source are in Splunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    /// `source`
    pub(super) source: &'static str,
    /// `sourcetype`
    pub(super) sourcetype: &'static str,
}

/// Sources and source types by what names of data sources start with (`splunk/security_content`,
/// `data_sources/*.yml`).
const PLACES: &[(&str, &str, &str)] = &[
    ("Sysmon for Linux", "Syslog:Linux-Sysmon/Operational", "sysmon:linux"),
    ("Sysmon", "XmlWinEventLog:Microsoft-Windows-Sysmon/Operational", "XmlWinEventLog"),
    ("Windows Event Log Security", "XmlWinEventLog:Security", "XmlWinEventLog"),
    ("Windows Event Log System", "XmlWinEventLog:System", "XmlWinEventLog"),
    ("Windows Event Log Application", "XmlWinEventLog:Application", "XmlWinEventLog"),
    ("Powershell", "XmlWinEventLog:Microsoft-Windows-PowerShell/Operational", "XmlWinEventLog"),
    ("Windows Event Log", "XmlWinEventLog:*", "XmlWinEventLog"),
    ("AWS CloudTrail", "aws_cloudtrail", "aws:cloudtrail"),
    ("Azure Active Directory", "Azure AD", "azure:monitor:aad"),
    ("O365", "o365", "o365:management:activity"),
    ("Okta", "Okta", "OktaIM2:log"),
    ("Kubernetes Audit", "kubernetes", "_json"),
    ("Linux Auditd", "auditd", "auditd"),
];

/// Where the events of a data source are; not known for names that a rule has made up.
pub(super) fn place(name: &str) -> Place {
    let known = PLACES.iter().find(|(start, ..)| name.starts_with(start));
    let (_, source, sourcetype) = known.copied().unwrap_or(("", "not known", "not known"));
    Place { source, sourcetype }
}
