//! Detection on a live stream, until told to stop.
//!
//! The order in which things become durable is the whole of it: flags and dead letters are flushed, then a
//! snapshot of the state is saved with the positions that it covers, then the positions are committed. A
//! crash at any point repeats what came after the last snapshot and gives the same flags with the same ids;
//! those that had gone out already are recognised and not sent again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use detect::{Arrival, Engine, Flag, Limit, Lineup};
use events::{Encoding, EventType, Millis};
use platform::metrics::DetectorMetrics;
use platform::{Batch, Record, Sink, Source};
use platform::{Positions, Transport};
use prometheus::IntCounter;

use crate::resume::{AlreadySent, Mark};
use crate::serving::{Look, Models, Serving};
use crate::watch::{Noted, Watch};
use crate::writer::Writer;
use crate::{DeadLetter, wall_clock};

/// How long a poll waits for the first event.
const POLL_WAIT: Duration = Duration::from_millis(100);

/// How long the group may refuse our positions.
const COMMIT_PATIENCE: Duration = Duration::from_secs(60);

/// After a snapshot that held up events for so long, at least this many times as long passes before the next: snapshots
/// take a tenth of the time at most, however much state there is.
pub const PAUSES_APART: u32 = 9;

/// How long what an earlier life sent may be awaited before other models may serve.
const REPEAT_PATIENCE: Duration = Duration::from_secs(5);

/// How far ahead of the slowest partition another may run once many events wait.
const AHEAD_MS: u64 = 60 * 60 * 1000;

/// How to run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How event time is cut.
    pub engine: detect::Settings,
    /// Probability from which accounts are flagged; none for the model's own.
    pub min_p: Option<f64>,
    /// The most flags of one model that are shown in an hour of event time, at least 1.
    pub flags_an_hour: u32,
    /// When a partition that was read to its end and stays silent no longer holds the others back.
    pub idle_after: Duration,
    /// Most events a batch.
    pub batch_events: usize,
    /// Most events that wait for their tick before partitions that run ahead are left unread.
    pub waiting_max: usize,
    /// How often state is made durable; less often where that would hold up events for more than a tenth of the time.
    pub snapshot_every: Duration,
    /// Directory of the snapshots.
    pub state: std::path::PathBuf,
}

/// What to read and write.
#[derive(Clone, Debug)]
pub struct Streams {
    /// Where the topics are.
    pub transport: Transport,
    /// Events in.
    pub events: String,
    /// How they are written.
    pub encoding: Encoding,
    /// Flags out.
    pub flags: String,
    /// Refusals out.
    pub dead_letters: String,
    /// Consumer group.
    pub group: String,
}

/// How a running detector is told to stop and says how it is.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// Set to stop after the present batch, with everything made durable.
    pub stop: Arc<AtomicBool>,
    /// Whether it takes in events.
    pub ready: Arc<AtomicBool>,
    /// Whether every event that there is has been read and scored.
    pub caught_up: Arc<AtomicBool>,
}

/// A detector with everything open.
pub struct Live {
    settings: Settings,
    signals: Signals,
    metrics: DetectorMetrics,
    watch: Watch,
    events_by_type: Vec<IntCounter>,
    topic: String,
    encoding: Encoding,
    source: Box<dyn Source>,
    flags: Box<dyn Sink>,
    dead_letters: Box<dyn Sink>,
    flags_reader: Box<dyn Source>,
    dead_letters_reader: Box<dyn Source>,
    writer: Writer,
    /// How many pieces of the state were written.
    pieces: u64,
    engine: Engine,
    serving: Serving,
    lineup: Lineup,
    positions: Positions,
    already: AlreadySent,
    /// From where the outputs must be read to know what had gone out already.
    flags_from: Positions,
    dead_letters_from: Positions,
    heard: HashMap<i32, Instant>,
    opened_at: Instant,
    saved_at: Instant,
    /// When the latest durable snapshot was begun.
    durable_at: Instant,
    /// How long the latest snapshot held up events.
    paused: Duration,
    committed_at: Instant,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live")
            .field("settings", &self.settings)
            .field("positions", &self.positions)
            .finish_non_exhaustive()
    }
}

