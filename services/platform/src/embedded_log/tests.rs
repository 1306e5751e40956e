use std::thread;

use super::*;

fn log() -> (tempfile::TempDir, EmbeddedLog) {
    let dir = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::new(dir.path().join("log"), 4);
    (dir, log)
}

#[test]
fn another_number_of_partitions_is_refused() {
    let (_dir, log) = log();
    log.sink("events").unwrap();
    let error = EmbeddedLog::new(log.dir(), 5).source("events", "g").unwrap_err();
    assert_eq!(error.to_string(), "could not open topic \"events\" of the embedded log for group \"g\"");
    assert!(error.cause.to_string().starts_with("it has 4 partitions, not 5"), "{}", error.cause);
}

#[test]
fn handles_may_be_opened_and_used_at_once() {
    let (_dir, log) = log();
    thread::scope(|scope| {
        for writer in 0..8 {
            let log = &log;
            scope.spawn(move || {
                let mut sink = log.sink("events").unwrap();
                for n in 0..100 {
                    sink.send(&format!("{writer}-{n}"), b"x").unwrap();
                    sink.flush().unwrap();
                }
            });
        }
    });
    let mut source = log.source("events", "g").unwrap();
    assert_eq!(source.ends().unwrap().values().sum::<i64>(), 800);
    assert_eq!(source.poll(1000, Duration::ZERO).unwrap().records.len(), 800);
}

#[test]
fn a_small_poll_starves_no_partition() {
    let (_dir, log) = log();
    let mut sink = log.sink("events").unwrap();
    for n in 0..400 {
        sink.send(&n.to_string(), b"x").unwrap();
    }
    sink.flush().unwrap();
    let mut source = log.source("events", "g").unwrap();
    let first: BTreeSet<i32> = (0..4)
        .flat_map(|_| source.poll(1, Duration::ZERO).unwrap().records)
        .map(|record| record.partition)
        .collect();
    assert_eq!(first.len(), 4);
    let shared = source.poll(40, Duration::ZERO).unwrap();
    assert!((0..4).all(|p| shared.records.iter().filter(|r| r.partition == p).count() == 10));
}

#[test]
fn a_writer_of_this_process_wakes_a_waiting_reader() {
    let (_dir, log) = log();
    let mut source = log.source("events", "g").unwrap();
    let mut sink = log.sink("events").unwrap();
    thread::scope(|scope| {
        let reader = scope.spawn(|| source.poll(10, Duration::from_secs(60)).unwrap());
        sink.send("a", b"x").unwrap();
        sink.flush().unwrap();
        assert_eq!(reader.join().unwrap().records.len(), 1);
    });
}
