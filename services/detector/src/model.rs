//! The model in a directory.

use std::path::Path;

use anyhow::Context;
use detect::Profile;
use scorers::Model;

/// The profile of this name, or else of the file at this path.
///
/// # Errors
/// Where there is no such profile, or the file is none.
pub fn load_profile(name_or_path: &str) -> anyhow::Result<Profile> {
    if let Some(profile) = Profile::shipped(name_or_path) {
        return Ok(profile);
    }
    let text = std::fs::read_to_string(name_or_path).with_context(|| {
        let names = Profile::names().join(", ");
        format!("{name_or_path:?} is neither a shipped profile ({names}) nor a file that can be read")
    })?;
    Profile::parse(&text).with_context(|| format!("could not use the profile {name_or_path}"))
}

/// Reads `model.json` of a directory and checks it against the features of this program under a profile.
///
/// # Errors
/// Where it cannot be read, is damaged, or belongs to another feature schema.
pub fn load_model(directory: &Path, profile: &Profile) -> anyhow::Result<Model> {
    let path = directory.join("model.json");
    let document = std::fs::read_to_string(&path).with_context(|| {
        format!("could not read the model {}; `silhouette train` makes one", path.display())
    })?;
    Model::decode(&document, &detect::feature_schema(profile))
        .with_context(|| format!("could not use the model {}", path.display()))
}
