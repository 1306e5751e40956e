//! What a restart needs: the state with the positions that it covers, and what had gone out since.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, bail};
use detect::{Engine, Flag, FlaggedSteps};
use platform::Positions;
use platform::Source;
use serde::{Deserialize, Serialize};

use crate::DeadLetter;

/// The snapshot's format; another number is another meaning.
const FORMAT: u32 = 1;

/// Everything that must survive, as one piece.
#[derive(Debug, Deserialize)]
pub(crate) struct Saved {
    /// Events up to here are in the engine.
    pub(crate) positions: Positions,
    /// Places in the outputs: what was sent for events beyond `positions` lies after them.
    pub(crate) flags_from: Positions,
    pub(crate) dead_letters_from: Positions,
    pub(crate) engine: Engine,
    pub(crate) steps: FlaggedSteps,
}

/// [`Saved`], borrowed for writing.
#[derive(Debug, Serialize)]
pub(crate) struct ToSave<'a> {
    pub(crate) positions: &'a Positions,
    pub(crate) flags_from: &'a Positions,
    pub(crate) dead_letters_from: &'a Positions,
    pub(crate) engine: &'a Engine,
    pub(crate) steps: &'a FlaggedSteps,
}

/// What comes first, so that a snapshot of another program is told apart before it is read.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    format: u32,
    schema: String,
    engine: detect::Settings,
}

pub(crate) fn encode(to_save: &ToSave<'_>, engine: detect::Settings) -> anyhow::Result<Vec<u8>> {
    let schema = detect::feature_schema().hash().to_owned();
    let bytes = postcard::to_stdvec(&Header { format: FORMAT, schema, engine })?;
    postcard::to_extend(to_save, bytes).context("could not encode the state")
}

pub(crate) fn decode(bytes: &[u8], engine: detect::Settings) -> anyhow::Result<Saved> {
    let (header, rest): (Header, &[u8]) =
        postcard::take_from_bytes(bytes).context("could not read the snapshot")?;
    let schema = detect::feature_schema().hash().to_owned();
    let expected = Header { format: FORMAT, schema, engine };
    if header != expected {
        bail!(
            "the snapshot belongs to another program or other settings ({header:?}, now {expected:?}); \
             put the settings back, or name an empty `detect.state` to build the state anew from the log"
        );
    }
    postcard::from_bytes(rest).context("could not read the snapshot")
}

/// What an earlier life sent after its last snapshot: it is computed again and must not be sent again.
#[derive(Debug, Default)]
pub(crate) struct AlreadySent {
    pub(crate) flags: HashSet<String>,
    pub(crate) dead_letters: HashSet<(String, i32, i64)>,
}

impl AlreadySent {
    /// Flags of another model are not computed again.
    pub(crate) fn read_flags(
        &mut self,
        topic: &mut dyn Source,
        from: &Positions,
        model: &str,
    ) -> anyhow::Result<()> {
        read_to_end(topic, from, |value| {
            let flag = serde_json::from_slice::<Flag>(value).ok().filter(|flag| flag.model == model);
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
fn read_to_end(
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
