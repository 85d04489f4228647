//! Checks a bundle or an archive's folder against an archive id that was handed over by another way.
//!
//! `cargo run --example verify -- ARCHIVE ID`

use std::fs::File;

use litopys::check::{Anchor, CheckOptions, Files, Signatures, Trust, check};
use litopys::report::Verdict;
use litopys::store::Store;
use litopys::store::folder::FolderStore;
use litopys::store::zip::BundleStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (path, id) = args.next().zip(args.next()).ok_or("usage: verify ARCHIVE ID")?;
    let store: Box<dyn Store> = if std::fs::metadata(&path)?.is_dir() {
        Box::new(FolderStore::new(&path))
    } else {
        Box::new(BundleStore::open(File::open(&path)?)?)
    };

    // There is no default for whom to trust.
    let trust = Trust { demanded: vec![Anchor::Archive(id.parse()?)], ..Trust::default() };
    let options = CheckOptions { files: Files::All, signatures: Signatures::All, trust, threads: 2 };
    let report = check(&store, &options, &mut ())?;

    for finding in &report.findings {
        // Texts may quote the archive, which may be hostile: `{:?}` escapes them for a terminal.
        println!("{} {:?} {:?}", finding.code, finding.place, finding.detail);
    }
    println!("{:?}: {:?}", report.verdict(), report.claims);
    if report.verdict() == Verdict::Verified { Ok(()) } else { Err("not verified".into()) }
}
