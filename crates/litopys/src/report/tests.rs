use super::*;

fn finding(code: Code) -> Finding {
    Finding::new(code, Place::default(), "it is so")
}

fn report(codes: &[Code]) -> Report {
    let mut report = Report::new();
    codes.iter().for_each(|code| report.add(finding(*code)));
    report
}

#[test]
fn a_finding_speaks_against_its_claim_and_no_other() {
    let claims = |codes: &[Code]| {
        let Claims { intact, signed, complete, trusted, current, time } = report(codes).claims;
        [intact, signed, complete, trusted, current, time]
    };
    use Claim::{Fails, Holds, Unchecked};
    assert_eq!(claims(&[]), [Holds, Holds, Holds, Unchecked, Unchecked, Unchecked]);
    assert_eq!(claims(&[Code::Root]), [Fails, Holds, Holds, Unchecked, Unchecked, Unchecked]);
    assert_eq!(claims(&[Code::Signature]), [Holds, Fails, Holds, Unchecked, Unchecked, Unchecked]);
    assert_eq!(claims(&[Code::MissingMember]), [Holds, Holds, Fails, Unchecked, Unchecked, Unchecked]);
    assert_eq!(claims(&[Code::OtherArchive]), [Holds, Holds, Holds, Fails, Unchecked, Unchecked]);
    assert_eq!(claims(&[Code::Forked]), [Holds, Holds, Holds, Unchecked, Fails, Unchecked]);
    assert_eq!(claims(&[Code::Timestamp]), [Holds, Holds, Holds, Unchecked, Unchecked, Fails]);
    assert_eq!(claims(&[Code::Withdrawn, Code::StrayFile]), claims(&[]));
    // What is false stays so, whatever else can't be told.
    let both = [Code::Signature, Code::UnknownKind];
    assert_eq!(claims(&both)[1], Fails);
    assert_eq!(claims(&[both[1], both[0]])[1], Fails);
    assert_eq!(claims(&both[1..])[1], Unchecked);
}

#[test]
fn a_thousand_findings_are_kept_and_all_are_counted() {
    for more in [0, 1, 2] {
        let codes = [vec![Code::StrayFile; limits::FINDINGS], vec![Code::Signature; more]].concat();
        let mut gathered = Report::new();
        let mut findings = Findings::default();
        let (first, rest) = codes.split_at(600);
        first.iter().for_each(|code| findings.push(finding(*code)));
        let mut others = Findings::default();
        rest.iter().for_each(|code| others.push(finding(*code)));
        findings.append(others);
        // Those that were only counted, once more.
        let mut all = Findings::default();
        all.append(findings);
        gathered.take(all);
        for report in [gathered, report(&codes)] {
            assert_eq!((report.findings.len(), report.findings_total), (limits::FINDINGS, codes.len() as u64));
            assert_eq!(report.claims.signed == Claim::Fails, more > 0, "{more} more");
            assert_eq!(report.failed == Some(Severity::Error), more > 0, "{more} more");
        }
    }
}

#[test]
fn what_was_not_looked_at_claims_nothing_and_what_fails_stays_so() {
    let claims = |codes: &[Code], change: fn(&mut Report)| {
        let mut report = report(codes);
        change(&mut report);
        [report.claims.intact, report.claims.signed, report.claims.complete]
    };
    use Claim::{Fails, Holds, Unchecked};
    assert_eq!(claims(&[], Report::leave_files), [Unchecked, Holds, Unchecked]);
    assert_eq!(claims(&[Code::Root], Report::leave_files), [Fails, Holds, Unchecked]);
    assert_eq!(claims(&[], Report::stop_short), [Unchecked, Unchecked, Unchecked]);
    assert_eq!(claims(&[Code::Signature], Report::stop_short), [Unchecked, Fails, Unchecked]);
}

#[test]
fn an_extract_never_claims_to_be_all_and_lacks_nothing_that_it_names() {
    let mut report = Report::new();
    report.be_extract();
    assert_eq!((report.claims.complete, report.extract), (Claim::NotApplicable, true));
    report.add(finding(Code::FileMissing));
    assert_eq!((report.claims.complete, report.claims.intact), (Claim::NotApplicable, Claim::Fails));
}

#[test]
fn words_of_a_finding_are_cut_where_a_character_ends() {
    let detail = |text: &str| Finding::new(Code::Root, Place::default(), text).detail;
    let fits = "a".repeat(limits::DETAIL);
    assert_eq!(detail(&fits), fits);
    assert_eq!(detail(&format!("{fits}a")), format!("{fits}…"));
    // The 1,024th byte is within a character of two.
    let (kept, cut) = ("a".repeat(limits::DETAIL - 1), "ї".repeat(40));
    assert_eq!(detail(&format!("{kept}{cut}")), format!("{kept}…"));
}
