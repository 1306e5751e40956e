//! Whose turn it is among queues that the same people work on.

use crate::Queue;

/// How much of the work each queue gets while cases wait in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Contacts with likely minors.
    pub child_safety: u32,
    /// Other behaviour.
    pub general: u32,
    /// Bulk contact.
    pub bulk: u32,
}

impl Default for Shares {
    fn default() -> Self {
        Self { child_safety: 6, general: 3, bulk: 1 }
    }
}

/// How a queue stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The queue.
    pub queue: Queue,
    /// Whether a case in it waits for somebody.
    pub waits: bool,
    /// Whether a case that waits is overdue.
    pub is_overdue: bool,
    /// Cases that were lately decided or are in somebody's hand.
    pub served: u64,
}

impl Shares {
    fn of(self, queue: Queue) -> u32 {
        match queue {
            Queue::ChildSafety => self.child_safety,
            Queue::General => self.general,
            Queue::Bulk => self.bulk,
        }
    }

    /// The queue whose turn it is; none where nothing waits.
    ///
    /// The gravest queue with a case that waits goes first once that is overdue. Otherwise it is the queue that was
    /// served least for its share, the graver among equals. How many cases wait counts for nothing, so that a flood in
    /// one queue takes no turn from another.
    pub fn choose(self, loads: &[Load]) -> Option<Queue> {
        let mut waiting: Vec<&Load> = loads.iter().filter(|load| load.waits).collect();
        waiting.sort_by_key(|load| load.queue);
        let gravest = waiting.first()?;
        if gravest.is_overdue {
            return Some(gravest.queue);
        }
        // served / share, compared without dividing; a queue without a share is served where no other waits.
        let behind = |a: &&&Load, b: &&&Load| {
            let (left, right) = (u64::from(self.of(b.queue)), u64::from(self.of(a.queue)));
            (a.served + 1).saturating_mul(left).cmp(&(b.served + 1).saturating_mul(right))
        };
        waiting.iter().min_by(behind).map(|load| load.queue)
    }
}

#[cfg(test)]
mod tests;