impl Live {
    /// Opens the streams and takes up where the last snapshot ended, with the models that served there.
    ///
    /// # Errors
    /// Where a stream or the snapshots cannot be opened, or the snapshot belongs to other settings.
    pub fn open(
        settings: Settings,
        streams: &Streams,
        models: impl Into<Models>,
        metrics: DetectorMetrics,
        signals: Signals,
    ) -> anyhow::Result<Self> {
        let Streams { transport, events, encoding, flags, dead_letters, group } = streams;
        let source = transport.source(events, group)?;
        let mut serving = Serving::new(models.into(), &settings);
        let writer = Writer::open(&settings.state)?;
        let (engine, mark) = match writer.restore(&settings.engine)? {
            Some((engine, mark)) => (engine, Some(mark)),
            None => (Engine::new(settings.engine.clone(), &source.partitions()), None),
        };
        let mut live = Self {
            lineup: serving.begin(engine.closed())?,
            serving,
            engine,
            events_by_type: EventType::ALL
                .iter()
                .map(|t| metrics.events.with_label_values(&[t.as_str()]))
                .collect(),
            topic: events.clone(),
            encoding: *encoding,
            flags: transport.sink(flags)?,
            dead_letters: transport.sink(dead_letters)?,
            flags_reader: transport.reader(flags)?,
            dead_letters_reader: transport.reader(dead_letters)?,
            writer,
            pieces: 0,
            source,
            positions: Positions::new(),
            already: AlreadySent::default(),
            flags_from: Positions::new(),
            dead_letters_from: Positions::new(),
            heard: HashMap::new(),
            opened_at: Instant::now(),
            saved_at: Instant::now(),
            durable_at: Instant::now(),
            watch: Watch::new(&metrics),
            paused: Duration::ZERO,
            committed_at: Instant::now(),
            settings,
            signals,
            metrics,
        };
        live.restore(mark)?;
        live.show_models();
        Ok(live)
    }

    fn restore(&mut self, mark: Option<Mark>) -> anyhow::Result<()> {
        if let Some(mark) = mark {
            (self.flags_from, self.dead_letters_from) = (mark.flags_from, mark.dead_letters_from);
            self.lineup.resume(mark.steps, self.serving.is_followed());
            self.lineup.go_on(&mark.limits);
            self.positions = mark.positions;
            self.pieces = mark.number + 1;
        } else if !self.source.committed()?.is_empty() {
            tracing::warn!("no snapshot of the state: building it anew from the log's beginning");
        }
        for (partition, earliest) in self.source.earliest()? {
            let next = self.positions.entry(partition).or_insert(earliest);
            if *next < earliest {
                tracing::error!(
                    partition,
                    events = earliest - *next,
                    "events were removed before they were read"
                );
                *next = earliest;
            }
        }
        let models = self.serving.ids(&self.lineup);
        self.already.read_flags(self.flags_reader.as_mut(), &self.flags_from, &models)?;
        self.already.read_dead_letters(self.dead_letters_reader.as_mut(), &self.dead_letters_from)?;
        self.source.seek(&self.positions)?;
        tracing::info!(
            accounts = self.engine.accounts(),
            waiting = self.engine.waiting(),
            flags_already_sent = self.already.flags.len(),
            "detector opened"
        );
        Ok(())
    }

    /// Reads and flags until told to stop; then makes everything durable.
    ///
    /// # Errors
    /// Where a stream or the disk fails for good. Nothing is lost: the next start repeats from the snapshot.
    pub fn run(mut self) -> anyhow::Result<()> {
        self.signals.ready.store(true, Ordering::Release);
        let ran = self.run_until_stopped();
        self.signals.ready.store(false, Ordering::Release);
        ran
    }

    fn run_until_stopped(&mut self) -> anyhow::Result<()> {
        while !self.signals.stop.load(Ordering::Acquire) {
            let batch = self.source.poll(self.settings.batch_events, POLL_WAIT)?;
            let started = Instant::now();
            let events = batch.records.len();
            self.take_in(&batch)?;
            let flagged = self.close()?;
            self.follow()?;
            if events > 0 {
                self.metrics.batch_seconds.observe(started.elapsed().as_secs_f64());
            }
            if flagged > 0 {
                // Review should see a flag now, not at the next snapshot.
                self.flags.flush()?;
            }
            self.observe(&batch);
            self.commit_saved()?;
            let apart = self.settings.snapshot_every.max(self.paused * PAUSES_APART);
            if self.saved_at.elapsed() >= apart && self.writer.is_free() {
                self.save()?;
            }
        }
        self.writer.wait()?;
        self.save()?;
        self.writer.wait()?;
        self.commit_saved()?;
        tracing::info!("detector stopped with everything durable");
        Ok(())
    }

