//! The macros that Splunk's own content defines.

/// Those that our pipelines and searches call: names in `splunk/security_content`, `macros/*.yml`.
const NAMES: &[&str] = &[
    "applocker",
    "azure_audit",
    "azure_monitor_aad",
    "capi2_operational",
    "certificateservices_lifecycle",
    "cisco_ios",
    "cloudtrail",
    "drop_dm_object_name",
    "github",
    "google_gcp_pubsub_message",
    "kube_audit",
    "linux_auditd",
    "ms_defender",
    "ntlm_audit",
    "o365_management_activity",
    "okta",
    "osquery_macro",
    "powershell",
    "printservice",
    "remoteconnectionmanager",
    "security_content_ctime",
    "security_content_summariesonly",
    "summariesonly_config",
    "sysmon",
    "wineventlog_application",
    "wineventlog_security",
    "wineventlog_system",
    "wmi",
];

/// True if Splunk's own content defines the macro.
pub(super) fn is_published(name: &str) -> bool {
    NAMES.contains(&name)
}
