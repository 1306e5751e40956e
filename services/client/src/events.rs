//! Server-sent events, read one by one.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use crate::bodies::Queue;
use crate::{Error, Result};

/// Queues as they change; it ends when the service ends it, and is then to be asked for anew.
pub struct Events(BufReader<Box<dyn Read + Send>>);

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

impl Events {
    pub(crate) fn of(reader: impl Read + Send + 'static) -> Self {
        Self(BufReader::new(Box::new(reader)))
    }
}

impl Iterator for Events {
    type Item = Result<Queue>;

    fn next(&mut self) -> Option<Result<Queue>> {
        let mut line = String::new();
        loop {
            line.clear();
            match self.0.read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(Error::CutShort(error))),
            }
            // The service writes each event's data on one line; all its events are of the same kind.
            if let Some(data) = line.strip_prefix("data:") {
                return Some(serde_json::from_str(data.trim()).map_err(Error::Unexpected));
            }
        }
    }
}
