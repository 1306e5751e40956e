use std::collections::BTreeMap;

use events::{Token, Verdict};
use review::{BenignReason, Finding, Rank};
use tempfile::TempDir;

use super::*;

fn flag(account: u32, name: u32, p: f64) -> Flag {
    Flag {
        flag_id: format!("{name:032x}"),
        account: Token::try_from(format!("account_{account:016}").as_str()).unwrap(),
        ts: u64::from(name),
        p,
        score: 0.0,
        model: "model".to_owned(),
        reasons: Vec::new(),
        evidence: Vec::new(),
        timeline: Vec::new(),
        features: BTreeMap::new(),
    }
}

fn benign() -> Decision {
    let finding = Finding::Benign { reason: BenignReason::NewUserOrNumber };
    Decision { finding, by: "ana".to_owned(), at: 500 }
}

async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("cases.db")).await.unwrap();
    (folder, store)
}

async fn ranks(store: &Store, status: Option<Status>, limit: u32) -> Vec<Rank> {
    let (mut ranks, mut after) = (Vec::new(), None);
    loop {
        let page = store.queue(&Query { status, after, limit }).await.unwrap();
        ranks.extend(page.entries.into_iter().map(|entry| entry.rank));
        after = page.next;
        if after.is_none() {
            return ranks;
        }
    }
}

#[tokio::test]
async fn redelivered_flags_change_nothing_but_the_position() {
    let (_folder, store) = store().await;
    let flags = [flag(1, 1, 0.5), flag(1, 2, 0.7), flag(2, 3, 0.6)];
    let admitted = store.admit(&flags, &Positions::from([(0, 3)]), 100).await.unwrap();
    assert_eq!(admitted, Admitted { opened: 2, appended: 1, seen: 0 });
    let before = ranks(&store, None, 10).await;

    let again = store.admit(&flags, &Positions::from([(0, 6), (1, 1)]), 200).await.unwrap();
    assert_eq!(again, Admitted { opened: 0, appended: 0, seen: 3 });
    assert_eq!(ranks(&store, None, 10).await, before);
    assert_eq!(store.positions().await.unwrap(), Positions::from([(0, 6), (1, 1)]));
}

#[tokio::test]
async fn pages_hold_every_case_once_in_order_whatever_their_size() {
    let (_folder, store) = store().await;
    // Many equal risks, so that the order within them counts.
    let flags: Vec<Flag> = (0..60).map(|n| flag(n, n, f64::from(n % 4) / 4.0)).collect();
    for (now, flags) in flags.chunks(7).enumerate() {
        store.admit(flags, &Positions::new(), now as u64).await.unwrap();
    }
    let whole = ranks(&store, Some(Status::Open), 200).await;
    assert_eq!(whole.len(), 60);
    assert!(whole.is_sorted());
    for limit in [1, 7, 59, 60] {
        assert_eq!(ranks(&store, Some(Status::Open), limit).await, whole);
    }
}

#[tokio::test]
async fn a_case_is_decided_once_and_only_as_it_was_read() {
    let (_folder, store) = store().await;
    store.admit(&[flag(1, 1, 0.5), flag(1, 2, 0.7)], &Positions::new(), 100).await.unwrap();
    let case = ranks(&store, None, 1).await.remove(0).case;

    assert!(matches!(store.decide(&case, Some(1), benign()).await, Err(Refusal::Changed)));
    assert_eq!(store.decide(&case, Some(2), benign()).await.unwrap().version(), 3);
    assert!(matches!(store.decide(&case, Some(2), benign()).await, Err(Refusal::Changed)));
    assert!(matches!(store.decide(&case, Some(3), benign()).await, Err(Refusal::Decided)));
    assert!(matches!(store.decide(&case, None, benign()).await, Err(Refusal::Decided)));

    let labels = store.labels().await.unwrap();
    assert_eq!(labels.iter().map(|l| (l.label, l.ts)).collect::<Vec<_>>(), [(Verdict::Benign, 500)]);
    assert_eq!(
        (store.count(Status::Open).await.unwrap(), store.count(Status::Decided).await.unwrap()),
        (0, 1)
    );
}

#[tokio::test]
async fn a_flag_after_a_decision_opens_a_case_that_refers_to_it() {
    let (_folder, store) = store().await;
    store.admit(&[flag(1, 1, 0.5)], &Positions::new(), 100).await.unwrap();
    let first = ranks(&store, None, 1).await.remove(0).case;
    store.decide(&first, None, benign()).await.unwrap();
    store.admit(&[flag(1, 1, 0.5), flag(1, 2, 0.7)], &Positions::new(), 200).await.unwrap();

    let docket = store.docket_of(&first).await.unwrap().unwrap();
    assert_eq!(docket.open().unwrap().earlier(), Some(&first));
    assert_eq!(docket.decided().len(), 1);
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_open_case() {
    let (_folder, store) = store().await;
    store.admit(&[flag(1, 1, 0.5)], &Positions::new(), 100).await.unwrap();
    let second = sqlx::query(
        "INSERT INTO cases SELECT 'c00000000000000000000', account, status, version, opened_at, risk, latest_flag, \
         flag_count, earlier FROM cases",
    );
    assert!(second.execute(&store.pool).await.is_err());
}
