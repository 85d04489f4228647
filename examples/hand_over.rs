//! Hands over the first article of an archive's folder as an extract, and checks it as whoever gets it would.
//!
//! `cargo run --example hand_over -- ARCHIVE OUT ID`

use std::fs::File;

use litopys::check::{Anchor, CheckOptions, Files, Signatures, Trust, check};
use litopys::report::Verdict;
use litopys::store::folder::FolderStore;
use litopys::store::zip::BundleStore;
use litopys::view::View;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let usage = "usage: hand_over ARCHIVE OUT ID";
    let (archive, out, id) = (args.next().ok_or(usage)?, args.next().ok_or(usage)?, args.next().ok_or(usage)?);
    let store = FolderStore::new(archive);

    // To find an article by what it says takes a look at the whole archive; to hand it over, at a few tiles.
    let view = View::open(&store, Trust::default(), 2)?;
    let article = view.articles().first().ok_or("the archive has no articles")?;
    let versions: Vec<u64> = article.versions.iter().map(|version| version.index).collect();
    let (_, made) = litopys::extract::write(&store, &versions, File::create_new(&out)?)?;
    println!("{} versions out of {} statements", made.versions, made.head.size());

    // Whoever gets it has no archive, but its id, by another way.
    let extract = BundleStore::open(File::open(&out)?)?;
    let trust = Trust { demanded: vec![Anchor::Archive(id.parse()?)], ..Trust::default() };
    let options = CheckOptions { files: Files::All, signatures: Signatures::All, trust, threads: 1 };
    let report = check(&extract, &options, &mut ())?;
    assert!(report.extract, "what it can't show, such as whether it is complete, it doesn't claim");
    if report.verdict() == Verdict::Verified { Ok(()) } else { Err("not verified".into()) }
}
