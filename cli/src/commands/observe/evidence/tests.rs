use super::*;
use crate::args::Color;

struct Answering(fn() -> Result<Fetched, FetchFault>);

impl Fetch for Answering {
    fn fetch(&self, _: &str) -> Result<Fetched, FetchFault> {
        (self.0)()
    }
}

fn context() -> Context {
    Context::new(&crate::args::Global { json: true, quiet: true, color: Color::Never, threads: None })
}

fn answered(status: u16, hops: usize) -> Fetched {
    let hops = (0..hops).map(|n| format!("https://example.org/{n}")).collect();
    Fetched { warc: b"WARC/1.1\r\n".to_vec(), status, hops, via: None }
}

#[test]
fn an_error_page_and_no_answer_are_evidence_that_it_is_gone_and_of_nothing_else() {
    let gone =
        Evidence::fetch(&Answering(|| Ok(answered(410, 1))), "https://example.org/0").unwrap_or_else(|_| panic!());
    assert_eq!(gone.extra.get("http.status").map(String::as_str), Some("410"));
    let silent = Answering(|| Err(FetchFault::Connection("connection refused".into())));
    let silent = Evidence::fetch(&silent, "https://example.org/0").unwrap_or_else(|_| panic!());
    let Content::Bytes(text) = &silent.files[0].content else { panic!("no bytes") };
    assert!(String::from_utf8_lossy(text).contains("connection refused"), "what was seen is kept");
    for evidence in [&gone, &silent] {
        assert!(evidence.judge(&context(), Observed::Gone).is_ok());
        for outcome in [Observed::Changed, Observed::Unchanged] {
            assert_eq!(evidence.judge(&context(), outcome).err().map(|e| e.exit()), Some(Exit::False));
        }
    }
    assert!(Evidence::fetch(&Answering(|| Err(FetchFault::Url)), "x").is_err(), "a mistake of the caller is none");
}

#[test]
fn where_a_redirect_led_is_noted() {
    let moved =
        Evidence::fetch(&Answering(|| Ok(answered(200, 2))), "https://example.org/0").unwrap_or_else(|_| panic!());
    assert_eq!(moved.extra.get("redirected_to").map(String::as_str), Some("https://example.org/1"));
    assert!(moved.judge(&context(), Observed::Moved).is_ok());
}
