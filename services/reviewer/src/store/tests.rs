use std::collections::BTreeMap;

use detect::Flag;
use events::Token;
use platform::stream::Positions;
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
        families: BTreeMap::new(),
        features: BTreeMap::new(),
    }
}

async fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let notary = Notary::open(&folder.path().join("audit.key")).unwrap();
    let database = folder.path().join("cases.db").display().to_string();
    let metrics = Metrics::register(&platform::metrics::Registry::new()).unwrap();
    let store = Store::open(&database, notary, metrics, Clock::default()).await.unwrap();
    (folder, store)
}

async fn ranks(store: &Store, status: Option<Status>, limit: u32) -> Vec<review::Rank> {
    let queues: std::collections::BTreeSet<_> = review::Queue::ALL.iter().copied().collect();
    let (mut ranks, mut after) = (Vec::new(), None);
    loop {
        let query = Query { status, queues: queues.clone(), after, limit, ..Query::default() };
        let page = store.read().await.unwrap().queue(&query).await.unwrap();
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
        store.admit(flags, &Positions::new(), now as u64 * 7_200_000).await.unwrap();
    }
    let whole = ranks(&store, Some(Status::Open), 200).await;
    assert_eq!(whole.len(), 60);
    assert!(whole.is_sorted());
    for limit in [1, 7, 59, 60] {
        assert_eq!(ranks(&store, Some(Status::Open), limit).await, whole);
    }
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_open_case() {
    let (_folder, store) = store().await;
    store.admit(&[flag(1, 1, 0.5)], &Positions::new(), 100).await.unwrap();
    let second = sqlx::query(
        "INSERT INTO cases (case_id, account, queue, status, version, opened_at, due_at, risk, minors, priority, \
         latest_flag, flag_count) SELECT 'c00000000000000000000', account, queue, status, version, opened_at, \
         due_at, risk, minors, priority, latest_flag, flag_count FROM cases",
    );
    assert!(second.execute(&store.pool).await.is_err());
}

#[tokio::test]
async fn a_unit_that_is_dropped_never_happened_and_lets_the_next_one_in() {
    let (_folder, store) = store().await;
    let mut unit = store.write().await.unwrap();
    unit.grant("ana", "lead", "test", 1).await.unwrap();
    unit.append(crate::audit::Entry::done("ana", "token", "test", 1));
    drop(unit);
    assert_eq!(store.roles_of("ana").await.unwrap(), Vec::<String>::new());
    let unit = store.write().await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(store.read().await.unwrap().audit_head().await.unwrap().0, 0);
}
