//! The live detector on the embedded log, in this process: stopped, started again, its snapshots damaged, its events
//! late and delivered twice.

use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use detect::Profile;
use detector::{Live, Models, Settings, Signals, Streams, load_model};
use events::{Encoding, Event, EventType, Token, decode};
use platform::metrics::DetectorMetrics;
use platform::{EmbeddedLog, Transport};
use prometheus::Registry;
use simulate::{Archetype, Injection, inject};
use tempfile::TempDir;

use crate::lab::{Lab, eventually, flags_of_file, ids, records, sorted};

const HOUR_MS: u64 = 60 * 60 * 1000;

/// An embedded log and a state beside it.
pub(crate) struct Stage {
    folder: TempDir,
    encoding: Encoding,
    pub(crate) flags_an_hour: u32,
}

/// A detector that runs on a stage.
pub(crate) struct Life {
    pub(crate) metrics: DetectorMetrics,
    signals: Signals,
    running: JoinHandle<anyhow::Result<()>>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Encoding::Json)
    }

    /// One whose events are written so.
    pub(crate) fn with(encoding: Encoding) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), encoding, flags_an_hour: u32::MAX }
    }

    /// The same stage once more, while nobody runs on it.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::with(self.encoding);
        for part in ["log", "state"] {
            std::fs::create_dir(copy.folder.path().join(part)).unwrap();
            for entry in std::fs::read_dir(self.folder.path().join(part)).unwrap() {
                let from = entry.unwrap().path();
                std::fs::copy(&from, copy.folder.path().join(part).join(from.file_name().unwrap())).unwrap();
            }
        }
        copy
    }

    fn transport(&self) -> Transport {
        Transport::Embedded(EmbeddedLog::new(self.folder.path().join("log"), 4))
    }

    /// Puts lines onto the stream, keyed by actor.
    pub(crate) fn write<'a>(&self, lines: impl IntoIterator<Item = &'a str>) {
        let mut sink = self.transport().sink("events").unwrap();
        for line in lines {
            let event = decode(line.as_bytes(), u64::MAX).unwrap();
            let key = event.actor.as_ref().map_or("", |a| a.as_str());
            match self.encoding {
                Encoding::Json => sink.send(key, line.as_bytes()).unwrap(),
                Encoding::Protobuf => sink.send(key, &event.to_protobuf()).unwrap(),
            }
        }
        sink.flush().unwrap();
    }

    pub(crate) fn flags(&self) -> Vec<String> {
        sorted(records(&self.transport(), "flags"))
    }

    /// A configuration of this stage, for commands that look at it.
    pub(crate) fn configuration(&self, model: &Path) -> PathBuf {
        let folder = self.folder.path();
        let document = format!(
            "[transport]\ndirectory = {:?}\n[topics]\ndead_letters = \"dead-letters\"\n[detect]\nmodel = {model:?}\n",
            folder.join("log"),
        );
        let file = folder.join("silhouette.toml");
        std::fs::write(&file, document).unwrap();
        file
    }

    /// A life that takes in so many events at once and saves its state this often.
    pub(crate) fn start(&self, batch_events: usize, snapshot_every: Duration) -> Life {
        self.start_at(None, batch_events, snapshot_every)
    }

    /// The same, flagging from this probability on.
    fn start_at(&self, min_p: Option<f64>, batch_events: usize, snapshot_every: Duration) -> Life {
        let model = load_model(&Lab::shared().model, &Profile::default()).unwrap();
        self.start_with(model, min_p, batch_events, snapshot_every)
    }

    /// The same with other models.
    pub(crate) fn start_with(
        &self,
        models: impl Into<Models>,
        min_p: Option<f64>,
        batch_events: usize,
        snapshot_every: Duration,
    ) -> Life {
        let streams = Streams {
            transport: self.transport(),
            events: "events".to_owned(),
            encoding: self.encoding,
            flags: "flags".to_owned(),
            dead_letters: "dead-letters".to_owned(),
            group: "detector".to_owned(),
        };
        let settings = Settings {
            engine: detect::Settings::default(),
            min_p,
            flags_an_hour: self.flags_an_hour,
            idle_after: Duration::from_secs(1),
            batch_events,
            waiting_max: 20_000,
            snapshot_every,
            state: self.folder.path().join("state"),
        };
        let (metrics, signals) = (DetectorMetrics::register(&Registry::new()).unwrap(), Signals::default());
        let live = Live::open(settings, &streams, models, metrics.clone(), signals.clone()).unwrap();
        Life { metrics, signals, running: std::thread::spawn(move || live.run()) }
    }

    /// The pieces of the state, oldest first.
    fn pieces(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("state")).unwrap();
        let mut pieces: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        pieces.retain(|path| path.extension().is_some_and(|extension| extension == "snapshot"));
        pieces.sort();
        pieces
    }
}

impl Life {
    /// Events taken in so far.
    pub(crate) fn events(&self) -> u64 {
        taken_in(&self.metrics)
    }

