//! What a restart needs: the state with the positions that it covers, and what had gone out since.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use anyhow::{Context, bail};
use detect::{Engine, Flag, FlaggedSteps, Limit, Restoring};
use platform::Positions;
use platform::Source;
use platform::snapshots::Snapshots;
use serde::{Deserialize, Serialize};

use crate::DeadLetter;

/// The snapshot's format; another number is another meaning.
const FORMAT: u32 = 5;

/// The format before, which had no limits; it is read too, so that a new program goes on where the one before was.
const FORMAT_BEFORE: u32 = 4;

/// How every piece begins, so that one of another program is told apart before it is read.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    format: u32,
    schema: String,
    tick_ms: u64,
    lateness_ms: u64,
}

/// What belongs to a piece of the engine's state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The engine's own number of the piece.
    pub(crate) number: u64,
    /// Events up to here are in it.
    pub(crate) positions: Positions,
    /// Places in the outputs: what was sent for events beyond `positions` lies after them.
    pub(crate) flags_from: Positions,
    pub(crate) dead_letters_from: Positions,
    pub(crate) steps: FlaggedSteps,
    /// What is counted of each model's flags.
    pub(crate) limits: Vec<Limit>,
}

/// The same in the format before.
#[derive(Serialize, Deserialize)]
struct MarkBefore {
    number: u64,
    positions: Positions,
    flags_from: Positions,
    dead_letters_from: Positions,
    steps: FlaggedSteps,
}

impl From<MarkBefore> for Mark {
    fn from(before: MarkBefore) -> Self {
        let MarkBefore { number, positions, flags_from, dead_letters_from, steps } = before;
        Self { number, positions, flags_from, dead_letters_from, steps, limits: Vec::new() }
    }
}

fn header(settings: &detect::Settings) -> Header {
    let schema = detect::feature_schema(&settings.profile).hash().to_owned();
    Header { format: FORMAT, schema, tick_ms: settings.tick_ms, lateness_ms: settings.lateness_ms }
}

/// What stands before a piece.
pub(crate) fn encode(mark: &Mark, settings: &detect::Settings) -> anyhow::Result<Vec<u8>> {
    let bytes = postcard::to_stdvec(&header(settings))?;
    postcard::to_extend(mark, bytes).context("could not encode what belongs to the state")
}

/// What belongs to a piece, and the piece.
fn decode(mut bytes: Vec<u8>, settings: &detect::Settings) -> anyhow::Result<(Mark, Vec<u8>)> {
    let (found, rest): (Header, &[u8]) =
        postcard::take_from_bytes(&bytes).context("could not read the snapshot")?;
    let is_before = found.format == FORMAT_BEFORE;
    let expected = Header { format: if is_before { FORMAT_BEFORE } else { FORMAT }, ..header(settings) };
    if found != expected {
        bail!(
            "the snapshot belongs to another program or other settings ({found:?}, now {expected:?}); \
             put the settings back, or name an empty `detect.state` to build the state anew from the log"
        );
    }
    let read = if is_before {
        postcard::take_from_bytes(rest).map(|(mark, piece): (MarkBefore, _)| (mark.into(), piece))
    } else {
        postcard::take_from_bytes(rest)
    };
    let (mark, piece) = read.context("could not read the snapshot")?;
    bytes.drain(..bytes.len() - piece.len());
    Ok((mark, bytes))
}

/// The latest state that the snapshots hold whole, with what belongs to it; none where nothing was ever saved.
///
/// A piece is followed back through the pieces before it. Where one is missing or damaged, what came after it is of
/// no use, and an earlier piece is tried.
///
/// # Errors
/// Where there are snapshots and none is whole, or they belong to other settings.
pub(crate) fn restore(
    snapshots: &Snapshots,
    settings: &detect::Settings,
) -> anyhow::Result<Option<(Engine, Mark)>> {
    if snapshots.is_empty()? {
        return Ok(None);
    }
    let unreadable = || format!("could not read the snapshots in {}", snapshots.directory().display());
    let mut restoring = Restoring::new(settings.clone());
    let mut marks: Vec<Mark> = Vec::new();
    for bytes in snapshots.latest_first()? {
        let (mark, piece) = decode(bytes, settings)?;
        match marks.last() {
            // Of a life whose later pieces were lost.
            Some(after) if mark.number >= after.number => continue,
            Some(after) if mark.number + 1 < after.number => {
                restoring = Restoring::new(settings.clone());
                marks.clear();
            }
            _ => {}
        }
        marks.push(mark);
        restoring.take(piece).with_context(unreadable)?;
        if restoring.is_whole() {
            return Ok(Some((restoring.finish().with_context(unreadable)?, marks.swap_remove(0))));
        }
    }
    bail!(
        "the snapshots in {} are damaged, and no state among them is whole; move them away to rebuild the state \
         from the log's beginning",
        snapshots.directory().display()
    )
}

