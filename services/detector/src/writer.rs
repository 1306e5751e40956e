//! Makes pieces of the state durable beside detection, one at a time.

use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context;
use detect::Engine;
use platform::Positions;
use platform::snapshots::Snapshots;

use crate::resume::{self, Mark};

/// Parts of a piece that may wait for the disk, of a few MiB each; detection waits with further ones.
const PARTS_WAITING: usize = 32;

/// What the thread is given, one after the other.
enum Part {
    Bytes(Vec<u8>),
    /// All of a piece is there: the positions that it covers, and since when it has been in the making.
    End(Positions, Instant),
}

/// What became of one.
type Outcome = anyhow::Result<(Positions, Duration)>;

/// What has been written, if anything.
type Written = anyhow::Result<Option<(Positions, Duration)>>;

/// Writes on a thread of its own: compressing and synchronising take longer than detection should stand still.
pub(crate) struct Writer {
    /// Until the thread takes them over.
    snapshots: Option<Snapshots>,
    thread: Option<(SyncSender<Part>, Receiver<Outcome>, JoinHandle<()>)>,
    /// Whether a piece is being written.
    is_busy: bool,
    written: Option<(Positions, Duration)>,
}

impl Writer {
    pub(crate) fn open(directory: &Path) -> anyhow::Result<Self> {
        let snapshots = Some(Snapshots::open(directory)?);
        Ok(Self { snapshots, thread: None, is_busy: false, written: None })
    }

    /// What was saved before, as long as nothing new has been.
    pub(crate) fn restore(&self, settings: &detect::Settings) -> anyhow::Result<Option<(Engine, Mark)>> {
        let snapshots = self.snapshots.as_ref().context("the state is read before anything is written")?;
        resume::restore(snapshots, settings)
    }

    /// Hands the engine's next piece over to be written, as it is made. There must be none on the way.
    pub(crate) fn write(&mut self, mark: Mark, engine: &mut Engine, started: Instant) -> anyhow::Result<()> {
        assert!(!self.is_busy, "pieces are written one after the other");
        let head = resume::encode(&mark, engine.settings())?;
        if let Some(snapshots) = self.snapshots.take() {
            self.thread = Some(start(snapshots)?);
        }
        let (parts, ..) = self.thread.as_ref().context("the writer has ended")?;
        let mut sent = parts.send(Part::Bytes(head));
        engine.segment(|bytes| {
            if sent.is_ok() {
                sent = parts.send(Part::Bytes(bytes));
            }
        });
        sent.and_then(|()| parts.send(Part::End(mark.positions, started))).context("the writer has ended")?;
        self.is_busy = true;
        Ok(())
    }

    /// Whether another piece may be handed over.
    pub(crate) fn is_free(&self) -> bool {
        !self.is_busy
    }

    /// The positions that the piece written since this was last asked covers, and how long it took.
    ///
    /// # Errors
    /// Where the disk did not take it.
    pub(crate) fn written(&mut self) -> Written {
        if let Some((_, outcomes, _)) = self.thread.as_ref().filter(|_| self.is_busy) {
            match outcomes.try_recv() {
                Ok(outcome) => self.note(outcome)?,
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => anyhow::bail!("the writer of snapshots has ended"),
            }
        }
        Ok(self.written.take())
    }

    /// Waits until no piece is on the way.
    pub(crate) fn wait(&mut self) -> anyhow::Result<()> {
        if let Some((_, outcomes, _)) = self.thread.as_ref().filter(|_| self.is_busy) {
            let outcome = outcomes.recv().context("the writer of snapshots has ended")?;
            self.note(outcome)?;
        }
        Ok(())
    }

    fn note(&mut self, outcome: Outcome) -> anyhow::Result<()> {
        self.is_busy = false;
        self.written = Some(outcome?);
        Ok(())
    }
}

impl Drop for Writer {
    /// The directory is free again when this returns.
    fn drop(&mut self) {
        if let Some((jobs, _, thread)) = self.thread.take() {
            drop(jobs);
            // Its panic, if any, has been told by the end of the channel.
            let _ended = thread.join();
        }
    }
}

fn start(mut snapshots: Snapshots) -> anyhow::Result<(SyncSender<Part>, Receiver<Outcome>, JoinHandle<()>)> {
    let (parts, to_do) = sync_channel::<Part>(PARTS_WAITING);
    let (done, outcomes) = channel();
    let work = move || {
        let mut draft = None;
        for part in to_do {
            match part {
                Part::Bytes(bytes) => {
                    let begun = draft.get_or_insert_with(|| snapshots.begin());
                    // Once the disk has failed, the rest is let go until the piece ends.
                    if let Ok(Err(cause)) = begun.as_mut().map(|draft| draft.write_all(&bytes)) {
                        *begun = Err(snapshots.failed(cause));
                    }
                }
                Part::End(positions, started) => {
                    let whole = draft.take().unwrap_or_else(|| snapshots.begin());
                    let kept = whole.and_then(|draft| snapshots.keep(draft)).map_err(anyhow::Error::from);
                    if done.send(kept.map(|()| (positions, started.elapsed()))).is_err() {
                        return;
                    }
                }
            }
        }
    };
    let thread = std::thread::Builder::new().name("snapshots".to_owned()).spawn(work)?;
    Ok((parts, outcomes, thread))
}
