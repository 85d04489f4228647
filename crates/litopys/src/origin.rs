//! The [`Origin`] of an archive (format.md, section 2).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limits;

/// The text is no origin: 1 to 255 of the characters `a-z 0-9 . _ / -`, and not `cosignature/v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an origin")]
pub struct ParseOriginError;

/// What an archive calls itself: the first line of its checkpoint and the name of its log keys, like `example.org/archive`.
///
/// It has 1 to 255 of the characters `a-z 0-9 . _ / -`. It is never `cosignature/v1`, with which the message of a C2SP
/// cosignature begins.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

impl Origin {
    /// Whether a text is an origin.
    pub(crate) fn is_one(text: &str) -> bool {
        let allowed = |c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'/' | b'-');
        let fits = (1..=limits::ORIGIN).contains(&text.len());
        fits && text.bytes().all(allowed) && text != "cosignature/v1"
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, ParseOriginError> {
        if Self::is_one(text) { Ok(Self(text.to_owned())) } else { Err(ParseOriginError) }
    }
}

impl TryFrom<String> for Origin {
    type Error = ParseOriginError;

    fn try_from(text: String) -> Result<Self, ParseOriginError> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_texts_of_section_2_are_origins() {
        let longest = "a".repeat(255);
        for good in ["a", "example.org/archive_1-2", "cosignature/v2", longest.as_str()] {
            assert_eq!(good.parse::<Origin>().unwrap().to_string(), good);
        }
        let too_long = "a".repeat(256);
        for bad in ["", "A", "a b", "a+b", "a\n", "ž", "a:b", "cosignature/v1", too_long.as_str()] {
            assert_eq!(bad.parse::<Origin>(), Err(ParseOriginError), "{bad}");
        }
    }
}
