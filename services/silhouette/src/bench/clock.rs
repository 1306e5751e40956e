//! What the process has used so far: seconds of a core, and memory.

use std::time::Duration;

use anyhow::Context;
use rustix::time::{ClockId, clock_gettime};

/// Time that cores have spent in this process, user and system together.
///
/// While it is read for measuring, one thread works and the others wait, so that it is that thread's time, and what
/// else runs on the machine is not in it.
pub(crate) fn cpu() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(spent.tv_sec.try_into().unwrap_or(0), spent.tv_nsec.try_into().unwrap_or(0))
}

/// Memory that is resident now and that was at most, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resident {
    pub(crate) now: u64,
    pub(crate) most: u64,
}

/// Reads the memory of this process from Linux.
pub(crate) fn resident() -> anyhow::Result<Resident> {
    let status = std::fs::read_to_string("/proc/self/status").context("could not read /proc/self/status")?;
    let bytes = |name: &str| -> anyhow::Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|rest| rest.split_whitespace().nth(1));
        let kib: u64 = kib.with_context(|| format!("/proc/self/status has no {name}"))?.parse()?;
        Ok(kib * 1024)
    };
    Ok(Resident { now: bytes("VmRSS")?, most: bytes("VmHWM")? })
}
