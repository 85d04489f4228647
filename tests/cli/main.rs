//! The command line from outside: sessions as data in `cases/`, and what is awkward to write down so.
//!
//! `LITOPYS_BLESS=1 cargo test -p litopys-cli --test cli` writes down what the sessions and the reference print now.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test")]

mod cases;
mod compare;
#[path = "../support/data.rs"]
mod data;
mod documents;
mod exports;
mod forks;
mod machine;
mod memory;
mod network;
mod reading;
mod reference;
mod reports;
mod run;
mod scrub;
mod streams;
mod timestamps;
mod witnesses;