/// What an earlier life sent after its last snapshot: it is computed again and must not be sent again.
#[derive(Debug, Default)]
pub(crate) struct AlreadySent {
    pub(crate) flags: HashSet<String>,
    pub(crate) dead_letters: HashSet<(String, i32, i64)>,
}

impl AlreadySent {
    /// Flags of other models are not computed again.
    pub(crate) fn read_flags(
        &mut self,
        topic: &mut dyn Source,
        from: &Positions,
        models: &BTreeSet<String>,
    ) -> anyhow::Result<()> {
        read_to_end(topic, from, |value| {
            let flag = serde_json::from_slice::<Flag>(value).ok().filter(|flag| models.contains(&flag.model));
            self.flags.extend(flag.map(|flag| flag.flag_id));
        })
    }

    pub(crate) fn read_dead_letters(
        &mut self,
        topic: &mut dyn Source,
        from: &Positions,
    ) -> anyhow::Result<()> {
        read_to_end(topic, from, |value| {
            let place = |letter: DeadLetter| (letter.topic, letter.partition, letter.offset);
            self.dead_letters.extend(serde_json::from_slice::<DeadLetter>(value).map(place));
        })
    }
}

/// Visits every record from `from` to the topic's present end.
pub(crate) fn read_to_end(
    source: &mut dyn Source,
    from: &Positions,
    mut visit: impl FnMut(&[u8]),
) -> anyhow::Result<()> {
    let ends = source.ends()?;
    let mut next = source.earliest()?;
    for (partition, offset) in &mut next {
        *offset = from.get(partition).copied().unwrap_or(0).max(*offset);
    }
    source.seek(&next)?;
    while next.iter().any(|(partition, offset)| ends.get(partition).is_some_and(|end| offset < end)) {
        let batch = source.poll(10_000, Duration::from_secs(1))?;
        for record in batch.records {
            visit(&record.value);
            next.insert(record.partition, record.offset + 1);
        }
        // Control records and compaction leave gaps: an end that was seen counts as reached.
        for partition in batch.at_end {
            let end = ends.get(&partition).copied().unwrap_or(0);
            next.entry(partition).and_modify(|offset| *offset = end.max(*offset));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_the_format_before_is_read() {
        let settings = detect::Settings::default();
        let steps: FlaggedSteps =
            serde_json::from_str("{\"model\":\"8a1f03c2d4e5b697\",\"threshold\":0.5,\"steps\":[]}").unwrap();
        let positions = Positions::from([(0, 7)]);
        let before = MarkBefore {
            number: 3,
            positions: positions.clone(),
            flags_from: Positions::new(),
            dead_letters_from: Positions::new(),
            steps,
        };
        let header = Header { format: FORMAT_BEFORE, ..header(&settings) };
        let mut bytes = postcard::to_stdvec(&header).unwrap();
        bytes = postcard::to_extend(&before, bytes).unwrap();
        bytes.extend_from_slice(b"piece");
        let (mark, piece) = decode(bytes, &settings).unwrap();
        assert_eq!((mark.number, mark.positions.clone(), mark.limits.len()), (3, positions, 0));
        assert_eq!(piece, b"piece");

        let again = [encode(&mark, &settings).unwrap(), piece].concat();
        assert_eq!(decode(again, &settings).unwrap(), (mark, b"piece".to_vec()));
    }

    #[test]
    fn a_piece_of_a_later_program_is_refused() {
        let settings = detect::Settings::default();
        let later = postcard::to_stdvec(&Header { format: FORMAT + 1, ..header(&settings) }).unwrap();
        let error = decode(later, &settings).unwrap_err().to_string();
        assert!(error.contains("belongs to another program"), "{error}");
    }
}
