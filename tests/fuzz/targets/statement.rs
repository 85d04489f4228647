//! A statement that can be read is encoded anew to the bytes received; the CBOR validator agrees with the long way round.
#![no_main]

#[path = "../../support/cbor.rs"]
mod cbor;

use libfuzzer_sys::fuzz_target;
use litopys::fuzzing;
use litopys::statement::SignedStatement;

fuzz_target!(|data: &[u8]| {
    for integer_keys in [false, true] {
        assert_eq!(fuzzing::is_profile(data, integer_keys), cbor::is_profile(data, integer_keys));
    }
    let parsed = SignedStatement::parse(data);
    match fuzzing::statement_again(data) {
        Ok(again) => {
            assert!(parsed.is_ok());
            assert!(again.is_none_or(|again| again == data));
        }
        Err(_) => assert!(parsed.is_err() || parsed.as_ref().is_ok_and(|statement| statement.verify().is_err())),
    }
    if let Ok(statement) = parsed {
        let _ = statement.verify();
    }
});
