//! A flag, computed again from the log, and held against the one that went out.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use detect::{Engine, Flag, Flagger, Row, Settings};
use events::{Encoding, Millis};
use platform::files::Lines;
use platform::{Positions, Source};
use scorers::Model;
use serde_json::Value;

/// Where the events are.
pub enum Log<'a> {
    /// In a file, JSON Lines.
    File(&'a Path),
    /// On a topic, so encoded.
    Topic(Box<dyn Source>, Encoding),
}

impl std::fmt::Debug for Log<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Log::File(_) => "File",
            Log::Topic(..) => "Topic",
        })
    }
}

/// One place in which a flag came out otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where, such as `features.blocks_7d`.
    pub at: String,
    /// What the flag says.
    pub flagged: Value,
    /// What comes out now.
    pub computed: Value,
}

/// A flag beside what the log gives for it now.
#[derive(Clone, Debug)]
pub struct Reproduced {
    /// The flag as it is computed now; none where the log has nothing of its account at its tick, or not enough.
    pub computed: Option<Flag>,
    /// Where the two differ; nowhere if they are the same to the bit.
    pub differences: Vec<Difference>,
    /// Events that were read.
    pub events: u64,
}

/// Computes a flag again: the state from the log, the vector by the schema, score and reasons by the model.
///
/// # Errors
/// Where the log cannot be read, or the model is not that of the flag.
pub fn reproduce(
    flag: &Flag,
    log: Log<'_>,
    (model, min_p): (Model, Option<f64>),
    settings: &Settings,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<Reproduced> {
    if flag.model != model.id() {
        bail!("the flag is of model {}, and this is {}", flag.model, model.id());
    }
    let mut again = Again {
        flag,
        flagger: Flagger::new(model, &settings.profile, min_p),
        engine: Engine::new(settings.clone(), &[0]),
        computed: None,
        events: 0,
    };
    match log {
        Log::File(path) => again.read_file(path, &mut progress)?,
        Log::Topic(source, encoding) => again.read_topic(source, encoding, settings, &mut progress)?,
    }
    again.engine.finish();
    again.close();
    let differences = again.computed.as_ref().map_or_else(Vec::new, |computed| differences(flag, computed));
    Ok(Reproduced { computed: again.computed, differences, events: again.events })
}

struct Again<'a> {
    flag: &'a Flag,
    flagger: Flagger,
    engine: Engine,
    computed: Option<Flag>,
    events: u64,
}

impl Again<'_> {
    fn read_file(&mut self, path: &Path, progress: &mut dyn FnMut(u64)) -> anyhow::Result<()> {
        let mut lines = Lines::open(path)?;
        while let Some(line) = lines.next_line()? {
            // What was refused then is refused now, but for times that were ahead of the clock then.
            if let Ok(event) = events::decode(line, Millis::MAX) {
                self.engine.push(0, event);
            }
            if self.is_past(progress) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn read_topic(
        &mut self,
        mut source: Box<dyn Source>,
        encoding: Encoding,
        settings: &Settings,
        progress: &mut dyn FnMut(u64),
    ) -> anyhow::Result<()> {
        self.engine = Engine::new(settings.clone(), &source.partitions());
        let (ends, mut next) = (source.ends()?, source.earliest()?);
        source.seek(&Positions::new())?;
        while next.iter().any(|(partition, offset)| ends.get(partition).is_some_and(|end| offset < end)) {
            let batch = source.poll(10_000, Duration::from_secs(1))?;
            for record in batch.records {
                if let Ok(event) = encoding.decode(&record.value, Millis::MAX) {
                    self.engine.push(record.partition, event);
                }
                next.insert(record.partition, record.offset + 1);
                if self.is_past(progress) {
                    return Ok(());
                }
            }
            for partition in batch.at_end {
                let end = ends.get(&partition).copied().unwrap_or(0);
                next.entry(partition).and_modify(|offset| *offset = end.max(*offset));
            }
        }
        Ok(())
    }

    /// Counts one event, and says whether the flag's tick is over.
    fn is_past(&mut self, progress: &mut dyn FnMut(u64)) -> bool {
        self.events += 1;
        if self.events.is_multiple_of(8_192) {
            self.close();
            progress(self.events);
        }
        self.computed.is_some()
    }

    fn close(&mut self) {
        let Self { flag, flagger, engine, computed, .. } = self;
        let mut visit = |row: Row<'_>| {
            if row.at == flag.ts && row.account == flag.account {
                *computed = flagger.consider(&row).1;
            }
        };
        engine.close(&mut visit);
    }
}

/// Where two flags differ; numbers to the bit.
fn differences(flag: &Flag, computed: &Flag) -> Vec<Difference> {
    let value = |flag: &Flag| serde_json::to_value(flag).unwrap_or(Value::Null);
    let mut found = Vec::new();
    compare(String::new(), &value(flag), &value(computed), &mut found);
    found
}

fn compare(at: String, flagged: &Value, computed: &Value, found: &mut Vec<Difference>) {
    let below = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
    let none = Value::Null;
    match (flagged, computed) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                compare(below(key), a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none), found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for n in 0..a.len().max(b.len()) {
                let of = |values: &[Value]| values.get(n).cloned().unwrap_or(Value::Null);
                compare(below(&n.to_string()), &of(a), &of(b), found);
            }
        }
        _ => {
            // The text of a number holds all of its bits.
            let [before, now] = [flagged, computed].map(Value::to_string);
            if before != now {
                found.push(Difference { at, flagged: flagged.clone(), computed: computed.clone() });
            }
        }
    }
}

/// The flag of an id among the lines of a file.
///
/// # Errors
/// Where the file cannot be read, or has no such flag.
pub fn flag_in_file(path: &Path, id: &str) -> anyhow::Result<Flag> {
    let mut lines = Lines::open(path)?;
    while let Some(line) = lines.next_line()? {
        if let Ok(flag) = serde_json::from_slice::<Flag>(line)
            && flag.flag_id == id
        {
            return Ok(flag);
        }
    }
    bail!("there is no flag {id} in {}", path.display())
}

/// The flag of an id on a topic.
///
/// # Errors
/// Where the topic cannot be read, or has no such flag.
pub fn flag_on_topic(topic: &mut dyn Source, id: &str) -> anyhow::Result<Flag> {
    let mut found = None;
    crate::resume::read_to_end(topic, &Positions::new(), |value| {
        let flag = serde_json::from_slice::<Flag>(value).ok();
        found = found.take().or_else(|| flag.filter(|flag| flag.flag_id == id));
    })?;
    found.with_context(|| format!("there is no flag {id} on the topic of flags"))
}
