//! How much evidence there is, as it goes over the wire.

use review::{Assessment, Missing};
use serde::Serialize;
use utoipa::ToSchema;

use super::choices::level_schema;

/// How much more than a score there is, what that rests on, and what is missing for the next level.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct LevelBody {
    /// The level, E0 to E4. It follows from facts; nobody sets it.
    #[schema(schema_with = level_schema)]
    level: &'static str,
    /// The level in words.
    #[schema(example = "A score, and a second kind of evidence that is independent of it")]
    meaning: &'static str,
    /// What it rests on, a sentence each.
    rests_on: Vec<String>,
    /// What would make it the next level, all of it; empty for the highest.
    missing: Vec<MissingBody>,
}

/// Something that is missing for a level.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct MissingBody {
    /// What.
    #[schema(example = "One of these must confirm it")]
    text: String,
    /// Of what, where any will do.
    any_of: Vec<&'static str>,
}

impl LevelBody {
    pub(super) fn of(assessment: &Assessment) -> Self {
        let Assessment { level, rests_on, missing } = assessment;
        Self {
            level: level.as_str(),
            meaning: level.sentence(),
            rests_on: rests_on.clone(),
            missing: missing.iter().map(MissingBody::of).collect(),
        }
    }
}

impl MissingBody {
    fn of(missing: &Missing) -> Self {
        Self { text: missing.sentence.clone(), any_of: missing.any_of.clone() }
    }
}
