//! A request that can be read is encoded anew to the bytes received, and so is what was signed for one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litopys::request::{Request, Signed};

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = Request::decode(data) {
        assert_eq!(request.encode().expect("it was read"), data);
    }
    if let Ok(signed) = Signed::decode(data) {
        assert_eq!(signed.encode().expect("it was read"), data);
    }
});
