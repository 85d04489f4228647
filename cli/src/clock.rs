//! The clock and the random source, which the library has not.

use std::time::SystemTime;

use litopys::Utc;

use crate::failure::{Exit, Failure};

/// Now, or the moment that `SOURCE_DATE_EPOCH` gives, so that examples can be made again byte for byte.
pub(crate) fn now() -> Result<Utc, Failure> {
    let seconds = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text
            .parse()
            .map_err(|_| Failure::new(Exit::Unable, "SOURCE_DATE_EPOCH is not a number of seconds since 1970"))?,
        Err(_) => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()),
    };
    Utc::from_unix(seconds).ok_or_else(|| Failure::new(Exit::Unable, "the clock is past the year 9999"))
}

/// Fills a buffer with random bytes; false if the machine gives none.
pub(crate) fn random(out: &mut [u8]) -> bool {
    getrandom::fill(out).is_ok()
}

/// Random bytes that are asked for many at a time: what is wanted of them are a few for each of many articles.
pub(crate) struct Pool {
    bytes: [u8; 1024],
    left: usize,
}

impl Pool {
    /// An empty one.
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; 1024], left: 0 }
    }

    /// As [`random`].
    pub(crate) fn random(&mut self, out: &mut [u8]) -> bool {
        if out.len() > self.left {
            if out.len() > self.bytes.len() || !random(&mut self.bytes) {
                return random(out);
            }
            self.left = self.bytes.len();
        }
        let (rest, taken) = self.bytes[..self.left].split_at(self.left - out.len());
        out.copy_from_slice(taken);
        self.left = rest.len();
        true
    }
}

/// Random bytes.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    if random(&mut bytes) { Ok(bytes) } else { Err(Failure::new(Exit::Unable, "no random bytes to be had")) }
}
