//! What the operating system says of a process, under the names that Prometheus's own clients use.

use prometheus::process_collector::ProcessCollector;
use prometheus::{Registry, Result};

use super::{Declared, Kind, Metric};

const fn of(kind: Kind, metric: Metric) -> Declared {
    Declared { metric, kind }
}

/// What [`register_process`] registers.
pub const PROCESS: &[Declared] = &[
    of(
        Kind::Counter,
        Metric {
            name: "process_cpu_seconds_total",
            unit: "seconds",
            means: "Time of processors that was used, by all threads.",
            bad: "Grows faster against the events: each event costs more, and peaks take longer to work off.",
            ..Metric::NONE
        },
    ),
    of(
        Kind::Gauge,
        Metric {
            name: "process_resident_memory_bytes",
            unit: "bytes",
            means: "Memory that is in use.",
            bad: "Near the machine's: the process will be ended, and detection stands still until it is back.",
            ..Metric::NONE
        },
    ),
    of(
        Kind::Gauge,
        Metric {
            name: "process_virtual_memory_bytes",
            unit: "bytes",
            means: "Addresses that are taken; most of them hold nothing.",
            bad: "None by itself.",
            ..Metric::NONE
        },
    ),
    of(
        Kind::Gauge,
        Metric {
            name: "process_open_fds",
            unit: "files",
            means: "Open files and connections.",
            bad: "Near `process_max_fds`: connections are refused, people cannot work.",
            ..Metric::NONE
        },
    ),
    of(
        Kind::Gauge,
        Metric {
            name: "process_max_fds",
            unit: "files",
            means: "Open files and connections that the system allows.",
            bad: "None by itself.",
            ..Metric::NONE
        },
    ),
    of(
        Kind::Gauge,
        Metric {
            name: "process_start_time_seconds",
            unit: "seconds",
            means: "When the process started, since the epoch.",
            bad: "Changes often: it dies again and again, and each time repeats what came since the last snapshot.",
            ..Metric::NONE
        },
    ),
    of(
        Kind::Gauge,
        Metric {
            name: "process_threads",
            unit: "threads",
            means: "Threads.",
            bad: "Grows without end: work is started and never finished.",
            ..Metric::NONE
        },
    ),
];

/// Registers what the operating system says of this process.
///
/// # Errors
/// Where one of the names is taken.
pub fn register_process(registry: &Registry) -> Result<()> {
    registry.register(Box::new(ProcessCollector::for_self()))
}
