//! Detections in the form of Splunk's own content (`splunk/contentctl` 5.6).

use super::Settings;
use crate::content::artifact::Artifact;
use crate::content::entry::Entry;

/// Detections, macros, data sources and stories as contentctl reads them.
pub fn escu(_entries: &[Entry], _settings: &Settings) -> Result<Vec<Artifact>, String> {
    Ok(Vec::new())
}
