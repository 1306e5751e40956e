//! The engine as bytes, in segments: each with what changed since the one before it and a slice of everything, so that
//! the latest few hold everything.

use events::Millis;
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, GateCounts, Settings};
use crate::reorder::Reorder;
use crate::state::State;
use crate::state::stored::{Incomplete, SEGMENTS, StoredAccounts, Tables};

/// What of an engine is in one segment, but for the accounts.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    number: u64,
    reorder: Reorder,
    seen: Vec<(Millis, Vec<u32>)>,
    gate: GateCounts,
    tables: Tables,
    /// Bytes of the accounts before it.
    accounts: u64,
}

impl Engine {
    /// How many of the latest segments hold everything.
    pub const SEGMENTS: u64 = SEGMENTS;

    /// Writes the next segment of the state, part by part: what changed since the one before, and a sixteenth of
    /// everything. The latest [`Engine::SEGMENTS`] segments hold everything.
    pub fn segment(&mut self, mut write: impl FnMut(Vec<u8>)) {
        let number = self.segments;
        self.segments += 1;
        let mut accounts = 0;
        let tables = self.state.segment(number, |part| {
            accounts += part.len() as u64;
            write(part);
        });
        let is_due = |list: u64| list % SEGMENTS == number % SEGMENTS;
        let seen = self.reorder.take_due_seen(is_due);
        let (reorder, gate) = (self.reorder.clone(), self.gate);
        let head = Head { number, reorder, seen, gate, tables, accounts };
        #[expect(
            clippy::expect_used,
            reason = "writing to memory what is made of numbers and tokens does not fail"
        )]
        let mut head = postcard::to_stdvec(&head).expect("a segment encodes");
        head.extend_from_slice(&(head.len() as u64).to_le_bytes());
        write(head);
    }
}

/// An engine that is read back from its segments, the latest first, one at a time: what a later one holds is let go of in
/// those before, so that no more than one copy of the state is held in memory.
#[derive(Debug)]
pub struct Restoring {
    settings: Settings,
    heads: Vec<Head>,
    accounts: StoredAccounts,
}

impl Restoring {
    /// An engine of these settings, before its latest segment.
    pub fn new(settings: Settings) -> Self {
        Self { settings, heads: Vec::new(), accounts: StoredAccounts::default() }
    }

    /// Takes over the segment that was written before all that were taken over so far.
    ///
    /// # Errors
    /// Where it is not that one, or no segment at all.
    pub fn take(&mut self, mut segment: Vec<u8>) -> Result<(), Incomplete> {
        let head = take_head(&mut segment).ok_or(Incomplete)?;
        if self.heads.last().is_some_and(|later| later.number != head.number + 1) {
            return Err(Incomplete);
        }
        self.accounts.take(segment)?;
        self.heads.push(head);
        Ok(())
    }

    /// Whether no earlier segment is needed: the first that was ever written is there, or [`Engine::SEGMENTS`] are.
    pub fn is_whole(&self) -> bool {
        self.heads.last().is_some_and(|earliest| earliest.number == 0) || self.heads.len() as u64 >= SEGMENTS
    }

    /// The engine as it was when the latest segment was written.
    ///
    /// # Errors
    /// Where the segments do not hold everything.
    pub fn finish(self) -> Result<Engine, Incomplete> {
        if !self.is_whole() {
            return Err(Incomplete);
        }
        let mut engine = Engine::new(self.settings, &[]);
        let Some(latest) = self.heads.first() else { return Err(Incomplete) };
        engine.reorder = latest.reorder.clone();
        engine.reorder.set_limits(engine.settings.late_merge_ms, engine.settings.ids_max);
        (engine.gate, engine.segments) = (latest.gate, latest.number + 1);
        for (end, list) in self.heads.iter().rev().flat_map(|head| &head.seen) {
            engine.reorder.restore_seen(*end, list);
        }
        let tables: Vec<Tables> = self.heads.into_iter().map(|head| head.tables).collect();
        engine.state = State::restore(engine.settings.shards, &tables, &self.accounts)?;
        Ok(engine)
    }
}

/// Takes the head off the end of a segment; what is left are its accounts.
fn take_head(segment: &mut Vec<u8>) -> Option<Head> {
    let (rest, length) = segment.split_last_chunk()?;
    let start = rest.len().checked_sub(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let head: Head = postcard::from_bytes(&rest[start..]).ok()?;
    segment.truncate(start);
    (head.accounts == start as u64).then_some(head)
}
