//! Structured logs on standard error, without ids of accounts.

use tracing_subscriber::filter::LevelFilter;

use crate::config;

/// Starts logging for the whole process; later calls change nothing.
pub fn start(log: &config::Log) {
    let level: LevelFilter = log.level.parse().unwrap_or(LevelFilter::INFO);
    let base =
        tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    // Already started means that somebody else in this process wants its logs.
    let _started = if log.json { base.json().try_init() } else { base.try_init() };
}
