//! A Telegram export, whatever it is: it is read to an end, what it gives can be signed, and what fails names a place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litopys_import::{ImportError, Kind};

fuzz_target!(|data: &[u8]| {
    for failure in litopys_fuzz::import(Kind::Telegram, data) {
        assert!(failure.place.is_some() || matches!(failure.error, ImportError::Nothing));
    }
});
