//! The model in a directory.

use std::path::Path;

use anyhow::Context;
use detect::Profile;
use scorers::Model;

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
