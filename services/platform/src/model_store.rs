//! The registry of models in a directory: signed texts, and files by their hash. Nothing in it is ever changed.
//!
//! `models/ID.note` is an entry, `objects/HASH` a file of some entry, `history/N.note` the N-th move of the aliases,
//! `gates/ID/N.note` what was found when a model was judged for the N-th time.

mod writer;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use registry::{Blob, Entry, Gates, History, MODEL_FILE, Move};
use schema::Schema;
use scorers::Model;

use crate::notes::{self, Verifier};
pub use writer::ModelWriter;

/// What the registry is called in its notes.
const ORIGIN: &str = "silhouette/models";

/// What went wrong with the registry.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk did not do as it was told.
    #[error("could not {attempt} {}", path.display())]
    Disk {
        /// What was attempted.
        attempt: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        cause: std::io::Error,
    },
    /// No such model.
    #[error("there is no model {model} in {}; `silhouette models list` shows which there are", directory.display())]
    Unknown {
        /// Its id.
        model: String,
        /// The registry.
        directory: PathBuf,
    },
    /// A file that an entry does not have.
    #[error("model {model} has no file {file}")]
    NoFile {
        /// The model.
        model: String,
        /// The file.
        file: String,
    },
    /// The signature is missing or is not that of the text.
    #[error("{} is not signed by the registry's key: it was changed, or another key signed it", path.display())]
    Signature {
        /// The note.
        path: PathBuf,
    },
    /// A file is not what its name says.
    #[error("{} hashes to {found}: it was changed or damaged", path.display())]
    Hash {
        /// The file.
        path: PathBuf,
        /// Its hash.
        found: String,
    },
    /// A signed text is not what it should be.
    #[error("could not use {}", path.display())]
    Unreadable {
        /// The note.
        path: PathBuf,
        /// Why.
        #[source]
        cause: registry::Unreadable,
    },
    /// The moves do not follow on each other.
    #[error("could not use {}", path.display())]
    Broken {
        /// The note.
        path: PathBuf,
        /// Why.
        #[source]
        cause: registry::Refused,
    },
    /// The note is of another model than its name says.
    #[error("{} is of model {found}: it was moved there", path.display())]
    Moved {
        /// The note.
        path: PathBuf,
        /// The model that it is of.
        found: String,
    },
    /// The model cannot score here.
    #[error("could not use model {model}")]
    Unusable {
        /// The model.
        model: String,
        /// Why.
        #[source]
        cause: scorers::Error,
    },
    /// It is there already.
    #[error("{} is there already, and nothing in the registry is ever changed", path.display())]
    There {
        /// The file.
        path: PathBuf,
    },
    /// The key is unusable.
    #[error("could not use the registry's key")]
    Key(#[from] notes::Error),
}

/// The registry, to read from.
#[derive(Clone, Debug)]
pub struct ModelStore {
    directory: PathBuf,
    verifier: Verifier,
}

