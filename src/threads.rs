//! The threads that rules are compiled on.

/// Starts so many threads; 0 is one a core. The error is one sentence.
pub(crate) fn start(jobs: u16) -> Result<(), String> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(jobs.into());
    threads.build_global().map_err(|error| error.to_string())
}
