//! Makes pieces of the state durable beside detection, one at a time.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context;
use detect::Engine;
use platform::Positions;
use platform::snapshots::Snapshots;

use crate::resume::{self, Mark};

/// A piece to write, and since when it has been in the making.
struct Job {
    content: Vec<u8>,
    positions: Positions,
    started: Instant,
}

/// What became of one.
type Outcome = anyhow::Result<(Positions, Duration)>;

/// What has been written, if anything.
type Written = anyhow::Result<Option<(Positions, Duration)>>;

/// Writes on a thread of its own: compressing and synchronising take longer than detection should stand still.
pub(crate) struct Writer {
    /// Until the thread takes them over.
    snapshots: Option<Snapshots>,
    thread: Option<(Sender<Job>, Receiver<Outcome>, JoinHandle<()>)>,
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

    /// Hands a piece over to be written. There must be none on the way.
    pub(crate) fn write(
        &mut self,
        mark: Mark,
        piece: Vec<u8>,
        settings: &detect::Settings,
        started: Instant,
    ) -> anyhow::Result<()> {
        assert!(!self.is_busy, "pieces are written one after the other");
        let content = resume::encode(&mark, &piece, settings)?;
        if let Some(snapshots) = self.snapshots.take() {
            self.thread = Some(start(snapshots)?);
        }
        let (jobs, ..) = self.thread.as_ref().context("the writer has ended")?;
        jobs.send(Job { content, positions: mark.positions, started }).context("the writer has ended")?;
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

fn start(mut snapshots: Snapshots) -> anyhow::Result<(Sender<Job>, Receiver<Outcome>, JoinHandle<()>)> {
    let (jobs, to_do) = channel::<Job>();
    let (done, outcomes) = channel();
    let work = move || {
        for job in to_do {
            let saved = snapshots.save(&job.content).map_err(anyhow::Error::from);
            if done.send(saved.map(|()| (job.positions, job.started.elapsed()))).is_err() {
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("snapshots".to_owned()).spawn(work)?;
    Ok((jobs, outcomes, thread))
}
