//! Files of JSON lines, plain or compressed with zstd, and outputs that are whole or not there.

use std::fs::{File, Permissions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use tempfile::NamedTempFile;

/// What went wrong with a file.
#[derive(Debug, thiserror::Error)]
#[error("could not {attempt} {}", path.display())]
pub struct Error {
    attempt: &'static str,
    path: PathBuf,
    #[source]
    cause: io::Error,
}

/// The longest line that is kept whole; of a longer one only this much, and its length.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// How hard is compressed: zstd's own default.
const ZSTD_LEVEL: i32 = 3;

/// Reads lines of a file, one after the other. `.zst` is decompressed.
pub struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Lines {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |cause| Error { attempt: "open", path: path.to_owned(), cause };
        let file = File::open(path).map_err(failed)?;
        let reader: Box<dyn BufRead + Send> = if is_zstd(path) {
            Box::new(BufReader::new(zstd::Decoder::new(file).map_err(failed)?))
        } else {
            Box::new(BufReader::with_capacity(1 << 20, file))
        };
        Ok(Self { path: path.to_owned(), reader, buffer: Vec::new() })
    }

    /// The next line without its newline, or none at the end. Of a line over 64 KiB only the beginning.
    ///
    /// # Errors
    /// Where the file cannot be read on.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, Error> {
        self.buffer.clear();
        let failed = |cause| Error { attempt: "read", path: self.path.clone(), cause };
        let n =
            (&mut self.reader).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.buffer).map_err(failed)?;
        if n == 0 {
            return Ok(None);
        }
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        } else {
            self.reader.skip_until(b'\n').map_err(failed)?;
        }
        Ok(Some(&self.buffer))
    }
}

/// A file under way: it appears under its name only when it is finished. `.zst` is compressed.
pub struct Output {
    path: PathBuf,
    writer: Writer,
}

enum Writer {
    Plain(BufWriter<NamedTempFile>),
    Zstd(Box<zstd::Encoder<'static, BufWriter<NamedTempFile>>>),
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Output {
    /// Begins a file; its folder is made where it is missing.
    ///
    /// # Errors
    /// Where the folder cannot be made or written to.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let failed = |cause| Error { attempt: "create", path: path.to_owned(), cause };
        let file = begin(path)?;
        let writer = if is_zstd(path) {
            Writer::Zstd(Box::new(zstd::Encoder::new(file, ZSTD_LEVEL).map_err(failed)?))
        } else {
            Writer::Plain(file)
        };
        Ok(Self { path: path.to_owned(), writer })
    }

    /// Begins a file that is written as it is handed over, whatever its name: what [`packed`] gave, one after the
    /// other, is a file that [`Lines`] reads.
    ///
    /// # Errors
    /// Where the folder cannot be made or written to.
    pub fn create_packed(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_owned(), writer: Writer::Plain(begin(path)?) })
    }

    /// Writes a line.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub fn line(&mut self, line: &str) -> Result<(), Error> {
        let written = self.write_all(line.as_bytes()).and_then(|()| self.write_all(b"\n"));
        written.map_err(|cause| Error { attempt: "write", path: self.path.clone(), cause })
    }

    /// Makes the file durable and gives it its name.
    ///
    /// # Errors
    /// Where the disk does not take it.
    pub fn finish(self) -> Result<(), Error> {
        let path = self.path;
        let failed = |cause| Error { attempt: "finish", path: path.clone(), cause };
        let buffered = match self.writer {
            Writer::Plain(writer) => writer,
            Writer::Zstd(encoder) => encoder.finish().map_err(failed)?,
        };
        let file = buffered.into_inner().map_err(|e| failed(e.into_error()))?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&path).map_err(|e| failed(e.error))?;
        Ok(())
    }
}

/// A file that has no name yet, in the folder of the one to be.
fn begin(path: &Path) -> Result<BufWriter<NamedTempFile>, Error> {
    let failed = |cause| Error { attempt: "create", path: path.to_owned(), cause };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    // As any other file: what others may read is for the umask to say.
    let as_usual = Permissions::from_mode(0o666);
    let file = tempfile::Builder::new().permissions(as_usual).tempfile_in(folder).map_err(failed)?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}

/// Some bytes, compressed by themselves: frames of zstd may be put one after the other.
///
/// # Errors
/// Where memory does not suffice.
pub fn packed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, ZSTD_LEVEL)
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Writer::Plain(writer) => writer.write(bytes),
            Writer::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.writer {
            Writer::Plain(writer) => writer.flush(),
            Writer::Zstd(encoder) => encoder.flush(),
        }
    }
}

/// Every line of a file of JSON Lines; empty lines are passed over.
///
/// # Errors
/// Where the file cannot be read, or a line is not what it should be: with its number.
pub fn read_json_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let mut lines = Lines::open(path)?;
    let (mut read, mut number) = (Vec::new(), 0_usize);
    while let Some(line) = lines.next_line()? {
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let wrong =
            |e: serde_json::Error| io::Error::new(io::ErrorKind::InvalidData, format!("line {number}: {e}"));
        let parsed = serde_json::from_slice(line).map_err(wrong);
        read.push(parsed.map_err(|cause| Error { attempt: "read", path: path.to_owned(), cause })?);
    }
    Ok(read)
}

/// Writes a whole file at once: it is there as given, or not at all.
///
/// # Errors
/// Where the disk does not take it.
pub fn write(path: &Path, content: &str) -> Result<(), Error> {
    let mut output = Output::create(path)?;
    let written = output.write_all(content.as_bytes());
    written.map_err(|cause| Error { attempt: "write", path: path.to_owned(), cause })?;
    output.finish()
}

fn is_zstd(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "zst")
}

#[cfg(test)]
mod tests;
