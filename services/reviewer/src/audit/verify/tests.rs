use tempfile::TempDir;

use super::*;
use crate::audit::Notary;
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::{Store, read_log};

const ENTRIES: usize = 700;

/// A log in a real database, an earlier note of it, and who checks it.
async fn written() -> (TempDir, Log, String, Verifier) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("log.db").display().to_string();
    let notary = Notary::open(&folder.path().join("audit.key")).unwrap();
    let verifier = notary.verifier();
    let metrics = Metrics::register(&platform::metrics::Registry::new()).unwrap();
    let store = Store::open(&database, notary, metrics, Clock::default()).await.unwrap();
    let mut witnessed = String::new();
    for n in 0..ENTRIES {
        let mut unit = store.write().await.unwrap();
        unit.append(Entry::done("ana", "token", "readCase", n as u64).about(format!("c{n:020x}")));
        unit.commit().await.unwrap();
        if n == ENTRIES - 3 {
            witnessed = store.read().await.unwrap().audit_head().await.unwrap().1;
        }
    }
    store.close().await;
    let log = read_log(&database).await.unwrap();
    (folder, log, witnessed, verifier)
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// Another character in place of one.
fn flipped(text: &str, dice: &mut Dice) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = dice.below(characters.len());
    characters[at] = if characters[at] == 'a' { 'b' } else { 'a' };
    characters.into_iter().collect()
}

/// A tampering of some kind, and what it was.
fn tampered(log: &Log, dice: &mut Dice) -> (Log, String) {
    let mut log = log.clone();
    let at = dice.below(log.entries.len());
    let what = match dice.below(12) {
        0 => {
            log.entries[at].1 = flipped(&log.entries[at].1, dice);
            format!("a character of body {at}")
        }
        1 => {
            log.entries[at].2 = flipped(&log.entries[at].2, dice);
            format!("a character of leaf {at}")
        }
        2 => {
            log.entries[at].3 = flipped(&log.entries[at].3, dice);
            format!("a character of link {at}")
        }
        3 => {
            log.entries.remove(at);
            format!("entry {at} removed")
        }
        4 => {
            let other = (at + 1 + dice.below(log.entries.len() - 1)) % log.entries.len();
            let (mine, others) = (log.entries[at].1.clone(), log.entries[other].1.clone());
            (log.entries[at].1, log.entries[other].1) = (others, mine);
            format!("bodies {at} and {other} exchanged")
        }
        5 => {
            log.entries.truncate(log.entries.len() - 1 - dice.below(3));
            "the end cut off".to_owned()
        }
        6 => {
            let again = log.entries[at].clone();
            log.entries.insert(at, again);
            format!("entry {at} twice")
        }
        7 => {
            let node = dice.below(log.nodes.len());
            log.nodes[node].2 = flipped(&log.nodes[node].2, dice);
            format!("node {node}")
        }
        8 => {
            log.nodes.remove(dice.below(log.nodes.len()));
            "a node removed".to_owned()
        }
        9 => {
            log.head.3 = log.checkpoints[dice.below(log.checkpoints.len())].1.clone();
            "an older head's note".to_owned()
        }
        10 => {
            rewritten(&mut log, at);
            format!("entry {at} and every hash after it written anew")
        }
        _ => {
            let kept = dice.below(log.checkpoints.len());
            log.checkpoints[kept].1 = flipped(&log.checkpoints[kept].1, dice);
            format!("checkpoint {kept}")
        }
    };
    (log, what)
}

/// What somebody does who can write the whole database and has not the key.
fn rewritten(log: &mut Log, at: usize) {
    log.entries[at].1 = log.entries[at].1.replace("ana", "bob");
    let (mut frontier, mut link) = (Frontier::default(), Hash::default());
    let mut nodes = Vec::new();
    for (_, body, leaf, chained) in &mut log.entries {
        let hash = leaf_hash(body.as_bytes());
        link = chain(&link, &hash);
        nodes.extend(frontier.push(hash));
        (*leaf, *chained) = (crate::audit::hex(&hash), crate::audit::hex(&link));
    }
    let place = |(place, hash): &(NodePlace, Hash)| {
        (i64::from(place.level), place.position as i64, crate::audit::hex(hash))
    };
    log.nodes = nodes.iter().map(place).collect();
    log.head.1 = crate::audit::hex(&link);
    log.head.2 = frontier.peaks().iter().map(crate::audit::hex).collect::<Vec<_>>().join(",");
}

#[tokio::test]
async fn a_thousand_of_a_thousand_tamperings_are_found() {
    let (_folder, log, witnessed, verifier) = written().await;
    let witnessed = [witnessed];
    let report = verify(&log, &verifier, &witnessed);
    assert_eq!((report.entries, report.findings), (ENTRIES, vec![]));

    let mut dice = Dice(7);
    let mut found = 0;
    for _ in 0..1000 {
        let (other, what) = tampered(&log, &mut dice);
        assert_ne!(verify(&other, &verifier, &witnessed).findings, vec![], "not found: {what}");
        found += 1;
    }
    println!("{found} of 1000 tamperings found in a log of {ENTRIES} entries");
}

#[tokio::test]
async fn a_log_cut_back_to_an_earlier_head_is_found_by_a_note_kept_elsewhere() {
    let (folder, _, witnessed, verifier) = written().await;
    // The whole state of an earlier moment, as a restored backup would have it.
    let earlier = folder.path().join("earlier.db").display().to_string();
    let notary = Notary::open(&folder.path().join("audit.key")).unwrap();
    let metrics = Metrics::register(&platform::metrics::Registry::new()).unwrap();
    let store = Store::open(&earlier, notary, metrics, Clock::default()).await.unwrap();
    for n in 0..ENTRIES / 2 {
        let mut unit = store.write().await.unwrap();
        unit.append(Entry::done("ana", "token", "readCase", n as u64).about(format!("c{n:020x}")));
        unit.commit().await.unwrap();
    }
    store.close().await;
    let log = read_log(&earlier).await.unwrap();
    assert_eq!(verify(&log, &verifier, &[]).findings, vec![], "it is whole in itself");
    let findings = verify(&log, &verifier, &[witnessed]).findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].fault.contains("no longer has"), "{findings:?}");
}

#[tokio::test]
async fn another_key_signs_nothing_and_a_verifier_is_read_back_from_its_text() {
    let (folder, log, _, verifier) = written().await;
    let other = Notary::open(&folder.path().join("other.key")).unwrap().verifier();
    assert!(!verify(&log, &other, &[]).findings.is_empty());
    assert_eq!(Verifier::parse(&verifier.to_string()).unwrap(), verifier);
    assert!(Verifier::parse(&verifier.to_string().replace('+', "-")).is_err());
    assert!(Verifier::parse("").is_err());
}
