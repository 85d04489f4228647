//! Says before when an archive's statements existed, by the clocks of timestamp authorities below given root certificates.
//!
//! `cargo run -p litopys-time --example clocks -- FOLDER ROOTS.pem`

use std::time::SystemTime;

use litopys::Utc;
use litopys::check::{CheckOptions, Files, Signatures, Trust, check};
use litopys::store::folder::FolderStore;
use litopys::timestamps::{self, Clock, Judgement};
use litopys_time::{Roots, Timestamp, Token, TokenFault};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (folder, roots) = args.next().zip(args.next()).ok_or("usage: clocks FOLDER ROOTS.pem")?;
    let roots = Roots::parse(&std::fs::read(roots)?)?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();

    let store = FolderStore::new(folder);
    let options = CheckOptions { files: Files::All, signatures: Signatures::All, trust: Trust::default(), threads: 2 };
    let mut report = check(&store, &options, &mut ())?;
    // The library knows no certificates: whoever does says what a timestamp is worth.
    timestamps::judge(&store, &mut report, false, &mut |text, response| {
        let verified = Token::from_response(response).and_then(|token| token.verify(text, &roots, now));
        judgement(verified)
    })?;

    for stamp in &report.timestamps {
        match &stamp.judgement {
            // Names come from certificates, which may be hostile: `{:?}` escapes them for a terminal.
            Judgement::Holds(clock) => {
                println!(
                    "the first {} statements existed before {}, says {:?}",
                    stamp.size, clock.before, clock.authority
                );
            }
            other => println!("a timestamp of the first {} statements is of no use: {other:?}", stamp.size),
        }
    }
    println!("{:?}: {:?}", report.verdict(), report.claims);
    Ok(())
}

fn judgement(verified: Result<Timestamp, TokenFault>) -> Judgement {
    let clock = |stamp: Timestamp| {
        let (time, before) = (Utc::from_unix(stamp.time)?, Utc::from_unix(stamp.before)?);
        Some(Clock { time, before, authority: stamp.authority, root: stamp.root })
    };
    match verified {
        Ok(stamp) => clock(stamp).map_or(Judgement::False { detail: "past the year 9999".into() }, Judgement::Holds),
        Err(fault) if fault.depends_on_reader() => {
            Judgement::Open { claimed_time: None, claimed_authority: None, detail: fault.to_string() }
        }
        Err(fault) => Judgement::False { detail: fault.to_string() },
    }
}