    fn take_in(&mut self, batch: &Batch) -> anyhow::Result<()> {
        let (now, heard_at) = (wall_clock(), Instant::now());
        for Record { partition, offset, value } in &batch.records {
            match self.encoding.decode(value, now) {
                Ok(event) => {
                    self.events_by_type[event.event_type() as usize].inc();
                    match self.engine.push(*partition, event) {
                        Arrival::Kept => {}
                        Arrival::Merged => self.metrics.merged.inc(),
                        Arrival::Duplicate => self.metrics.duplicates.inc(),
                        Arrival::Late => self.metrics.late.inc(),
                    }
                }
                Err(reject) => {
                    self.metrics.rejects.with_label_values(&[reject.rule.as_str()]).inc();
                    self.bury(&DeadLetter::new(&self.topic, *partition, *offset, reject))?;
                }
            }
            self.positions.insert(*partition, offset + 1);
            self.heard.insert(*partition, heard_at);
        }
        for partition in &batch.at_end {
            let heard = self.heard.entry(*partition).or_insert(heard_at);
            if heard.elapsed() >= self.settings.idle_after {
                self.engine.set_idle(*partition, now);
            }
        }
        let ahead = if self.engine.waiting() > self.settings.waiting_max {
            self.engine.running_ahead(AHEAD_MS)
        } else {
            Vec::new()
        };
        self.metrics.held.set(i64::try_from(ahead.len()).unwrap_or(i64::MAX));
        Ok(self.source.hold(&ahead)?)
    }

    fn bury(&mut self, letter: &DeadLetter) -> anyhow::Result<()> {
        let place = (letter.topic.clone(), letter.partition, letter.offset);
        if !self.already.dead_letters.remove(&place) {
            self.dead_letters.send(&letter.partition.to_string(), letter.encode().as_bytes())?;
        }
        Ok(())
    }

    /// Closes the ticks that have passed, each with the models that serve there, and sends what they flagged.
    fn close(&mut self) -> anyhow::Result<usize> {
        let mut flagged = 0;
        while let Some(last) = self.serving.until() {
            flagged += self.close_up_to(last)?;
            let is_passed = self.engine.closed() >= last || self.engine.next_due().is_some();
            match if is_passed { self.serving.next()? } else { None } {
                Some(next) => self.give_way(next),
                None => return Ok(flagged),
            }
        }
        Ok(flagged + self.close_up_to(Millis::MAX)?)
    }

    fn close_up_to(&mut self, last: Millis) -> anyhow::Result<usize> {
        let started = Instant::now();
        let (mut scored, mut held, mut flags) = (0_u32, 0_u64, Vec::new());
        let mut noted = Noted::new(&self.lineup, &self.metrics);
        let before = self.engine.gate_counts();
        // Both closures look at the models, one after the other.
        let lineup = RefCell::new(&mut self.lineup);
        self.engine.close_up_to(
            last,
            |outline| lineup.borrow().is_worth(outline),
            |row| {
                scored += 1;
                let verdicts = lineup.borrow_mut().consider(&row);
                noted.note(&verdicts);
                if let Some(challenger) = verdicts.challenger.filter(|_| verdicts.is_of_share) {
                    self.serving.canary.note(challenger.is_flagged, verdicts.champion.is_flagged);
                }
                held += u64::from(verdicts.is_held);
                flags.extend(verdicts.shown);
            },
        );
        noted.count(&self.lineup, &self.metrics);
        self.show_limits(held);
        let after = self.engine.gate_counts();
        let passed = after.looked_at - before.looked_at - u64::from(scored);
        self.metrics.gated.with_label_values(&["scored"]).inc_by(u64::from(scored));
        self.metrics.gated.with_label_values(&["out_of_reach"]).inc_by(passed);
        if scored > 0 {
            self.metrics.score_seconds.observe(started.elapsed().as_secs_f64() / f64::from(scored));
        }
        let count = flags.len();
        flags.iter().try_for_each(|flag| self.send(flag))?;
        Ok(count)
    }

    /// Says which models are silenced, and how many of their flags were held just now.
    fn show_limits(&self, held: u64) {
        self.metrics.held_flags.inc_by(held);
        for Limit { model, max, since, .. } in self.lineup.limits() {
            let silenced = self.metrics.silenced.with_label_values(&[&model]);
            if since.is_some() && silenced.get() == 0 {
                tracing::error!(
                    model,
                    max,
                    since,
                    "a model flags more than may be shown in an hour: it is silenced"
                );
            }
            silenced.set(i64::from(since.is_some()));
        }
    }

