//! What flags say of the other side of a contact: how likely each counterpart is a minor. It is kept for so long as a
//! case is young, and gone then.

use detect::{Evidence, Flag};
use events::Millis;
use sqlx::Row;

use super::cases::{integer, millis};
use super::{Result, Store};
use crate::audit::Entry;

/// How long it is kept: 72 hours after the flag was taken in.
pub(crate) const SIDES_MS: Millis = 72 * 60 * 60 * 1000;

/// What stands where it stood. No probability is negative.
const GONE: f64 = -1.0;

/// Flags of one transaction, at most.
const BATCH_MAX: i64 = 200;

/// How likely a counterpart is a minor, while that is kept.
pub(crate) fn p_minor(event: &Evidence) -> Option<f64> {
    (event.p_minor >= 0.0).then_some(event.p_minor)
}

/// A flag as it was stored, as it may be shown at `now`: whether or not anybody has swept since.
pub(super) fn flag(body: &str, until: Option<i64>, now: Millis) -> serde_json::Result<Flag> {
    let flag = serde_json::from_str(body)?;
    Ok(if until.is_some_and(|until| millis(until) > now) { flag } else { without_sides(flag) })
}

fn without_sides(mut flag: Flag) -> Flag {
    flag.timeline.iter_mut().for_each(|event| event.p_minor = GONE);
    flag
}

impl Store {
    /// Forgets what is known of counterparts where it was kept for long enough; in how many flags.
    pub(crate) async fn forget_sides(&self) -> Result<u64> {
        let mut forgotten = 0;
        let due = "SELECT count(*) FROM flags WHERE sides_until <= $1";
        let due = || sqlx::query_scalar::<_, i64>(due).bind(integer(self.now())).fetch_one(&self.pool);
        while due().await? > 0 {
            let mut unit = self.write().await?;
            let some =
                sqlx::query("SELECT account, flag_id, body FROM flags WHERE sides_until <= $1 LIMIT $2");
            let some = some.bind(integer(unit.now())).bind(BATCH_MAX).fetch_all(unit.db()).await?;
            for row in &some {
                let flag = without_sides(serde_json::from_str(&row.get::<String, _>(2))?);
                sqlx::query(
                    "UPDATE flags SET body = $1, sides_until = NULL WHERE account = $2 AND flag_id = $3",
                )
                .bind(serde_json::to_string(&flag)?)
                .bind(row.get::<String, _>(0))
                .bind(row.get::<String, _>(1))
                .execute(unit.db())
                .await?;
            }
            let entry = Entry::done("service", "-", "forgetCounterparts", unit.now());
            unit.append(entry.with("flags", some.len().to_string()));
            unit.commit().await?;
            forgotten += some.len() as u64;
        }
        Ok(forgotten)
    }
}