    pub(crate) fn has_caught_up(&self) -> bool {
        self.signals.caught_up.load(Ordering::Acquire)
    }

    #[track_caller]
    pub(crate) fn wait(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        eventually(what, || {
            assert!(!self.running.is_finished(), "the detector ended by itself");
            is_so(self)
        });
    }

    /// Stops it with everything durable; returns how many events it had taken in.
    pub(crate) fn stop(self) -> u64 {
        self.signals.stop.store(true, Ordering::Release);
        self.running.join().unwrap().unwrap();
        taken_in(&self.metrics)
    }
}

fn taken_in(metrics: &DetectorMetrics) -> u64 {
    EventType::ALL.iter().map(|t| metrics.events.with_label_values(&[t.as_str()]).get()).sum()
}

/// Runs from the state that there is to the end of the stream; returns how many events were taken in.
fn run_to_end(stage: &Stage) -> u64 {
    let life = stage.start(5_000, Duration::from_millis(50));
    life.wait("the end of the stream", Life::has_caught_up);
    life.stop()
}

fn tear(file: &Path) {
    let length = std::fs::metadata(file).unwrap().len();
    std::fs::OpenOptions::new().write(true).open(file).unwrap().set_len(length / 2).unwrap();
}

fn flip_a_bit(file: &Path) {
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(file).unwrap();
    let middle = file.metadata().unwrap().len() / 2;
    let mut byte = [0];
    file.seek(SeekFrom::Start(middle)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(middle)).unwrap();
    file.write_all(&[byte[0] ^ 0b1000]).unwrap();
}

/// How far back from the newest piece the one in the middle is damaged: fewer than make a whole lie after it.
const FLIPPED: usize = 10;

#[test]
fn damaged_pieces_are_passed_over_for_the_last_whole_state() {
    let lab = Lab::shared();
    let stage = Stage::new();
    let expected = flags_of_file(&lab.events, stage.folder.path());
    let world = std::fs::read_to_string(&lab.events).unwrap();
    let total = world.lines().count() as u64;
    stage.write(world.lines());

    // So many pieces that the first ones have been let go. Pieces are as far apart as their pauses say, which is longer on
    // a busy machine: small batches leave time for all of them.
    let life = stage.start(50, Duration::ZERO);
    let is_let_go = || stage.pieces().first().is_some_and(|piece| !piece.ends_with("000000000000.snapshot"));
    life.wait("the middle of the stream", |life| life.events() >= total / 2 && is_let_go());
    assert!(life.stop() < total, "stopped before the end");
    let pieces = stage.pieces();
    assert!(pieces.len() >= 20 && !pieces[0].ends_with("000000000000.snapshot"), "{pieces:?}");
    let sent = stage.flags().len();
    assert!(sent > 0 && sent < expected.len(), "{sent} of {}", expected.len());

    // What is left of a damaged state must be the state of the last piece before the damage, as if all the later ones
    // had never been written.
    let (damaged, cut) = (stage.copy(), stage.copy());
    tear(damaged.pieces().last().unwrap());
    flip_a_bit(&damaged.pieces()[pieces.len() - 1 - FLIPPED]);
    for piece in &cut.pieces()[pieces.len() - 1 - FLIPPED..] {
        std::fs::remove_file(piece).unwrap();
    }
    let (whole, damaged_read, cut_read) = (run_to_end(&stage), run_to_end(&damaged), run_to_end(&cut));
    assert_eq!(damaged_read, cut_read);
    assert!(whole < damaged_read && damaged_read < total, "{whole} {damaged_read} {total}");
    for (stage, name) in [(&stage, "whole"), (&damaged, "damaged"), (&cut, "cut")] {
        let found = stage.flags();
        let twice: Vec<_> = ids(&found).into_iter().filter(|(_, n)| *n > 1).collect();
        assert_eq!(twice, [], "{name}: flags that went out twice");
        assert!(found == expected, "{name}: the flags differ from those of the file");
    }

    // What lies beyond the damage is of no use to anybody, and in nobody's way.
    assert_eq!(run_to_end(&damaged), 0, "the new pieces hold everything");
    assert!(damaged.flags() == expected);
}

#[test]
fn a_state_without_a_whole_is_refused() {
    let lab = Lab::shared();
    let stage = Stage::new();
    stage.write(std::fs::read_to_string(&lab.events).unwrap().lines().take(2_000));
    run_to_end(&stage);
    let pieces = stage.pieces();
    pieces.iter().for_each(|piece| flip_a_bit(piece));
    let error = std::panic::catch_unwind(|| stage.start(1_000, Duration::ZERO)).err().unwrap();
    let said = error.downcast_ref::<String>().unwrap();
    assert!(said.contains("no state among them is whole"), "{said}");
}

