//! Models that follow each other in a running detector: in shadow, for a share, as champion, and back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use detect::{Flag, Profile, is_of_share};
use detector::load_model;
use platform::ModelStore;
use scorers::Artifact;
use serde_json::Value;

use crate::lab::{Lab, ids, succeed, text};
use crate::live::{Life, Stage};
use crate::model_registry::{Shelf, another};

/// Saved only when it is stopped.
const NEVER: Duration = Duration::from_secs(3600);

/// A registry whose champion is the lab's model, and a second one, judged, in shadow.
struct Two {
    shelf: Shelf,
    first: String,
    second: String,
    second_directory: PathBuf,
}

impl Two {
    /// A copy of one that was judged once.
    fn new() -> Self {
        static JUDGED: OnceLock<Two> = OnceLock::new();
        let judged = JUDGED.get_or_init(Self::judged);
        let shelf = Shelf::new();
        copy(judged.shelf.folder.path(), shelf.folder.path());
        let second_directory = shelf.folder.path().join("another");
        Self { shelf, first: judged.first.clone(), second: judged.second.clone(), second_directory }
    }

    fn judged() -> Self {
        let shelf = Shelf::new();
        let first = shelf.crown();
        let second_directory = another(shelf.folder.path(), &["--trees", "260"]);
        let second = shelf.push(&second_directory);
        shelf.succeed(&["promote", &second, "--to", "shadow", "--by", "sam"]);
        shelf.judge_by_copy(&second, &second_directory);
        Self { shelf, first, second, second_directory }
    }

    fn start(&self, stage: &Stage) -> Life {
        self.start_at(stage, None)
    }

