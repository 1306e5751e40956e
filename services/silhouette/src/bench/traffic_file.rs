//! `silhouette bench workload`: the traffic that is measured with, as a file.

use std::fs::File;
use std::io::{BufWriter, Write};

use anyhow::Context;

use crate::bench::args::WorkloadArgs;
use crate::bench::{Chunk, Traffic, Workload};
use crate::terminal::{bar, say};

const CHUNK: u64 = 8192;
const ACCOUNTS_MIN: u32 = 1000;

/// Writes everyday traffic without jitter, every time later than the one before it.
pub(crate) fn write(args: &WorkloadArgs) -> anyhow::Result<()> {
    let shown = args.out.display();
    let tenth = u32::try_from(args.events / 10).unwrap_or(u32::MAX);
    let accounts = args.accounts.unwrap_or(tenth).max(ACCOUNTS_MIN);
    let mut workload = Workload::new(Traffic { accounts, seed: args.seed, jitter_ms: 0 });
    let file = File::create(&args.out).with_context(|| format!("could not create {shown}"))?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let mut chunk = Chunk::default();
    let progress = bar("writing events", args.events);
    let mut left = args.events;
    while left > 0 {
        let events = left.min(CHUNK);
        workload.steady(usize::try_from(events)?, &mut chunk);
        out.write_all(chunk.bytes()).with_context(|| format!("could not write {shown}"))?;
        left -= events;
        progress.inc(events);
    }
    out.flush().with_context(|| format!("could not write {shown}"))?;
    progress.finish_and_clear();
    say(&format!("{} events of {accounts} accounts are in {shown}", args.events));
    Ok(())
}
