//! A ring as it is shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::choices::{queue_schema, status_schema};
use crate::store::Member;

/// Cases that are worked on together. Each is still decided by itself.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct RingBody {
    /// The ring.
    #[schema(example = "g4be1d0a7c6f59e2a1b03")]
    ring_id: String,
    /// Its cases, as far as they may be read, first the one to look at first.
    cases: Vec<MemberBody>,
}

/// A case of a ring.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct MemberBody {
    /// The case.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// The queue that it is in.
    #[schema(schema_with = queue_schema)]
    queue: &'static str,
    /// Where it stands.
    #[schema(schema_with = status_schema)]
    status: &'static str,
}

impl RingBody {
    pub(in crate::http) fn of(ring: String, members: &[Member]) -> Self {
        let body = |member: &Member| MemberBody {
            case_id: member.case.to_string(),
            queue: member.queue.as_str(),
            status: member.status.as_str(),
        };
        Self { ring_id: ring, cases: members.iter().map(body).collect() }
    }
}