    /// The same, flagging from this probability on.
    fn start_at(&self, stage: &Stage, min_p: Option<f64>) -> Life {
        let store = ModelStore::open(&self.shelf.directory(), &self.shelf.public_key()).unwrap();
        stage.start_with(store, min_p, 2_000, NEVER)
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}

fn world() -> Vec<String> {
    std::fs::read_to_string(&Lab::shared().events).unwrap().lines().map(str::to_owned).collect()
}

fn write(stage: &Stage, lines: &[String]) {
    stage.write(lines.iter().map(String::as_str));
}

fn flags(lines: &[String]) -> Vec<Flag> {
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The flags of a file under one model.
fn flags_under(model: &Path, folder: &Path) -> Vec<Flag> {
    let (events, out) = (text(&Lab::shared().events), folder.join("flags.jsonl"));
    succeed(&["detect", "--events", events, "--model", text(model), "--out", text(&out)]);
    let found = std::fs::read_to_string(out).unwrap();
    flags(&found.lines().map(str::to_owned).collect::<Vec<_>>())
}

fn share_of(life: &Life, model: &str) -> i64 {
    life.metrics.model_share.with_label_values(&[model]).get()
}

fn moves(life: &Life, outcome: &str) -> u64 {
    life.metrics.model_moves.with_label_values(&[outcome]).get()
}

#[test]
fn a_challenger_in_shadow_scores_everything_and_shows_nothing() {
    let (two, stage) = (Two::new(), Stage::new());
    write(&stage, &world());
    let life = two.start(&stage);
    life.wait("the end of the stream", Life::has_caught_up);
    let of = |counter: &prometheus::IntCounterVec, model: &str| counter.with_label_values(&[model]).get();
    let (first, second) = (two.first.as_str(), two.second.as_str());
    assert!(of(&life.metrics.scored, second) > 0);
    assert_eq!(of(&life.metrics.scored, first), of(&life.metrics.scored, second));
    assert!(of(&life.metrics.found, second) > 0, "it found something, and kept it to itself");
    assert_eq!(of(&life.metrics.flags, second), 0);
    let (metrics, shown) = (life.metrics.clone(), flags(&stage.flags()));
    life.stop();
    assert_eq!(metrics.model_share.with_label_values(&[first]).get(), 100);
    let mut expected = flags_under(&Lab::shared().model, two.shelf.folder.path());
    expected.sort_by(|a, b| a.flag_id.cmp(&b.flag_id));
    let mut shown = shown;
    shown.sort_by(|a, b| a.flag_id.cmp(&b.flag_id));
    assert!(shown == expected, "{} flags, {} without a challenger", shown.len(), expected.len());
}

#[test]
fn a_share_of_the_accounts_is_flagged_by_the_challenger() {
    let (two, stage) = (Two::new(), Stage::new());
    two.shelf.promote(&two.second, "40%");
    write(&stage, &world());
    let life = two.start(&stage);
    life.wait("the end of the stream", Life::has_caught_up);
    life.stop();
    let folder = two.shelf.folder.path();
    let own = |flag: &Flag| is_of_share(&flag.account, &two.second, 40);
    let of_first = flags_under(&Lab::shared().model, folder).into_iter().filter(|flag| !own(flag));
    let of_second = flags_under(&two.second_directory, folder).into_iter().filter(own);
    let mut expected: Vec<Flag> = of_first.chain(of_second).collect();
    let mut shown = flags(&stage.flags());
    expected.sort_by(|a, b| a.flag_id.cmp(&b.flag_id));
    shown.sort_by(|a, b| a.flag_id.cmp(&b.flag_id));
    let of_both = [&two.first, &two.second].map(|id| shown.iter().filter(|flag| flag.model == *id).count());
    assert!(of_both.iter().all(|count| *count > 0), "{of_both:?}");
    assert!(shown == expected, "{} flags, expected {}", shown.len(), expected.len());
}

#[test]
fn a_rollback_is_quick_and_keeps_its_place_when_ticks_are_computed_again() {
    let (two, stage, events) = (Two::new(), Stage::new(), world());
    two.shelf.promote(&two.second, "50%");
    two.shelf.promote(&two.second, "champion");
    let half = events.len() / 2;
    write(&stage, &events[..half]);
    let life = two.start(&stage);
    life.wait("the first half", Life::has_caught_up);
    let before = flags(&stage.flags());
    assert!(!before.is_empty() && before.iter().all(|flag| flag.model == two.second));

    let started = Instant::now();
    two.shelf.succeed(&["rollback", "--by", "lee"]);
    life.wait("the rollback", |life| share_of(life, &two.first) == 100);
    let took = started.elapsed();
    println!("rolled back after {took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    write(&stage, &events[half..]);
    life.wait("the whole stream", |life| life.events() == events.len() as u64 && life.has_caught_up());
    let shown = stage.flags();
    let after: Vec<Flag> = flags(&shown).into_iter().filter(|flag| !before.contains(flag)).collect();
    assert_eq!(after.len() + before.len(), shown.len(), "old flags stay as they were");
    assert!(!after.is_empty() && after.iter().all(|flag| flag.model == two.first));
    // To the bit what the model said before it was replaced.
    let scores: BTreeMap<(String, u64), u64> = flags_under(&Lab::shared().model, two.shelf.folder.path())
        .iter()
        .map(|flag| ((flag.account.to_string(), flag.ts), flag.score.to_bits()))
        .collect();
    let known: Vec<(&Flag, &u64)> = after
        .iter()
        .filter_map(|flag| Some((flag, scores.get(&(flag.account.to_string(), flag.ts))?)))
        .collect();
    assert!(!known.is_empty() && known.iter().all(|(flag, bits)| flag.score.to_bits() == **bits));

    // As if it had been killed: nothing of the state was saved but the models' places.
    let killed = stage.copy();
    life.stop();
    let life = two.start(&killed);
    life.wait("everything again", |life| life.events() == events.len() as u64 && life.has_caught_up());
    life.stop();
    assert!(killed.flags() == shown, "{} flags, {} before", killed.flags().len(), shown.len());
    assert!(ids(&killed.flags()).values().all(|n| *n == 1));
}

#[test]
fn a_move_that_cannot_be_used_changes_nothing() {
    let (two, stage, events) = (Two::new(), Stage::new(), world());
    let life = two.start(&stage);
    two.shelf.promote(&two.second, "50%");
    life.wait("the share", |life| share_of(life, &two.second) == 50);
    let history = two.shelf.directory().join("history");
    let forged = std::fs::read_to_string(history.join("000002.note")).unwrap().replace("50", "99");
    std::fs::write(history.join("000003.note"), forged).unwrap();
    life.wait("the refusal", |life| moves(life, "refused") > 0);
    write(&stage, &events[..2_000]);
    life.wait("detection goes on", |life| life.events() == 2_000);
    assert_eq!(share_of(&life, &two.second), 50);
    life.stop();
}

#[test]
fn a_challenger_that_flags_too_much_is_halted() {
    let (two, stage) = (Two::new(), Stage::new());
    // The gates look at rankings and probabilities; where it flags from is only seen when it serves.
    let model = load_model(&two.second_directory, &Profile::default()).unwrap();
    let artifact = Artifact { threshold: 0.002, ..model.artifact().clone() };
    let document = artifact.encode();
    let id = serde_json::from_str::<Value>(&document).unwrap()["id"].as_str().unwrap().to_owned();
    let loud = two.shelf.folder.path().join("loud");
    std::fs::create_dir(&loud).unwrap();
    std::fs::write(loud.join("model.json"), document).unwrap();
    std::fs::write(loud.join("manifest.json"), format!("{{\"model\":\"{id}\"}}")).unwrap();
    std::fs::write(loud.join("card.md"), "loud").unwrap();
    two.shelf.push(&loud);
    two.shelf.succeed(&["promote", &id, "--to", "shadow", "--by", "sam"]);
    two.shelf.judge_by_copy(&id, &loud);
    two.shelf.promote(&id, "50%");

    let events = self::world();
    write(&stage, &events);
    let life = two.start(&stage);
    life.wait("it is halted", |life| moves(life, "halted") == 1);
    life.wait("the end of the stream", Life::has_caught_up);
    assert_eq!((share_of(&life, &id), share_of(&life, &two.first)), (0, 100));
    life.stop();
    let shown = flags(&stage.flags());
    let last_loud = shown.iter().filter(|flag| flag.model == id).map(|flag| flag.ts).max().unwrap();
    let last = shown.iter().filter(|flag| flag.model == two.first).map(|flag| flag.ts).max().unwrap();
    assert!(last_loud < last, "the champion flags on, alone");
    // It stays halted when the detector starts again.
    let life = two.start(&stage);
    life.wait("the end of the stream", Life::has_caught_up);
    assert_eq!(share_of(&life, &id), 0);
    life.stop();
}

/// The most that is shown of each hour of event time.
fn most_an_hour(flags: &[Flag]) -> usize {
    let mut hours: BTreeMap<u64, usize> = BTreeMap::new();
    flags.iter().for_each(|flag| *hours.entry(flag.ts / 3_600_000).or_default() += 1);
    hours.into_values().max().unwrap_or(0)
}

#[test]
fn a_storm_of_flags_is_held_until_somebody_lifts_that() {
    let (two, mut stage, events) = (Two::new(), Stage::new(), world());
    stage.flags_an_hour = 4;
    let start = |stage: &Stage| two.start_at(stage, Some(0.002));
    let is_silenced = |life: &Life| life.metrics.silenced.with_label_values(&[&two.first]).get() == 1;
    let (first, second) = (events.len() / 3, 2 * events.len() / 3);
    write(&stage, &events[..first]);
    let life = start(&stage);
    life.wait("the storm", |life| life.has_caught_up() && is_silenced(life));
    let held = life.metrics.held_flags.get();
    life.stop();
    let before = flags(&stage.flags());
    assert_eq!(most_an_hour(&before), 4, "as many as may be, and no more");
    assert!(held > 0);

    // It stays silent when the detector starts again, hours of event time later.
    write(&stage, &events[first..second]);
    let life = start(&stage);
    life.wait("the second third", |life| life.events() >= (second - first) as u64 && life.has_caught_up());
    assert!(is_silenced(&life) && life.metrics.held_flags.get() > 0);
    assert_eq!(stage.flags().len(), before.len());

    two.shelf.succeed(&["lift", "--by", "lee"]);
    life.wait("the lift", |life| !is_silenced(life));
    write(&stage, &events[second..]);
    life.wait("the whole stream", |life| {
        life.events() >= (events.len() - first) as u64 && life.has_caught_up()
    });
    life.stop();
    let after = flags(&stage.flags());
    assert!(after.len() > before.len(), "it is heard again");
    assert_eq!(most_an_hour(&after), 4, "and held to the same limit");
}
