//! What an index pattern says about where its events come from: names of Elastic's packages and of the data
//! sources in the tags of Elastic's own rules (elastic/detection-rules, `tests/test_all_rules.py`;
//! elastic/integrations, `packages/*/manifest.yml`).

/// A data source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source {
    /// What its index patterns start with.
    prefix: &'static str,
    /// Its titles, as tags have them; none if it has no title of its own.
    pub(super) titles: &'static [&'static str],
    /// The package, and the part of it where it has several.
    pub(super) integration: Option<(&'static str, Option<&'static str>)>,
    /// The domain, as tags have it.
    pub(super) domain: Option<&'static str>,
}

const ENDPOINT: Option<&str> = Some("Endpoint");
const CLOUD: Option<&str> = Some("Cloud");
const NETWORK: Option<&str> = Some("Network");

const fn source(
    prefix: &'static str,
    titles: &'static [&'static str],
    package: &'static str,
    part: Option<&'static str>,
    domain: Option<&'static str>,
) -> Source {
    Source { prefix, titles, integration: Some((package, part)), domain }
}

/// Every source, in the order in which Elastic's tags name them; of two that fit, the first.
#[rustfmt::skip]
const SOURCES: &[Source] = &[
    Source { prefix: "endgame-", titles: &["Elastic Endgame"], integration: None, domain: ENDPOINT },
    source("logs-endpoint.", &["Elastic Defend"], "endpoint", None, ENDPOINT),
    source("logs-windows.sysmon_operational", &["Sysmon"], "windows", None, ENDPOINT),
    source("logs-sysmon_linux.", &["Sysmon"], "sysmon_linux", None, ENDPOINT),
    source("logs-sentinel_one_cloud_funnel.", &["SentinelOne"], "sentinel_one_cloud_funnel", None, ENDPOINT),
    source("logs-m365_defender.event", &["Microsoft Defender for Endpoint"], "m365_defender", None, ENDPOINT),
    source("logs-system.security", &["Windows Security Event Logs"], "system", None, ENDPOINT),
    source("logs-system.system", &["Windows System Event Logs"], "system", None, ENDPOINT),
    source("logs-system.application", &["Windows Application Event Logs"], "system", None, ENDPOINT),
    source("logs-system.", &[], "system", None, ENDPOINT),
    source("logs-crowdstrike.fdr", &["Crowdstrike"], "crowdstrike", None, ENDPOINT),
    source("logs-windows.powershell", &["PowerShell Logs"], "windows", None, ENDPOINT),
    source("logs-windows.", &[], "windows", None, ENDPOINT),
    source("logs-winlog.", &[], "winlog", None, ENDPOINT),
    source("logs-jamf_protect", &["Jamf Protect"], "jamf_protect", None, ENDPOINT),
    source("logs-auditd_manager.", &["Auditd Manager"], "auditd_manager", None, ENDPOINT),
    source("logs-auditd.", &[], "auditd", None, ENDPOINT),
    source("logs-fim.", &["File Integrity Monitoring"], "fim", None, ENDPOINT),
    source("logs-aws.cloudtrail", &["AWS", "Amazon Web Services", "AWS CloudTrail"], "aws", Some("cloudtrail"), CLOUD),
    source("logs-aws.", &["AWS", "Amazon Web Services"], "aws", None, CLOUD),
    source("logs-azure.activitylogs", &["Azure", "Azure Activity Logs"], "azure", Some("activitylogs"), CLOUD),
    source("logs-azure.auditlogs", &["Azure", "Microsoft Entra ID", "Microsoft Entra ID Audit Logs"], "azure", Some("auditlogs"), CLOUD),
    source("logs-azure.signinlogs", &["Azure", "Microsoft Entra ID", "Microsoft Entra ID Sign-In Logs"], "azure", Some("signinlogs"), CLOUD),
    source("logs-azure.identity_protection", &["Azure", "Microsoft Entra ID", "Microsoft Entra ID Protection Logs"], "azure", Some("identity_protection"), CLOUD),
    source("logs-azure.", &["Azure"], "azure", None, CLOUD),
    source("logs-gcp.", &["GCP", "Google Cloud Platform"], "gcp", Some("audit"), CLOUD),
    source("logs-google_workspace.", &["Google Workspace"], "google_workspace", None, CLOUD),
    source("logs-o365.", &["Microsoft 365"], "o365", None, CLOUD),
    source("logs-github.", &["Github"], "github", None, CLOUD),
    source("logs-okta.", &["Okta"], "okta", None, None),
    source("logs-kubernetes.", &["Kubernetes"], "kubernetes", None, None),
    source("logs-atlassian_bitbucket.", &["Bitbucket"], "atlassian_bitbucket", None, None),
    source("logs-cisco_duo.", &["Cisco Duo"], "cisco_duo", None, None),
    source("logs-cisco_asa.", &["Cisco ASA"], "cisco_asa", None, NETWORK),
    source("logs-cisco_ftd.", &["Cisco FTD"], "cisco_ftd", None, NETWORK),
    source("logs-cisco_ios.", &["Cisco IOS"], "cisco_ios", None, NETWORK),
    source("logs-cisco_umbrella.", &["Cisco Umbrella"], "cisco_umbrella", None, NETWORK),
    source("logs-checkpoint.", &["Check Point"], "checkpoint", None, NETWORK),
    source("logs-fortinet_fortigate.", &["Fortinet"], "fortinet_fortigate", None, NETWORK),
    source("logs-panw.", &["PAN-OS"], "panw", None, NETWORK),
    source("logs-zeek.", &["Zeek"], "zeek", None, NETWORK),
    source("logs-network_traffic.", &["Network Packet Capture"], "network_traffic", None, NETWORK),
    source("logs-netskope.", &["Netskope"], "netskope", None, NETWORK),
    source("logs-zscaler_zia.", &["Zscaler"], "zscaler_zia", None, NETWORK),
    source("logs-squid.", &["Squid"], "squid", None, NETWORK),
    source("logs-forcepoint_web.", &["Forcepoint"], "forcepoint_web", None, NETWORK),
    source("logs-opencanary.", &["OpenCanary"], "opencanary", None, NETWORK),
    source("logs-apache.", &["Apache"], "apache", None, None),
    source("logs-apache_tomcat.", &["Apache Tomcat"], "apache_tomcat", None, None),
    source("logs-nginx.", &["Nginx"], "nginx", None, None),
    source("logs-iis.", &["IIS"], "iis", None, None),
    Source { prefix: "packetbeat-", titles: &[], integration: None, domain: NETWORK },
    Source { prefix: "winlogbeat-", titles: &[], integration: None, domain: ENDPOINT },
    Source { prefix: "auditbeat-", titles: &[], integration: None, domain: ENDPOINT },
];

/// The sources of index patterns, each once, in the order of tags. Patterns of another cluster have its name
/// and a colon before them.
pub(super) fn sources(index: &[String]) -> Vec<&'static Source> {
    let of = |pattern: &String| {
        let local = pattern.rsplit(':').next().unwrap_or(pattern);
        SOURCES.iter().position(|source| local.starts_with(source.prefix))
    };
    let mut places: Vec<usize> = index.iter().filter_map(of).collect();
    places.sort_unstable();
    places.dedup();
    places.into_iter().filter_map(|place| SOURCES.get(place)).collect()
}
