//! Putting something into the registry: beside, synchronised, and under its name only if that is free.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use registry::{Blob, Entry, Gates, Move};

use super::{Error, ModelStore, ORIGIN, read};
use crate::notes::Signer;

/// The registry, to write to; there may be several at a time.
#[derive(Debug)]
pub struct ModelWriter {
    store: ModelStore,
    signer: Signer,
}

impl ModelWriter {
    /// The registry in a directory, and the secret that signs for it. Both are made where they are missing; the public
    /// key lies beside the secret, in a file that ends in `.pub`.
    ///
    /// # Errors
    /// Where the disk does not take it, or the secret is unusable.
    pub fn open(directory: &Path, key: &Path) -> Result<Self, Error> {
        let signer = Signer::open(key, ORIGIN)?;
        let public = public_key(key);
        let text = format!("{}\n", signer.verifier());
        match std::fs::read_to_string(&public) {
            Ok(there) if there == text => {}
            _ => crate::files::write(&public, &text).map_err(|error| {
                let cause = std::io::Error::other(error);
                Error::Disk { attempt: "write", path: public.clone(), cause }
            })?,
        }
        let store = ModelStore { directory: directory.to_owned(), verifier: signer.verifier() };
        Ok(Self { store, signer })
    }

    /// The same registry, to read from.
    pub fn store(&self) -> &ModelStore {
        &self.store
    }

    /// Registers a model: its files first, then the entry that names them.
    ///
    /// # Errors
    /// Where it is registered already, or the disk does not take it.
    pub fn register(&self, entry: &Entry, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Error> {
        let path = self.store.entry_path(&entry.model);
        if path.exists() {
            return Err(Error::There { path });
        }
        for (name, blob) in &entry.files {
            let bytes = files.get(name);
            assert!(bytes.is_some_and(|bytes| Blob::of(bytes) == *blob), "an entry is of its files");
            bytes.map_or(Ok(()), |bytes| self.keep_object(bytes))?;
        }
        self.sign_into(&path, &entry.encode())
    }

    /// Appends a move; nobody else has appended the same number.
    ///
    /// # Errors
    /// Where somebody else moved in the meantime, or the disk does not take it.
    pub fn append(&self, moved: &Move) -> Result<(), Error> {
        self.sign_into(&self.store.move_path(moved.number), &moved.encode())
    }

    /// Keeps what was found when a model was judged.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub fn judged(&self, gates: &Gates) -> Result<(), Error> {
        let number = self.store.gates_paths(&gates.model)?.len();
        let folder = self.store.directory.join("gates").join(&gates.model);
        self.keep_object(gates.encode().as_bytes())?;
        self.sign_into(&folder.join(format!("{number:06}.note")), &gates.encode())
    }

    fn keep_object(&self, bytes: &[u8]) -> Result<(), Error> {
        let blob = Blob::of(bytes);
        let path = self.store.object_path(&blob.blake3);
        match keep(&path, bytes) {
            // The same bytes; where they were damaged, that is said.
            Err(Error::There { .. }) => self.store.object(&blob).map(drop),
            kept => kept,
        }
    }

    fn sign_into(&self, path: &Path, text: &str) -> Result<(), Error> {
        keep(path, self.signer.sign(text).as_bytes())?;
        debug_assert!(read(path).is_ok());
        Ok(())
    }
}

/// Where the public key of a secret lies.
fn public_key(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// Writes a file that was not there; nobody sees a part of it.
fn keep(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |attempt: &'static str| move |cause| Error::Disk { attempt, path: path.to_owned(), cause };
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed("make the folder of"))?;
    let readable = Permissions::from_mode(0o444);
    let draft = tempfile::Builder::new().prefix(".").permissions(readable).tempfile_in(folder);
    let mut draft = draft.map_err(failed("create"))?;
    draft.write_all(bytes).and_then(|()| draft.as_file().sync_all()).map_err(failed("write"))?;
    match draft.persist_noclobber(path) {
        Ok(_) => {}
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            return Err(Error::There { path: path.to_owned() });
        }
        Err(error) => return Err(failed("write")(error.error)),
    }
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("synchronise"))
}
