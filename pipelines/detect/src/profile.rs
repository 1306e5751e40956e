//! What a deployment's servers know: messengers differ, and a feature is only as good as what it is made from.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which of the contract's types and fields a deployment does not have.
///
/// Types are named as in the contract (`gate.refused`), fields with their type (`message.sent.typing`), those of a context
/// or a relation with `ctx.` or `rel.`; `message.sent.target` stands for messages to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    name: String,
    lacks: BTreeSet<String>,
}

/// Why a text is not a profile.
#[derive(Debug, thiserror::Error)]
pub enum InvalidProfile {
    /// Not a profile at all.
    #[error("not a profile: expected `name` and `lacks`")]
    Syntax(#[source] toml::de::Error),
    /// Something that the contract does not have, and so misspelt.
    #[error("`lacks` names {name:?}, which the contract of events does not have; what can be named: {known}")]
    Unknown {
        /// As it is written.
        name: String,
        /// Everything that would be right.
        known: String,
    },
}

/// The profiles that come with the program.
const SHIPPED: [&str; 4] = [
    include_str!("../../../config/profiles/discovery.toml"),
    include_str!("../../../config/profiles/number.toml"),
    include_str!("../../../config/profiles/sealed.toml"),
    include_str!("../../../config/profiles/mailbox.toml"),
];

impl Default for Profile {
    /// Nothing is missing.
    fn default() -> Self {
        Self { name: "discovery".to_owned(), lacks: BTreeSet::new() }
    }
}

impl Profile {
    /// Reads a profile, TOML with a `name` and what it `lacks`.
    ///
    /// # Errors
    /// Names what is not one of the contract's types or fields.
    pub fn parse(text: &str) -> Result<Self, InvalidProfile> {
        let profile: Profile = toml::from_str(text).map_err(InvalidProfile::Syntax)?;
        if let Some(name) = profile.lacks.iter().find(|name| !CONTRACT.contains(*name)) {
            let known = CONTRACT.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(InvalidProfile::Unknown { name: name.clone(), known });
        }
        Ok(profile)
    }

    /// The shipped profile of this name.
    pub fn shipped(name: &str) -> Option<Self> {
        SHIPPED.iter().filter_map(|text| Self::parse(text).ok()).find(|profile| profile.name == name)
    }

    /// The names of the shipped profiles.
    pub fn names() -> Vec<String> {
        SHIPPED.iter().filter_map(|text| Self::parse(text).ok()).map(|profile| profile.name).collect()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is missing of these needs, in words; none where all can be had. Alternatives are parted by `|`.
    pub(crate) fn lacking(&self, needs: &[&str]) -> Option<String> {
        let has =
            |name: &str| !self.lacks.contains(name) && parent(name).is_none_or(|p| !self.lacks.contains(p));
        let missing: Vec<String> = needs
            .iter()
            .filter(|need| !need.split('|').any(has))
            .map(|need| need.replace('|', " or "))
            .collect();
        (!missing.is_empty()).then(|| format!("{} has no {}", self.name, missing.join(", no ")))
    }
}

/// The type to which a field belongs.
fn parent(name: &str) -> Option<&str> {
    let (parent, _) = name.rsplit_once('.')?;
    parent.contains('.').then_some(parent)
}

/// What every event has, whatever its type; contexts and relations are named by themselves.
const COMMON: [&str; 8] = ["v", "id", "ts", "type", "actor", "actor_ctx", "target_ctx", "rel"];

/// Everything that a profile can lack: the contract's types and their fields, those of contexts and relations, and
/// a target where it may be absent.
static CONTRACT: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let contract = events::json_schema();
    let mut known = BTreeSet::new();
    for branch in contract["oneOf"].as_array().into_iter().flatten() {
        let name = branch["title"].as_str().unwrap_or_default();
        known.insert(name.to_owned());
        let is_required =
            |field: &str| branch["required"].as_array().is_some_and(|r| r.iter().any(|f| f == field));
        let own = fields(branch)
            .filter(|field| !COMMON.contains(field) && (*field != "target" || !is_required(field)));
        known.extend(own.map(|field| format!("{name}.{field}")));
    }
    for (name, definition) in [("ctx", "Context"), ("rel", "Relation")] {
        known.extend(fields(&contract["$defs"][definition]).map(|field| format!("{name}.{field}")));
    }
    known
});

fn fields(object: &Value) -> impl Iterator<Item = &str> {
    object["properties"].as_object().into_iter().flatten().map(|(field, _)| field.as_str())
}

#[cfg(test)]
mod tests;
