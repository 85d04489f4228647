//! The conformance vectors about what timestamps are worth.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use litopys::Utc;
use litopys::check::{CheckOptions, Files, Signatures, Trust, check};
use litopys::report::{Report, Verdict};
use litopys::store::zip::BundleStore;
use litopys::timestamps::{Clock, Judgement, judge};
use litopys_time::{Roots, Token};
use litopys_vectors::{Clocks, Set};

fn judgement(text: &[u8], response: &[u8], roots: &Roots, at: u64) -> Judgement {
    let verified = Token::from_response(response).and_then(|token| token.verify(text, roots, at));
    match verified {
        Ok(stamp) => Judgement::Holds(Clock {
            time: Utc::from_unix(stamp.time).unwrap(),
            before: Utc::from_unix(stamp.before).unwrap(),
            authority: stamp.authority,
            root: stamp.root,
        }),
        Err(fault) if fault.depends_on_reader() => {
            Judgement::Open { claimed_time: None, claimed_authority: None, detail: fault.to_string() }
        }
        Err(fault) => Judgement::False { detail: fault.to_string() },
    }
}

fn report(bytes: &[u8], clocks: &Clocks, root: &Path) -> Report {
    let store = BundleStore::open(bytes).unwrap();
    let options = CheckOptions { files: Files::All, trust: Trust::default(), signatures: Signatures::All, threads: 1 };
    let mut report = check(&store, &options, &mut ()).unwrap();
    let roots = Roots::parse(&std::fs::read(root.join(&clocks.tsa_root)).unwrap()).unwrap();
    let at = clocks.at.parse::<Utc>().unwrap().to_unix();
    judge(&store, &mut report, true, &mut |text, response| judgement(text, response, &roots, at)).unwrap();
    report
}

#[test]
fn timestamps_get_the_verdict_of_the_vectors() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let set = Set::read(&root).unwrap();
    let judged: Vec<_> = set.vectors.iter().filter_map(|vector| Some((vector, vector.clocks.as_ref()?))).collect();
    assert!(judged.len() > 20, "{}", judged.len());
    for (vector, clocks) in judged {
        let report = report(&set.files[&vector.file], clocks, &root);
        let codes: Vec<_> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
        let is_failed = report.verdict() == Verdict::Failed;
        assert_eq!(is_failed, vector.verdict == "failed", "{}: {:?}", vector.name, report.findings);
        match vector.code.as_deref() {
            Some(code) => assert!(codes.contains(&code), "{}: {:?}", vector.name, report.findings),
            None => assert_eq!(codes, [""; 0], "{}", vector.name),
        }
    }
}
