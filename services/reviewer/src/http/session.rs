//! Who is signed in with a browser. Kept in memory: a restart signs everybody out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::Millis;

const HOUR_MS: Millis = 60 * 60 * 1000;

/// How long a session lasts, and how long it may lie unused.
const AGE_MAX_MS: Millis = 12 * HOUR_MS;
const IDLE_MAX_MS: Millis = 2 * HOUR_MS;

/// The sessions, by the hash of what their cookie holds.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<blake3::Hash, Session>>);

#[derive(Debug)]
struct Session {
    name: Arc<str>,
    began_at: Millis,
    used_at: Millis,
}

impl Session {
    fn is_alive(&self, now: Millis) -> bool {
        now.saturating_sub(self.began_at) < AGE_MAX_MS && now.saturating_sub(self.used_at) < IDLE_MAX_MS
    }
}

impl Sessions {
    /// Begins a session and gives its secret.
    pub(super) fn begin(&self, name: Arc<str>, now: Millis) -> anyhow::Result<String> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| anyhow::anyhow!("the system has no random numbers"))?;
        let secret = URL_SAFE_NO_PAD.encode(secret);
        let mut sessions = self.lock();
        sessions.retain(|_, session| session.is_alive(now));
        sessions.insert(blake3::hash(secret.as_bytes()), Session { name, began_at: now, used_at: now });
        Ok(secret)
    }

    /// Who is behind a secret.
    pub(super) fn name(&self, secret: &str, now: Millis) -> Option<Arc<str>> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&blake3::hash(secret.as_bytes())).filter(|s| s.is_alive(now))?;
        session.used_at = now;
        Some(session.name.clone())
    }

    /// Ends a session.
    pub(super) fn end(&self, secret: &str) {
        self.lock().remove(&blake3::hash(secret.as_bytes()));
    }

    /// No panic can leave the map half changed, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, HashMap<blake3::Hash, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
