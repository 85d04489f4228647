//! What the tests at the top of the repository share: a key, small archives, a full check, and where the data of others is (`data`, which
//! the tests of crates take in, too).
#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc, missing_docs)]
#![allow(unreachable_pub)]

#[cfg(all(feature = "fs", feature = "zstd"))]
pub mod archives;
pub mod cbor;
pub mod data;
pub mod prng;
