//! Ids come back as they were, whatever their form.

use proptest::prelude::*;

use super::*;

/// Ids of every usual form, and others of every length.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}",
        "[0-9a-f]{32}",
        "[0-9A-HJKMNP-TV-Z]{26}",
        "[A-Za-z0-9_-]{16,64}",
        "[0-9a-f-]{36}",
    ]
}

fn piece(id: &str) -> Piece {
    Piece {
        event: Token::try_from(id).unwrap(),
        ms: 7,
        minor: MinorOdds::PRIOR,
        kind: EvidenceKind::FirstContact,
        surface: None,
    }
}

proptest! {
    #[test]
    fn the_latest_are_kept_as_they_were(ids in prop::collection::vec(id(), 1..40)) {
        let mut evidences = EvidenceLists::default();
        let mut lists = [List::default(); 2];
        for (at, id) in (0..).zip(&ids) {
            lists.iter_mut().for_each(|list| evidences.note(list, at, &piece(id)));
        }
        for list in lists {
            let kept: Vec<Piece> = evidences.of(list).map(|(_, piece)| piece).collect();
            let latest = &ids[ids.len().saturating_sub(EVIDENCE_MAX)..];
            prop_assert_eq!(kept, latest.iter().map(|id| piece(id)).collect::<Vec<_>>());
            prop_assert!(evidences.bytes_of(list) <= BYTES_MAX);
        }
        prop_assert!(evidences.long.len() <= 2 * (EVIDENCE_MAX + 1), "places of long ids are used again");
    }
}

#[test]
fn usual_ids_take_no_room_of_their_own() {
    for id in ["0190a6e2-7c1f-7d3a-9b1e-5f0c2d4e6a8b", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "V1StGXR8_Z5jdHi6B-myT0"]
    {
        assert!(Id::packed(id.as_bytes()).is_some(), "{id}");
    }
    assert!(Id::packed(b"0190A6E2-7C1F-7D3A-9B1E-5F0C2D4E6A8B").is_none(), "case would be lost");
}