impl ModelStore {
    /// The registry in a directory, whose public key is in this file.
    ///
    /// # Errors
    /// Where the key cannot be read.
    pub fn open(directory: &Path, public_key: &Path) -> Result<Self, Error> {
        let text = read(public_key)?;
        let verifier = Verifier::parse(&String::from_utf8_lossy(&text), ORIGIN)?;
        Ok(Self { directory: directory.to_owned(), verifier })
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The ids of every model in it, in order.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn models(&self) -> Result<Vec<String>, Error> {
        let names = names(&self.directory.join("models"))?;
        Ok(names.iter().filter_map(|name| name.strip_suffix(".note")).map(str::to_owned).collect())
    }

    /// What is written of a model.
    ///
    /// # Errors
    /// Where there is no such model, or what is written was changed.
    pub fn entry(&self, model: &str) -> Result<Entry, Error> {
        let path = self.entry_path(model);
        if !registry::is_model_id(model) || !path.exists() {
            return Err(Error::Unknown { model: model.to_owned(), directory: self.directory.clone() });
        }
        let entry = Entry::decode(&self.signed(&path)?.0);
        let entry = entry.map_err(|cause| Error::Unreadable { path: path.clone(), cause })?;
        if entry.model != model {
            return Err(Error::Moved { path, found: entry.model });
        }
        Ok(entry)
    }

    /// A model, checked against its entry and against a feature schema.
    ///
    /// # Errors
    /// Where there is none, something of it was changed, or it is of another schema.
    pub fn model(&self, model: &str, schema: &Schema) -> Result<(Entry, Model), Error> {
        let entry = self.entry(model)?;
        let document = self.file(&entry, MODEL_FILE)?;
        let unusable = |cause| Error::Unusable { model: model.to_owned(), cause };
        let found = Model::decode(&String::from_utf8_lossy(&document), schema).map_err(unusable)?;
        if found.id() != entry.model {
            let path = self.object_path(&entry.files[MODEL_FILE].blake3);
            return Err(Error::Moved { path, found: found.id().to_owned() });
        }
        Ok((entry, found))
    }

    /// A file of a model.
    ///
    /// # Errors
    /// Where it has none of that name, or its bytes were changed.
    pub fn file(&self, entry: &Entry, name: &str) -> Result<Vec<u8>, Error> {
        let no_file = || Error::NoFile { model: entry.model.clone(), file: name.to_owned() };
        self.object(entry.files.get(name).ok_or_else(no_file)?)
    }

    /// Some bytes by their hash.
    ///
    /// # Errors
    /// Where they are not there, or were changed.
    pub fn object(&self, blob: &Blob) -> Result<Vec<u8>, Error> {
        let path = self.object_path(&blob.blake3);
        let bytes = read(&path)?;
        let found = Blob::of(&bytes);
        if found != *blob {
            return Err(Error::Hash { path, found: found.blake3 });
        }
        Ok(bytes)
    }

    /// Every move of the aliases.
    ///
    /// # Errors
    /// Where one was changed or taken away.
    pub fn history(&self) -> Result<History, Error> {
        let mut history = History::default();
        loop {
            let path = self.move_path(history.moves().len() as u64);
            if !path.exists() {
                return Ok(history);
            }
            let (text, note) = self.signed(&path)?;
            let moved =
                Move::decode(&text).map_err(|cause| Error::Unreadable { path: path.clone(), cause })?;
            history.follow(moved, &note).map_err(|cause| Error::Broken { path, cause })?;
        }
    }

    /// Whether the move of this number has been made: a look that costs next to nothing.
    pub fn has_moved(&self, number: u64) -> bool {
        self.move_path(number).exists()
    }

    /// What was found when a model was last judged.
    ///
    /// # Errors
    /// Where it was changed.
    pub fn gates(&self, model: &str) -> Result<Option<Gates>, Error> {
        let Some(path) = self.gates_paths(model)?.pop() else { return Ok(None) };
        let gates = Gates::decode(&self.signed(&path)?.0);
        let gates = gates.map_err(|cause| Error::Unreadable { path: path.clone(), cause })?;
        if gates.model != model {
            return Err(Error::Moved { path, found: gates.model });
        }
        Ok(Some(gates))
    }

    /// A signed text, and the note that holds it.
    fn signed(&self, path: &Path) -> Result<(String, String), Error> {
        let note = String::from_utf8(read(path)?).map_err(|_| Error::Signature { path: path.to_owned() })?;
        let text = self.verifier.read(&note).ok_or_else(|| Error::Signature { path: path.to_owned() })?;
        Ok((text.to_owned(), note))
    }

    fn entry_path(&self, model: &str) -> PathBuf {
        self.directory.join("models").join(format!("{model}.note"))
    }

    fn object_path(&self, hash: &str) -> PathBuf {
        self.directory.join("objects").join(hash)
    }

    fn move_path(&self, number: u64) -> PathBuf {
        self.directory.join("history").join(format!("{number:06}.note"))
    }

    /// Where a model's judgements are, oldest first.
    fn gates_paths(&self, model: &str) -> Result<Vec<PathBuf>, Error> {
        let folder = self.directory.join("gates").join(model);
        Ok(names(&folder)?.into_iter().map(|name| folder.join(name)).collect())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|cause| Error::Disk { attempt: "read", path: path.to_owned(), cause })
}

/// The names in a folder, in order; none where there is no such folder.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let failed = |cause| Error::Disk { attempt: "read", path: folder.to_owned(), cause };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> =
        entries.map(|entry| entry.map(name)).collect::<Result<_, _>>().map_err(failed)?;
    // What is still being written has a name that begins with a dot.
    names.retain(|name| !name.starts_with('.'));
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests;