    /// Looks whether other models are to serve, and whether the challenger flags as often as it may.
    fn follow(&mut self) -> anyhow::Result<()> {
        let is_repeating = !self.already.flags.is_empty() && self.opened_at.elapsed() < REPEAT_PATIENCE;
        if is_repeating || self.serving.until().is_some() {
            return Ok(());
        }
        match self.serving.look(self.engine.closed()) {
            Look::Same => {}
            Look::Other(next) => {
                self.metrics.model_moves.with_label_values(&["taken"]).inc();
                self.give_way(*next);
            }
            Look::Refused(error) => {
                self.metrics.model_moves.with_label_values(&["refused"]).inc();
                tracing::error!(error = %format!("{error:#}"), "the registry moved and cannot be followed");
            }
        }
        let (shown, expected) = self.serving.canary.counts();
        self.watch.show_challenger(shown, expected);
        if self.serving.canary.is_out_of_band() {
            tracing::error!(shown, expected, "the challenger flags too often or too seldom: it is halted");
            self.metrics.model_moves.with_label_values(&["halted"]).inc();
            let next = self.serving.halt(self.engine.closed())?;
            self.give_way(next);
        }
        Ok(())
    }

    fn give_way(&mut self, next: Lineup) {
        self.lineup.give_way(next);
        self.show_models();
    }

    /// Says which models serve.
    fn show_models(&self) {
        let (champion, challenger) = (self.lineup.champion().id(), self.lineup.challenger());
        let percent = challenger.map_or(0, |(_, percent)| i64::from(percent));
        self.metrics.model_share.reset();
        self.metrics.silenced.reset();
        self.metrics.model_share.with_label_values(&[champion]).set(100 - percent);
        self.metrics.flags.with_label_values(&[champion]).inc_by(0);
        if let Some((model, _)) = challenger {
            self.metrics.model_share.with_label_values(&[model.id()]).set(percent);
        }
        let challenger = challenger.map(|(model, _)| model.id());
        tracing::info!(champion, challenger, percent, after = self.engine.closed(), "models serve");
    }

    fn send(&mut self, flag: &Flag) -> anyhow::Result<()> {
        self.metrics.flags.with_label_values(&[&flag.model]).inc();
        if !self.already.flags.remove(&flag.flag_id) {
            let delay_ms = wall_clock().saturating_sub(flag.ts);
            self.metrics.flag_delay_seconds.observe(delay_ms as f64 / 1000.0);
            let value = serde_json::to_vec(flag).context("could not encode a flag")?;
            self.flags.send(flag.account.as_str(), &value)?;
        }
        Ok(())
    }

    fn save(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        self.flags.flush()?;
        self.dead_letters.flush()?;
        // What went out but has not been computed again must be found again by the next life too.
        if self.already.flags.is_empty() {
            self.flags_from = self.flags_reader.ends()?;
        }
        if self.already.dead_letters.is_empty() {
            self.dead_letters_from = self.dead_letters_reader.ends()?;
        }
        let mark = Mark {
            number: self.pieces,
            positions: self.positions.clone(),
            flags_from: self.flags_from.clone(),
            dead_letters_from: self.dead_letters_from.clone(),
            steps: self.lineup.steps(),
            limits: self.lineup.limits(),
        };
        self.pieces += 1;
        self.writer.write(mark, &mut self.engine, started)?;
        self.saved_at = Instant::now();
        self.paused = self.saved_at - started;
        self.metrics.snapshot_pause_seconds.observe(self.paused.as_secs_f64());
        Ok(())
    }

    /// Commits the positions that a snapshot covers once it is durable.
    fn commit_saved(&mut self) -> anyhow::Result<()> {
        if let Some((positions, took)) = self.writer.written()? {
            self.metrics.snapshot_seconds.observe(took.as_secs_f64());
            self.durable_at = Instant::now().checked_sub(took).unwrap_or(self.durable_at);
            self.commit(&positions)?;
        }
        Ok(())
    }

    /// Tells the group how far we are. The snapshot is what a restart goes by, so that a group that is between
    /// two generations may refuse for a while.
    fn commit(&mut self, positions: &Positions) -> anyhow::Result<()> {
        match self.source.commit(positions) {
            Ok(()) => self.committed_at = Instant::now(),
            Err(error) if self.committed_at.elapsed() < COMMIT_PATIENCE => {
                tracing::warn!(error = %error.cause, "positions are not committed; the next snapshot tries again");
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn observe(&mut self, batch: &Batch) {
        let at_end = batch.records.is_empty() && batch.at_end.len() == self.source.partitions().len();
        self.watch.observe(&self.engine, batch, wall_clock(), at_end);
        self.metrics.snapshot_age_seconds.set(self.durable_at.elapsed().as_secs_f64());
        self.signals.caught_up.store(at_end && self.engine.waiting() == 0, Ordering::Release);
    }
}
