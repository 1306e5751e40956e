//! A world on several threads: chunks of people and slices of the day are handed out, and put back in order.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use ::simulate::{Day, World};
use anyhow::anyhow;
use platform::files::packed;

/// Slices that each thread may have written before they are taken: they wait in memory.
const SLICES_AHEAD: usize = 2;

/// Some of a day's events, as JSON Lines.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    bytes: Vec<u8>,
    /// The same compressed, where that is asked for.
    packed: Vec<u8>,
    /// Of each line, who acted, and where it ends.
    lines: Vec<(Option<events::Token>, usize)>,
    ends_day: bool,
}

impl Piece {
    fn of(world: &World, day: &Day, slice: u32, pack: bool) -> std::io::Result<Self> {
        let mut piece = Piece { ends_day: slice + 1 == day.slices().end, ..Piece::default() };
        world.write(day, slice, |event| {
            piece.bytes.extend_from_slice(event.to_json().as_bytes());
            piece.bytes.push(b'\n');
            piece.lines.push((event.actor.clone(), piece.bytes.len()));
        });
        if pack {
            piece.packed = packed(&piece.bytes)?;
        }
        Ok(piece)
    }

    /// The lines, each with its newline.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same as a frame of zstd; nothing, where none was asked for.
    pub(crate) fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// Each line without its newline, and the key of its event: the actor, or nothing.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let mut start = 0;
        self.lines.iter().map(move |(actor, end)| {
            let line = &self.bytes[start..end - 1];
            start = *end;
            (actor.as_ref().map_or("", |actor| actor.as_str()), line)
        })
    }

    /// Events.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether the day is over with it.
    pub(crate) fn ends_day(&self) -> bool {
        self.ends_day
    }
}

/// Lives a world to its end and gives its events in order of (ts, id), whatever the number of threads; compressed as
/// well, where `pack` says so.
///
/// # Errors
/// Where `each` fails.
pub(crate) fn live(
    world: &mut World,
    (threads, pack): (usize, bool),
    mut each: impl FnMut(&Piece) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    while world.begin_day() {
        let lived = share_out(threads, world.chunks(), |chunk| world.live(chunk))?;
        let day = world.end_day(lived);
        write(world, &day, (threads, pack), &mut each)?;
    }
    Ok(())
}

/// Writes a day. Each thread writes every so many slices, some ahead, and `each` takes them in turn.
fn write(
    world: &World,
    day: &Day,
    (threads, pack): (usize, bool),
    each: &mut impl FnMut(&Piece) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if threads < 2 {
        return day.slices().try_for_each(|slice| each(&Piece::of(world, day, slice, pack)?));
    }
    thread::scope(|scope| {
        let written: Vec<Receiver<std::io::Result<Piece>>> = (0..threads)
            .map(|first| {
                let (sender, receiver) = sync_channel(SLICES_AHEAD);
                scope.spawn(move || {
                    for slice in day.slices().skip(first).step_by(threads) {
                        // Nobody takes any more after an error.
                        if sender.send(Piece::of(world, day, slice, pack)).is_err() {
                            return;
                        }
                    }
                });
                receiver
            })
            .collect();
        for (_, receiver) in day.slices().zip(written.iter().cycle()) {
            let piece = receiver.recv().map_err(|_| anyhow!("a thread of the simulation panicked"))?;
            each(&piece?)?;
        }
        Ok(())
    })
}

/// Does every piece of work on some thread, and gives the results in the order of the work.
fn share_out<T: Send>(
    threads: usize,
    work: std::ops::Range<u32>,
    does: impl Fn(u32) -> T + Sync,
) -> anyhow::Result<Vec<T>> {
    let next = AtomicU32::new(work.start);
    let take = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= work.end {
                return done;
            }
            done.push((number, does(number)));
        }
    };
    let mut done = thread::scope(|scope| {
        let threads: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(take)).collect();
        let mut done = take();
        for thread in threads {
            done.extend(thread.join().map_err(|_| anyhow!("a thread of the simulation panicked"))?);
        }
        anyhow::Ok(done)
    })?;
    done.sort_unstable_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}
