//! What the work asks of those who do it: how much of it they have seen, and when they should rest.

use events::Millis;

/// How much is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Care {
    /// Cases about likely minors that one person is shown in 24 hours, at most.
    pub exposures_a_day: u32,
    /// After how long at work, in milliseconds, somebody is reminded of a break.
    pub work_ms: Millis,
    /// How long a pause must be to be a break, in milliseconds.
    pub break_ms: Millis,
}

impl Default for Care {
    fn default() -> Self {
        Self { exposures_a_day: 120, work_ms: 50 * 60 * 1000, break_ms: 10 * 60 * 1000 }
    }
}

impl Care {
    /// Since when somebody has been at work without a break, who was shown cases at these moments, in any order; none
    /// where they are having one.
    pub fn at_work_since(&self, seen: &[Millis], now: Millis) -> Option<Millis> {
        let mut seen = seen.to_vec();
        seen.sort_unstable_by(|a, b| b.cmp(a));
        let (mut since, mut later) = (None, now);
        for at in seen {
            if later.saturating_sub(at) >= self.break_ms {
                break;
            }
            (since, later) = (Some(at), at);
        }
        since
    }

    /// From when on it must be known what somebody was shown, to say whether they should have a break: whoever has been
    /// at work for longer was shown something between that moment and the one from which they have worked long enough.
    pub fn looks_back_to(&self, now: Millis) -> Millis {
        now.saturating_sub(self.work_ms).saturating_sub(self.break_ms)
    }

    /// Whether somebody should have a break now.
    pub fn is_break_due(&self, seen: &[Millis], now: Millis) -> bool {
        self.at_work_since(seen, now).is_some_and(|since| now.saturating_sub(since) >= self.work_ms)
    }
}

#[cfg(test)]
mod tests;
