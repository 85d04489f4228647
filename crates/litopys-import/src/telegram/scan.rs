//! JSON as a stream of bytes: tokens between values, and whole values as the bytes that they are.

use std::io::Read;

use super::TelegramFault;

/// What is read at once.
const READ: usize = 1 << 17;

/// Reads JSON from start to end. It holds what it has read at once and the value that it is asked for, and it doesn't
/// recurse, however deep values are nested.
pub(super) struct Scanner {
    source: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    /// The line of what comes next, from 1.
    pub(super) line: u64,
}

impl Scanner {
    pub(super) fn new(source: Box<dyn Read + Send>) -> Self {
        Self { source, buffer: Vec::new(), at: 0, ended: false, line: 1 }
    }

    /// What was read and not yet used; empty at the end.
    fn rest(&mut self) -> Result<&[u8], TelegramFault> {
        while self.at == self.buffer.len() && !self.ended {
            self.buffer.resize(READ, 0);
            self.at = 0;
            let read = match self.source.read(&mut self.buffer) {
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {
                    self.buffer.clear();
                    continue;
                }
                other => other,
            };
            self.buffer.truncate(*read.as_ref().unwrap_or(&0));
            match read {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                Err(e) => {
                    self.ended = true;
                    return Err(TelegramFault::Read(e.to_string()));
                }
            }
        }
        Ok(self.buffer.get(self.at..).unwrap_or_default())
    }

    fn skip(&mut self, count: usize) {
        let end = (self.at + count).min(self.buffer.len());
        self.line += memchr::memchr_iter(b'\n', &self.buffer[self.at..end]).count() as u64;
        self.at = end;
    }

    /// The next byte that is no white space, without taking it; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, TelegramFault> {
        loop {
            let rest = self.rest()?;
            if rest.is_empty() {
                return Ok(None);
            }
            let space = rest.iter().take_while(|c| matches!(c, b' ' | b'\n' | b'\r' | b'\t')).count();
            let found = rest.get(space).copied();
            self.skip(space);
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Takes the next byte that is no white space if it is this one.
    pub(super) fn take(&mut self, byte: u8) -> Result<bool, TelegramFault> {
        let found = self.peek()?.ok_or(TelegramFault::Torn)? == byte;
        self.skip(usize::from(found));
        Ok(found)
    }

    /// Takes this byte, or else it is no export.
    pub(super) fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), TelegramFault> {
        if self.take(byte)? { Ok(()) } else { Err(TelegramFault::Json(what)) }
    }

    /// Passes over the mark that some editors put at the start.
    pub(super) fn skip_mark(&mut self) -> Result<(), TelegramFault> {
        let marked = self.rest()?.starts_with(b"\xef\xbb\xbf");
        self.skip(if marked { 3 } else { 0 });
        Ok(())
    }

    /// The next value as the bytes that it is; `None` if they are more than `limit`, and passed over. What is between its
    /// brackets and quotes is not judged.
    pub(super) fn value(&mut self, limit: usize) -> Result<Option<Vec<u8>>, TelegramFault> {
        let first = self.peek()?.ok_or(TelegramFault::Torn)?;
        if matches!(first, b'}' | b']' | b',' | b':') {
            return Err(TelegramFault::Json("a value"));
        }
        let mut out = Some(Vec::new());
        let mut state = State::default();
        loop {
            let rest = self.rest()?;
            if rest.is_empty() {
                // A number may end with the file; it is of no use then.
                return Err(TelegramFault::Torn);
            }
            let (count, done) = state.advance(rest);
            if let Some(bytes) = &mut out {
                if bytes.len() + count > limit {
                    out = None;
                } else {
                    bytes.extend_from_slice(&rest[..count]);
                }
            }
            self.skip(count);
            if done {
                return Ok(out);
            }
        }
    }
}

/// Where in a value the scanner is.
#[derive(Default)]
struct State {
    depth: u64,
    in_string: bool,
    escaped: bool,
    started: bool,
}

impl State {
    /// How many of these bytes belong to the value, and whether it ends with them.
    fn advance(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                } else if byte == b'\\' {
                    self.escaped = true;
                } else if byte == b'"' {
                    self.in_string = false;
                    if self.depth == 0 {
                        return (at + 1, true);
                    }
                } else {
                    let rest = bytes.get(at..).unwrap_or_default();
                    at += memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
                    continue;
                }
            } else {
                match byte {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' if self.depth == 0 => return (at, true),
                    b'}' | b']' => {
                        self.depth -= 1;
                        if self.depth == 0 {
                            return (at + 1, true);
                        }
                    }
                    b',' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 && self.started => return (at, true),
                    _ => {}
                }
            }
            self.started = true;
            at += 1;
        }
        (bytes.len(), false)
    }
}
