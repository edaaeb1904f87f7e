//! Lints on log sources.

use super::Context;
use crate::ast::{DetectionItem, Written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};

/// The categories, products and services that Sigma's specification and its public rules name.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "category",
        &[
            "antivirus",
            "application",
            "create_remote_thread",
            "create_stream_hash",
            "database",
            "dns",
            "dns_query",
            "driver_load",
            "file_access",
            "file_block",
            "file_change",
            "file_delete",
            "file_event",
            "file_executable_detected",
            "file_rename",
            "firewall",
            "image_load",
            "network_connection",
            "pipe_created",
            "process_access",
            "process_creation",
            "process_tampering",
            "process_termination",
            "proxy",
            "ps_classic_provider_start",
            "ps_classic_script",
            "ps_classic_start",
            "ps_module",
            "ps_script",
            "raw_access_thread",
            "registry_add",
            "registry_delete",
            "registry_event",
            "registry_rename",
            "registry_set",
            "sysmon_error",
            "sysmon_status",
            "webserver",
            "wmi_event",
        ],
    ),
    (
        "product",
        &[
            "aws",
            "azure",
            "bitbucket",
            "cisco",
            "django",
            "fortigate",
            "gcp",
            "github",
            "huawei",
            "juniper",
            "jvm",
            "kubernetes",
            "linux",
            "m365",
            "macos",
            "nodejs",
            "okta",
            "onelogin",
            "opencanary",
            "paloalto",
            "python",
            "qualys",
            "rpc_firewall",
            "ruby_on_rails",
            "spring",
            "sql",
            "velocity",
            "windows",
            "zeek",
        ],
    ),
    (
        "service",
        &[
            "aaa",
            "activitylogs",
            "apache",
            "application",
            "applocker",
            "appmodel-runtime",
            "appxdeployment-server",
            "appxpackaging-om",
            "audit",
            "auditd",
            "auditlogs",
            "bgp",
            "bits-client",
            "capi2",
            "certificateservicesclient-lifecycle-system",
            "clamav",
            "cloudtrail",
            "codeintegrity-operational",
            "cron",
            "dce_rpc",
            "diagnosis-scripted",
            "dns",
            "dns-client",
            "dns-server",
            "dns-server-analytic",
            "driver-framework",
            "duo",
            "event",
            "exchange",
            "firewall-as",
            "gcp.audit",
            "google_workspace.admin",
            "google_workspace.login",
            "guacamole",
            "http",
            "iis-configuration",
            "kerberos",
            "ldap",
            "lsa-server",
            "microsoft-servicebus-client",
            "msexchange-management",
            "nginx",
            "ntlm",
            "okta",
            "onelogin.events",
            "openssh",
            "pim",
            "powershell",
            "powershell-classic",
            "printservice-admin",
            "printservice-operational",
            "rdp",
            "riskdetection",
            "security",
            "security-mitigations",
            "shell-core",
            "signinlogs",
            "smb_files",
            "smbclient-connectivity",
            "smbclient-security",
            "smbserver-connectivity",
            "sshd",
            "sudo",
            "syslog",
            "sysmon",
            "system",
            "taskscheduler",
            "terminalservices-localsessionmanager",
            "threat_detection",
            "threat_management",
            "vsftpd",
            "windefend",
            "wmi",
            "x509",
        ],
    ),
];

/// The words of the log source: key, value and its place.
fn words<'a>(
    context: &Context<'a>,
) -> impl Iterator<Item = (&'static str, &'static [&'static str], &'a crate::source::Spanned<String>)>
{
    let logsource = context.document.written.get("logsource").map(|it| &it.value);
    KNOWN.iter().filter_map(move |(key, known)| {
        let word = logsource?.get(key).and_then(Written::as_text)?;
        Some((*key, *known, word))
    })
}

/// Log sources are compared letter for letter, and all of Sigma's are in lower case.
pub(super) fn upper_case(context: &Context, found: &mut Diagnostics) {
    for (key, known, word) in words(context) {
        // What is misspelt too is said by the other lint, with the right word.
        let is_misspelt = meant(known, &word.value).is_some();
        if word.value.chars().any(char::is_uppercase) && !is_misspelt {
            let message = format!("the {key} `{}` has letters in upper case", word.value);
            let help = format!("write `{}`", word.value.to_lowercase());
            found.push(Diagnostic::new(Code::LogsourceCase, word.span, message).with_help(help));
        }
    }
}

/// The word of Sigma that is near to this one, which is none.
fn meant(known: &'static [&'static str], word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    if known.contains(&lower.as_str()) || lower.chars().count() < 5 {
        return None;
    }
    nearest(&lower, known.iter().copied())
}

/// A word that Sigma does not have, near to one that it has.
pub(super) fn misspelt(context: &Context, found: &mut Diagnostics) {
    for (key, known, word) in words(context) {
        if let Some(meant) = meant(known, &word.value) {
            let message = format!("`{}` is no {key} that Sigma names", word.value);
            let finding = Diagnostic::new(Code::MisspeltLogsource, word.span, message);
            found.push(finding.with_help(format!("did you mean `{meant}`?")));
        }
    }
}

/// A category stands for event codes of several sources: a code of one of them excludes the others.
pub(super) fn event_code_of_category(
    context: &Context,
    item: &DetectionItem,
    found: &mut Diagnostics,
) {
    const CATEGORIES: &[&str] =
        &["process_creation", "network_connection", "file_event", "registry_set"];
    let Some(rule) = context.document.rule() else { return };
    let Some(category) = rule.logsource.value.category.as_deref() else { return };
    let Some(field) = item.field.as_ref().filter(|it| it.value == "EventID") else { return };
    if CATEGORIES.contains(&category) {
        let message =
            format!("`EventID` is tested in a rule for `{category}`, which says it already");
        let help = "leave it out, or name the service, such as `service: sysmon`";
        found.push(Diagnostic::new(Code::EventCodeOfCategory, field.span, message).with_help(help));
    }
}
