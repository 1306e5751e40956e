//! Pieces of state in a directory: each whole and checked, or passed over. What a piece holds, and how many of them
//! make a whole, is its owner's.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

/// How every snapshot begins.
const MAGIC: &[u8] = b"silhouette snapshot 1\n";

/// How many snapshots are kept: with pieces of a sixteenth, two of the whole and some to spare.
const KEPT: usize = 40;

/// What went wrong with a snapshot.
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
    /// Somebody else writes snapshots there.
    #[error("{} is in use by another process; each detector needs a state of its own", directory.display())]
    InUse {
        /// Where they are.
        directory: PathBuf,
    },
}

/// A directory of snapshots; one writer.
#[derive(Debug)]
pub struct Snapshots {
    directory: PathBuf,
    /// Held for as long as this lives, and let go by the system whatever becomes of the process.
    _lock: File,
    next: u64,
}

impl Snapshots {
    /// Opens a directory, making it where it is missing.
    ///
    /// # Errors
    /// Where the directory cannot be made or read, or another process writes to it.
    pub fn open(directory: &Path) -> Result<Self, Error> {
        let failed = |cause| Error::Disk { attempt: "make", path: directory.to_owned(), cause };
        std::fs::create_dir_all(directory).map_err(failed)?;
        let lock = File::create(directory.join("lock")).map_err(failed)?;
        lock.try_lock().map_err(|_| Error::InUse { directory: directory.to_owned() })?;
        let mut snapshots = Self { directory: directory.to_owned(), _lock: lock, next: 0 };
        snapshots.next = snapshots.numbers()?.last().map_or(0, |n| n + 1);
        Ok(snapshots)
    }

    /// Begins the next snapshot, which is not there until it is kept.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub fn begin(&self) -> Result<Draft, Error> {
        let begin = || {
            let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
            file.write_all(MAGIC)?;
            // The hash comes here once it is known.
            file.write_all(&[0; blake3::OUT_LEN])?;
            zstd::stream::write::Encoder::new(Packed { file, hasher: blake3::Hasher::new() }, 1)
        };
        begin().map(Draft).map_err(|cause| self.failed(cause))
    }

    /// Makes what was written the latest snapshot; durable when this returns. Older ones are let go.
    ///
    /// # Errors
    /// Where the disk does not take it; what was there before is still there.
    pub fn keep(&mut self, draft: Draft) -> Result<(), Error> {
        let path = self.path(self.next);
        let failed = |cause| Error::Disk { attempt: "write", path: path.clone(), cause };
        let Packed { mut file, hasher } = draft.0.finish().map_err(failed)?;
        file.seek(SeekFrom::Start(MAGIC.len() as u64)).map_err(failed)?;
        file.write_all(hasher.finalize().as_bytes()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|e| failed(e.error))?;
        // The new name must survive a power cut too.
        File::open(&self.directory).and_then(|d| d.sync_all()).map_err(failed)?;
        self.next += 1;
        self.let_go()
    }

    /// What it means that writing to a draft failed.
    pub fn failed(&self, cause: std::io::Error) -> Error {
        Error::Disk { attempt: "write", path: self.path(self.next), cause }
    }

    /// The content of every snapshot that is undamaged, the latest first, each read while the one before it is looked
    /// at.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn latest_first(&self) -> Result<impl Iterator<Item = Vec<u8>> + use<>, Error> {
        let paths: Vec<PathBuf> = self.numbers()?.into_iter().rev().map(|number| self.path(number)).collect();
        let (contents, read_ahead) = sync_channel(1);
        // Unpacking one takes as long as taking in the one before it.
        let work = move || {
            for path in paths {
                let content = read(&path);
                if content.is_none() {
                    tracing::error!(file = %path.display(), "snapshot is damaged and passed over");
                }
                if content.is_some_and(|content| contents.send(content).is_err()) {
                    return;
                }
            }
        };
        let failed = |cause| Error::Disk { attempt: "read", path: self.directory.clone(), cause };
        std::thread::Builder::new().name("snapshots".to_owned()).spawn(work).map_err(failed)?;
        Ok(read_ahead.into_iter())
    }

    /// Whether nothing was ever saved.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.numbers()?.is_empty())
    }

    /// Where the snapshots are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn let_go(&self) -> Result<(), Error> {
        let numbers = self.numbers()?;
        for number in numbers.iter().rev().skip(KEPT) {
            let path = self.path(*number);
            std::fs::remove_file(&path).map_err(|cause| Error::Disk { attempt: "remove", path, cause })?;
        }
        Ok(())
    }

    fn path(&self, number: u64) -> PathBuf {
        self.directory.join(format!("{number:012}.snapshot"))
    }

    /// The snapshots' numbers, oldest first.
    fn numbers(&self) -> Result<Vec<u64>, Error> {
        let failed = |cause| Error::Disk { attempt: "list", path: self.directory.clone(), cause };
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.directory).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let stem = name.to_str().and_then(|n| n.strip_suffix(".snapshot"));
            numbers.extend(stem.and_then(|n| n.parse::<u64>().ok()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }
}

/// A snapshot that is being written. Dropped, it leaves nothing behind.
pub struct Draft(zstd::stream::write::Encoder<'static, Packed>);

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").finish_non_exhaustive()
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// What is compressed, on its way to the file, and its hash.
struct Packed {
    file: tempfile::NamedTempFile,
    hasher: blake3::Hasher,
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// A snapshot's content, if it is whole.
fn read(path: &Path) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    let (hash, packed) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<{ blake3::OUT_LEN }>()?;
    if blake3::hash(packed) != *hash {
        return None;
    }
    let mut content = Vec::with_capacity(packed.len() * 4);
    zstd::stream::copy_decode(packed, &mut content).ok()?;
    Some(content)
}

#[cfg(test)]
mod tests;
