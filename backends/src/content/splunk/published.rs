//! The macros that Splunk's own content defines.

/// Those that our pipelines and searches call: names in `splunk/security_content`, `macros/*.yml`.
const NAMES: &[&str] = &[
    "applocker",
    "azure_monitor_aad",
    "azure_monitor_activity",
    "capi2_operational",
    "cisco_ios",
    "cloudtrail",
    "google_gcp_pubsub_message",
    "gws_reports_admin",
    "gws_reports_login",
    "kube_audit",
    "linux_auditd",
    "ms_defender",
    "ntlm_audit",
    "o365_management_activity",
    "okta",
    "osquery_macro",
    "powershell",
    "printservice",
    "security_content_ctime",
    "security_content_summariesonly",
    "sysmon",
    "wineventlog_application",
    "wineventlog_security",
    "wineventlog_system",
    "wmi",
    "zeek_x509",
];

/// True if Splunk's own content defines the macro.
pub(super) fn is_published(name: &str) -> bool {
    NAMES.contains(&name)
}
