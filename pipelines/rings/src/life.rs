//! For tests: a life on a platform, event by event.

use std::fmt::Write as _;

use events::{Event, Millis, Token};

use crate::linker::Linker;

/// A token that begins with a name.
pub(crate) fn token(name: &str) -> Token {
    Token::try_from(format!("{name}-{}", "x".repeat(20_usize.saturating_sub(name.len()))).as_str()).unwrap()
}

/// Events one after the other, at a time that moves on when it is told to.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) events: Vec<Event>,
    now: Millis,
}

impl Default for Life {
    fn default() -> Self {
        Self { events: Vec::new(), now: 1_700_000_000_000 }
    }
}

impl Life {
    /// What a linker makes of it.
    pub(crate) fn linker(&self) -> Linker {
        let mut linker = Linker::default();
        self.events.iter().for_each(|event| linker.tick(std::slice::from_ref(event)));
        linker
    }

    pub(crate) fn minutes(&mut self, n: u64) -> &mut Self {
        self.now += n * 60_000;
        self
    }

    pub(crate) fn hours(&mut self, n: u64) -> &mut Self {
        self.minutes(60 * n)
    }

    fn note(&mut self, kind: &str, actor: &str, fields: &[(&str, &str)]) -> &mut Self {
        let id = format!("event-{:012}", self.events.len());
        let (ts, actor) = (self.now, token(actor));
        let mut json =
            format!(r#"{{"v":1,"id":"{id}","ts":{ts},"type":"{kind}","actor":"{}""#, actor.as_str());
        for (name, value) in fields {
            write!(json, r#","{name}":{value}"#).unwrap();
        }
        json.push('}');
        self.events.push(events::decode(json.as_bytes(), self.now).unwrap());
        self
    }

    pub(crate) fn created(&mut self, who: &str, device: &str, network: &str) -> &mut Self {
        let now = self.now.to_string();
        let (device, network) = (quoted(device), quoted(network));
        self.note("account.created", who, &[("created", &now), ("device", &device), ("network", &network)])
    }

    pub(crate) fn session(&mut self, who: &str, device: &str, network: &str) -> &mut Self {
        self.note("session.started", who, &[("device", &quoted(device)), ("network", &quoted(network))])
    }

    pub(crate) fn aged(&mut self, who: &str, age: &str) -> &mut Self {
        self.note("session.started", who, &[("actor_ctx", &format!(r#"{{"age":"{age}"}}"#))])
    }

    pub(crate) fn ask(&mut self, who: &str, whom: &str) -> &mut Self {
        let rel = r#"{"edge":"none","mutuals":"0","shared_groups":"0"}"#;
        let context = r#"{"p_minor":0.9}"#;
        let (target, surface) = (quoted(whom), r#""search""#);
        let fields =
            [("target", target.as_str()), ("surface", surface), ("rel", rel), ("target_ctx", context)];
        self.note("contact.requested", who, &fields)
    }

    pub(crate) fn ask_friend(&mut self, who: &str, whom: &str) -> &mut Self {
        let rel = r#"{"edge":"none","mutuals":"2_4","shared_groups":"1"}"#;
        let target = quoted(whom);
        self.note("contact.requested", who, &[("target", &target), ("surface", r#""mutual""#), ("rel", rel)])
    }

    pub(crate) fn message_of_old(&mut self, who: &str, whom: &str) -> &mut Self {
        let (target, rel) = (quoted(whom), r#"{"edge":"connected"}"#);
        self.note("message.sent", who, &[("target", &target), ("kind", r#""text""#), ("rel", rel)])
    }

    pub(crate) fn suspended(&mut self, who: &str) -> &mut Self {
        self.note("account.status", who, &[("status", r#""suspended""#)])
    }

    pub(crate) fn reinstated(&mut self, who: &str) -> &mut Self {
        self.note("account.status", who, &[("status", r#""reinstated""#)])
    }
}

fn quoted(name: &str) -> String {
    format!(r#""{}""#, token(name).as_str())
}
