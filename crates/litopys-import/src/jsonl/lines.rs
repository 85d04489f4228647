//! Lines of a stream, as they come.

use std::io::Read;

use super::JsonlFault;
use crate::limits;

/// A line and its number from 1; or what is wrong with it.
pub(crate) type Numbered = (u64, Result<Vec<u8>, JsonlFault>);

/// Reads lines in chunks: as many as there are already, so that no draft waits for the next one.
pub(crate) struct Lines {
    source: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// Where the first line not yet given begins.
    start: usize,
    number: u64,
    /// In the rest of a line that was too long.
    skipping: bool,
    ended: bool,
}

/// What is read at once.
const READ: usize = 1 << 20;

impl Lines {
    pub(crate) fn new(source: Box<dyn Read + Send>) -> Self {
        Self { source, buffer: Vec::new(), start: 0, number: 0, skipping: false, ended: false }
    }

    /// The next lines that are not blank, at least one; none at the end.
    pub(crate) fn chunk(&mut self) -> Vec<Numbered> {
        let mut chunk = Vec::new();
        let mut size = 0;
        loop {
            while let Some(line) = self.buffered() {
                let blank = line.1.as_ref().is_ok_and(|line| line.trim_ascii().is_empty());
                if !blank {
                    size += line.1.as_ref().map_or(0, |line| line.len() as u64);
                    chunk.push(line);
                }
                if chunk.len() == limits::CHUNK || size > limits::CHUNK_BYTES {
                    return chunk;
                }
            }
            if !chunk.is_empty() || self.ended {
                return chunk;
            }
            chunk.extend(self.read());
        }
    }

    /// A line that has been read already.
    fn buffered(&mut self) -> Option<Numbered> {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        let end = match memchr::memchr(b'\n', rest) {
            Some(end) => end,
            None if self.ended && !rest.is_empty() => rest.len(),
            None => return None,
        };
        let line = rest.get(..end).unwrap_or_default().to_vec();
        self.start = (self.start + end + 1).min(self.buffer.len());
        self.number += 1;
        if std::mem::take(&mut self.skipping) || line.len() > limits::JSONL_LINE {
            return Some((self.number, Err(JsonlFault::TooLong)));
        }
        Some((self.number, Ok(line)))
    }

    /// Reads more; gives what is wrong, if reading fails.
    fn read(&mut self) -> Option<Numbered> {
        self.buffer.drain(..self.start);
        self.start = 0;
        if self.buffer.len() > limits::JSONL_LINE {
            self.skipping = true;
            self.buffer.clear();
        }
        // A long line grows in steps of its own size, so that its bytes are moved a few times only.
        let more = READ.max(self.buffer.len() / 2) as u64;
        let before = self.buffer.len();
        self.buffer.resize(before + usize::try_from(more).unwrap_or(READ), 0);
        let read = loop {
            match self.source.read(self.buffer.get_mut(before..).unwrap_or_default()) {
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(before + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => {
                self.ended = true;
                // The rest of a line that was too long, up to the end of the stream.
                (std::mem::take(&mut self.skipping) && self.buffer.is_empty())
                    .then(|| (self.number + 1, Err(JsonlFault::TooLong)))
            }
            Ok(_) => None,
            Err(e) => {
                self.ended = true;
                self.buffer.clear();
                Some((self.number + 1, Err(JsonlFault::read(&e))))
            }
        }
    }
}
