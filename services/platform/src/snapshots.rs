//! Pieces of state in a directory: each whole and checked, or passed over. What a piece holds, and how many of them
//! make a whole, is its owner's.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

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

    /// Makes `content` the latest snapshot; durable when this returns. Older ones are let go.
    ///
    /// # Errors
    /// Where the disk does not take it; what was there before is still there.
    pub fn save(&mut self, content: &[u8]) -> Result<(), Error> {
        let path = self.path(self.next);
        let failed = |cause| Error::Disk { attempt: "write", path: path.clone(), cause };
        let packed = zstd::bulk::compress(content, 1).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.directory).map_err(failed)?;
        for part in [MAGIC, blake3::hash(&packed).as_bytes(), &packed] {
            file.write_all(part).map_err(failed)?;
        }
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|e| failed(e.error))?;
        // The new name must survive a power cut too.
        File::open(&self.directory).and_then(|d| d.sync_all()).map_err(failed)?;
        self.next += 1;
        self.let_go()
    }

    /// The content of every snapshot that is undamaged, the latest first, each read when it is asked for.
    ///
    /// # Errors
    /// Where the directory cannot be read.
    pub fn latest_first(&self) -> Result<impl Iterator<Item = Vec<u8>> + '_, Error> {
        let numbers = self.numbers()?;
        Ok(numbers.into_iter().rev().filter_map(|number| {
            let path = self.path(number);
            let content = read(&path);
            if content.is_none() {
                tracing::error!(file = %path.display(), "snapshot is damaged and passed over");
            }
            content
        }))
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

/// A snapshot's content, if it is whole.
fn read(path: &Path) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    let (hash, packed) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<{ blake3::OUT_LEN }>()?;
    (blake3::hash(packed) == *hash).then(|| zstd::stream::decode_all(packed).ok()).flatten()
}

#[cfg(test)]
mod tests;
