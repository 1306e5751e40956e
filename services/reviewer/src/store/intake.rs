//! Flags into cases.

use detect::Flag;
use events::Millis;
use platform::stream::Positions;
use review::{Admission, CaseId, OpenCase};
use sqlx::{AnyConnection, Row};

use super::cases::{docket, integer};
use super::sides::SIDES_MS;
use super::{Result, Store};
use crate::audit::Entry;

/// How many flags did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Admitted {
    pub(crate) opened: u64,
    pub(crate) appended: u64,
    pub(crate) seen: u64,
}

impl Store {
    /// Where the flags stream was read to.
    pub(crate) async fn positions(&self) -> Result<Positions> {
        let query = sqlx::query("SELECT partition, next_offset FROM flag_positions");
        let rows = query.fetch_all(&self.pool).await?;
        let position = |row: &sqlx::any::AnyRow| {
            let partition = i32::try_from(row.get::<i64, _>(0)).ok()?;
            Some((partition, row.get::<i64, _>(1)))
        };
        Ok(rows.iter().filter_map(position).collect())
    }

    /// Takes flags into their accounts' cases and moves the stream's position to `upto`, all or nothing.
    pub(crate) async fn admit(&self, flags: &[Flag], upto: &Positions, now: Millis) -> Result<Admitted> {
        let mut unit = self.write().await?;
        let mut admitted = Admitted::default();
        for flag in flags {
            let mut docket = docket(unit.db(), flag.account.as_str(), now).await?;
            match docket.admit(flag, now) {
                Admission::Seen => {
                    admitted.seen += 1;
                    continue;
                }
                Admission::Opened => admitted.opened += 1,
                Admission::Appended => admitted.appended += 1,
            }
            if let Some(case) = docket.open() {
                save_open(unit.db(), case, flag, now).await?;
            }
        }
        for (partition, next_offset) in upto {
            sqlx::query(
                "INSERT INTO flag_positions (partition, next_offset) VALUES ($1, $2) \
                 ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset",
            )
            .bind(i64::from(*partition))
            .bind(*next_offset)
            .execute(unit.db())
            .await?;
        }
        let Admitted { opened, appended, seen } = admitted;
        let entry = Entry::done("service", "-", "takeInFlags", now);
        let counts = [("opened", opened), ("appended", appended), ("seen", seen)];
        unit.append(counts.iter().fold(entry, |entry, (name, n)| entry.with(name, n.to_string())));
        unit.commit().await?;
        Ok(admitted)
    }
}

/// Writes an open case as it is now, with the flag that has just joined it.
async fn save_open(db: &mut AnyConnection, case: &OpenCase, flag: &Flag, now: Millis) -> Result<()> {
    let (queue, weight) = (case.queue(), case.weight());
    sqlx::query(
        "INSERT INTO cases (case_id, account, queue, status, version, opened_at, due_at, risk, minors, priority, \
             latest_flag, flag_count, earlier) VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (case_id) DO UPDATE SET queue = excluded.queue, version = excluded.version, \
             due_at = excluded.due_at, risk = excluded.risk, minors = excluded.minors, \
             priority = excluded.priority, latest_flag = excluded.latest_flag, flag_count = excluded.flag_count",
    )
    .bind(case.id().to_string())
    .bind(case.account().to_string())
    .bind(queue.as_str().to_owned())
    .bind(i64::from(case.version()))
    .bind(integer(case.opened_at()))
    .bind(integer(case.opened_at() + queue.allowed_wait()))
    .bind(weight.risk)
    .bind(weight.minors_expected)
    .bind(case.rank().priority)
    .bind(case.latest_flag().flag_id.clone())
    .bind(i64::try_from(case.flags().len()).unwrap_or(i64::MAX))
    .bind(case.earlier().map(CaseId::to_string))
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "INSERT INTO flags (account, flag_id, case_id, position, body, sides_until) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(flag.account.to_string())
    .bind(flag.flag_id.clone())
    .bind(case.id().to_string())
    .bind(i64::try_from(case.flags().len()).unwrap_or(i64::MAX))
    .bind(serde_json::to_string(flag)?)
    .bind(integer(now + SIDES_MS))
    .execute(db)
    .await?;
    Ok(())
}
