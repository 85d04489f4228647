//! A timestamp's response that can be read is judged without a fault, and proves nothing to who trusts nobody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use litopys_time::{Request, Roots, Token};

/// What the seeds' roots are.
const ROOTS: &[u8] = include_bytes!("../seeds/token/root.pem");
/// What the seeds are over.
const TEXT: &[u8] = b"test.example/archive\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
/// 2040-01-01.
const AT: u64 = 2_208_988_800;

fuzz_target!(|data: &[u8]| {
    let _ = Roots::parse(data);
    let Ok(token) = Token::from_response(data) else { return };
    let _ = (token.claimed_time(), token.claimed_authority(), token.claimed_policy());
    let _ = Request::of(TEXT, None).answered_by(&token);
    assert!(token.verify(TEXT, &Roots::none(), AT).is_err());
    assert!(token.verify(b"other bytes", &Roots::parse(ROOTS).unwrap(), AT).is_err());
    // What is verified was the authority's, however it was changed: it has one time.
    if let Ok(stamp) = token.verify(TEXT, &Roots::parse(ROOTS).unwrap(), AT) {
        assert!(stamp.time < stamp.before && stamp.root == "CN=Test Root,O=Test");
    }
});