/// The first days of the shared world.
fn beginning(days: u64) -> Vec<Event> {
    let world = std::fs::read_to_string(&Lab::shared().events).unwrap();
    let events = world.lines().map(|line| decode(line.as_bytes(), u64::MAX).unwrap());
    let mut events: Vec<Event> = events.collect();
    let end = events[0].ts + days * 24 * HOUR_MS;
    events.retain(|event| event.ts < end);
    events
}

fn write(stage: &Stage, events: &[Event]) {
    let lines: Vec<String> = events.iter().map(Event::to_json).collect();
    stage.write(lines.iter().map(String::as_str));
}

/// An account with which six people at once ask one minor after the other in the twenty hours up to an hour before
/// `end`.
fn planted(targets: &[Token], end: u64) -> Vec<Event> {
    let account = Token::try_from("planted_scattergun").unwrap();
    let (start, end) = (end - 21 * HOUR_MS, end - HOUR_MS);
    let turns = (1..).zip(targets.chunks(targets.len() / 6)).flat_map(|(seed, targets)| {
        let (planted, account) = (Archetype::Scattergun, account.clone());
        inject(&Injection { planted, account, targets: targets.to_vec(), moments: vec![], start, end, seed })
    });
    turns.collect()
}

/// The planted account is young, and nothing else is known of it.
const LOW: Option<f64> = Some(0.05);

#[test]
fn late_events_count_once_and_redelivered_ones_not_at_all() {
    let stage = Stage::new();
    let mut known = beginning(3);
    let end = known.last().unwrap().ts;
    let targets: Vec<Token> = known.iter().filter_map(|event| event.actor.clone()).collect();
    let targets: std::collections::BTreeSet<Token> = targets.into_iter().collect();
    let late = planted(&targets.into_iter().take(300).collect::<Vec<_>>(), end);
    assert!(late.len() > 60, "{}", late.len());
    write(&stage, &known);

    let life = stage.start_at(LOW, 5_000, Duration::from_millis(50));
    let counts = |life: &Life| {
        let DetectorMetrics { merged, duplicates, late, .. } = &life.metrics;
        [merged.get(), duplicates.get(), late.get()]
    };
    life.wait("every tick is closed", Life::has_caught_up);
    let before = stage.flags();
    assert_eq!(counts(&life), [0, 0, 0]);

    write(&stage, &late);
    let merged = late.len() as u64;
    life.wait("late events are merged", |life| counts(life) == [merged, 0, 0] && life.has_caught_up());
    let after = stage.flags();
    let new: Vec<&String> = after.iter().filter(|flag| !before.contains(flag)).collect();
    assert!(after.len() == before.len() + new.len() && !new.is_empty(), "what was merged was scored");
    assert!(new.iter().any(|flag| flag.contains("\"account\":\"planted_scattergun\"")), "{new:?}");

    // Of the first day and of what was merged; and one of the first day that nobody ever delivered.
    write(&stage, &[known[0].clone(), known[known.len() / 4].clone(), late[0].clone()]);
    let mut unheard = known.swap_remove(1);
    unheard.id = Token::try_from("never_delivered_before").unwrap();
    write(&stage, &[unheard]);
    life.wait("redelivery is seen through", |life| counts(life) == [merged, 3, 1] && life.has_caught_up());
    life.stop();

    let life = stage.start_at(LOW, 5_000, Duration::from_millis(50));
    write(&stage, &[known[0].clone(), late[1].clone()]);
    life.wait("also after a restart", |life| counts(life) == [0, 2, 0] && life.has_caught_up());
    assert_eq!(life.stop(), 2);
    assert!(stage.flags() == after, "redelivery changed the flags");
}

#[test]
fn a_clock_two_hours_ahead_makes_nobody_late() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let expected = flags_of_file(&lab.events, folder.path());
    let ahead = folder.path().join("ahead.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&ahead).unwrap());
    for (i, line) in std::fs::read_to_string(&lab.events).unwrap().lines().enumerate() {
        if i % 200 == 0 {
            let ts = decode(line.as_bytes(), u64::MAX).unwrap().ts + 2 * HOUR_MS;
            writeln!(
                file,
                r#"{{"v":1,"id":"clock_ahead_event_{i}","ts":{ts},"type":"message.sent","actor":"clock_ahead_account","target":"clock_ahead_friend_{i}","kind":"text"}}"#
            )
            .unwrap();
        }
        writeln!(file, "{line}").unwrap();
    }
    file.flush().unwrap();
    let (out, model) = (folder.path().join("flags.jsonl"), crate::lab::text(&lab.model));
    let [ahead, out_name] = [&ahead, &out].map(|path| crate::lab::text(path));
    let said = crate::lab::run(&["detect", "--events", ahead, "--model", model, "--out", out_name]);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(!said.contains("late") && !said.contains("delivered") && !said.contains("refused"), "{said}");
    let flags = std::fs::read_to_string(&out).unwrap();
    let others = flags.lines().filter(|flag| !flag.contains("\"account\":\"clock_ahead_"));
    assert!(sorted(others.map(str::to_owned).collect()) == expected, "others' flags differ");
}
