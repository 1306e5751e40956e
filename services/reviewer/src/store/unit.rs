//! One transaction: what it changes, what it writes into the audit log, and what it tells the platform.

use std::sync::Arc;

use events::Millis;
use review::Lot;
use sqlx::{Any, AnyConnection, Transaction};
use tokio::sync::{OwnedMutexGuard, watch};

use super::Result;
use super::audit::Head;
use crate::audit::{Entry, Notary};
use crate::metrics::{Counted, Metrics};

/// A transaction. Dropped without [`Unit::commit`], it never happened.
#[derive(Debug)]
pub(crate) struct Unit {
    transaction: Transaction<'static, Any>,
    now: Millis,
    /// The head of the audit log, locked; none where nothing may be changed.
    head: Option<Head>,
    entries: Vec<Entry>,
    notary: Arc<Notary>,
    /// What is counted once it is durable.
    counted: Vec<Counted>,
    /// Who is told once something was changed, and where it is counted.
    told: Option<(watch::Sender<u64>, Arc<Metrics>)>,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Unit {
    pub(super) fn reading(transaction: Transaction<'static, Any>, notary: Arc<Notary>, now: Millis) -> Self {
        Self {
            transaction,
            now,
            head: None,
            entries: Vec::new(),
            notary,
            counted: Vec::new(),
            told: None,
            _turn: None,
        }
    }

    pub(super) async fn writing(
        mut transaction: Transaction<'static, Any>,
        (turn, told): (OwnedMutexGuard<()>, (watch::Sender<u64>, Arc<Metrics>)),
        notary: Arc<Notary>,
        now: Millis,
    ) -> Result<Self> {
        let head = Some(Head::lock(&mut transaction).await?);
        Ok(Self {
            transaction,
            now,
            head,
            entries: Vec::new(),
            notary,
            counted: Vec::new(),
            told: Some(told),
            _turn: Some(turn),
        })
    }

    pub(super) fn db(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    /// When it began, processing time.
    pub(crate) fn now(&self) -> Millis {
        self.now
    }

    /// What draws samples.
    pub(crate) fn lot(&self) -> &Lot {
        self.notary.lot()
    }

    /// Whether anything is to be written into the audit log.
    pub(crate) fn has_entries(&self) -> bool {
        !self.entries.is_empty()
    }

    /// Adds an entry to the audit log; it becomes durable with everything else.
    pub(crate) fn append(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Counts something, once it is durable.
    pub(crate) fn count(&mut self, counted: Counted) {
        self.counted.push(counted);
    }

    /// Makes everything durable.
    pub(crate) async fn commit(mut self) -> Result<()> {
        if let Some(head) = self.head.take() {
            head.write(&mut self.transaction, std::mem::take(&mut self.entries), &self.notary).await?;
        }
        self.transaction.commit().await?;
        if let Some((changed, metrics)) = &self.told {
            changed.send_modify(|count| *count += 1);
            self.counted.into_iter().for_each(|counted| metrics.count(counted));
        }
        Ok(())
    }
}
