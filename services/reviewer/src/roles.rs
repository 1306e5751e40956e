//! Roles, read from a file: a table for each.

use std::collections::{BTreeMap, BTreeSet};

use review::{Mask, Permission, Queue, Role, Roles};
use serde::Deserialize;

/// The roles that are shipped.
pub const SHIPPED: &str = include_str!("../../../config/roles.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    permissions: Vec<String>,
    #[serde(default)]
    queues: Vec<String>,
    #[serde(default)]
    masks: Vec<String>,
}

/// Reads roles.
///
/// # Errors
/// Where the text is no table of roles, or a role names what there is not; all of these at once.
pub fn parse(text: &str) -> anyhow::Result<Roles> {
    let written: BTreeMap<String, Written> = toml::from_str(text)?;
    let mut faults = Vec::new();
    let mut roles = Roles::default();
    for (name, Written { permissions, queues, masks }) in written {
        let is_name = name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if !is_name {
            faults.push(format!("{name}: a role's name must be lower-case letters and underscores"));
        }
        let role = Role {
            permissions: words(&name, "permission", &permissions, Permission::parse, &mut faults),
            queues: words(&name, "queue", &queues, Queue::parse, &mut faults),
            masks: words(&name, "part", &masks, Mask::parse, &mut faults),
        };
        roles.0.insert(name, role);
    }
    anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(roles)
}

fn words<T: Ord>(
    role: &str,
    kind: &str,
    words: &[String],
    parse: impl Fn(&str) -> Option<T>,
    faults: &mut Vec<String>,
) -> BTreeSet<T> {
    let mut found = BTreeSet::new();
    for word in words {
        match parse(word) {
            Some(value) => drop(found.insert(value)),
            None => faults.push(format!("{role}: there is no {kind} {word:?}")),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_roles_are_sound_and_no_role_can_do_both_halves_of_an_erasure_alone() {
        let roles = parse(SHIPPED).unwrap();
        assert_eq!(roles.0.len(), 8);
        for permission in Permission::ALL {
            let held = roles.0.values().any(|role| role.permissions.contains(permission));
            assert!(held, "nobody has {}", permission.as_str());
        }
        let scientist = roles.rights(["data_scientist"]);
        assert!(scientist.queues(Permission::CasesRead).is_empty());
    }

    #[test]
    fn every_fault_is_reported() {
        let error = parse("[a]\npermissions = [\"fly\", \"cases.read\"]\nqueues = [\"x\"]\n").unwrap_err();
        assert_eq!(error.to_string(), "a: there is no permission \"fly\"\na: there is no queue \"x\"");
    }
}
