//! Authorities' clocks: whose word the user takes, and what a timestamp is worth by it.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use litopys::report::{Claim, Report};
use litopys::store::Store;
use litopys::timestamps::{self, Clock, Judgement};
use litopys::{FileDigest, Utc};
use litopys_time::{Roots, Timestamp, Token};

use crate::clock;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// A file of root certificates: the whole list of a machine has a fifth of that.
const LARGEST: u64 = 1 << 20;

/// Whose clocks count, and when they are judged.
#[derive(Debug, Default, Args)]
pub(crate) struct ClockArgs {
    /// Take the word of timestamp authorities below the root certificates in this file, PEM or DER
    #[arg(long, value_name = "FILE")]
    tsa_root: Vec<PathBuf>,
    /// Judge timestamps as of this moment, so that anybody comes to the same verdict later [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
}

/// A moment, or the beginning of a day, in UTC.
#[derive(Debug, Clone)]
struct Moment(Utc);

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment = text.parse().or_else(|_| format!("{text}T00:00:00Z").parse());
        moment.map(Self).map_err(|_| "expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, in UTC")
    }
}

/// Whose clocks count, and when they are judged: read.
pub(crate) struct Clocks {
    roots: Roots,
    at: Utc,
    /// Whether the authorities were named for this run, not pinned.
    pub(crate) demanded: bool,
}

impl Clocks {
    /// What the flags name; else what is pinned.
    pub(crate) fn read(context: &Context, args: &ClockArgs) -> Result<Self, Failure> {
        let mut roots = Roots::none();
        if args.tsa_root.is_empty()
            && let Ok(home) = context.home()
        {
            for path in home.tsa_roots()? {
                roots.extend(read_roots(&path)?.1);
            }
        }
        for path in &args.tsa_root {
            roots.extend(read_roots(path)?.1);
        }
        let at = match &args.at {
            Some(Moment(at)) => at.clone(),
            None => clock::now()?,
        };
        Ok(Self { roots, at, demanded: !args.tsa_root.is_empty() })
    }

    /// The moment of judgement.
    pub(crate) const fn at(&self) -> &Utc {
        &self.at
    }

    /// Whether anybody's word is taken.
    pub(crate) const fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Judges all timestamps that a check found.
    pub(crate) fn judge_all(&self, store: &dyn Store, report: &mut Report) -> Result<(), Failure> {
        timestamps::judge(store, report, self.demanded, &mut |text, response| self.judge(text, response))?;
        Ok(())
    }

    /// What one is worth.
    pub(crate) fn judge(&self, text: &[u8], response: &[u8]) -> Judgement {
        let token = match Token::from_response(response) {
            Ok(token) => token,
            Err(fault) if fault.depends_on_reader() => {
                return Judgement::Open { claimed_time: None, claimed_authority: None, detail: fault.to_string() };
            }
            Err(fault) => return Judgement::False { detail: fault.to_string() },
        };
        match token.verify(text, &self.roots, self.at.to_unix()) {
            Ok(stamp) => clock_of(stamp).map_or_else(
                || Judgement::False { detail: "the token's time is past the year 9999".to_owned() },
                Judgement::Holds,
            ),
            Err(fault) if fault.depends_on_reader() => Judgement::Open {
                claimed_time: Utc::from_unix(token.claimed_time()),
                claimed_authority: token.claimed_authority(),
                detail: fault.to_string(),
            },
            Err(fault) => Judgement::False { detail: fault.to_string() },
        }
    }
}

fn clock_of(stamp: Timestamp) -> Option<Clock> {
    let (time, before) = (Utc::from_unix(stamp.time)?, Utc::from_unix(stamp.before)?);
    Some(Clock { time, before, authority: stamp.authority, root: stamp.root })
}

/// Root certificates in a file, and its bytes.
pub(crate) fn read_roots(path: &Path) -> Result<(Vec<u8>, Roots), Failure> {
    let bytes = read_bounded(path, LARGEST)?;
    let roots = Roots::parse(&bytes).map_err(|error| {
        Failure::of(Exit::Unable, &error)
            .at(path.display())
            .hint("the authority publishes its root certificate; a file may hold several, and intermediate ones")
    })?;
    Ok((bytes, roots))
}

/// A whole file of at most so many bytes.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let io = |error: io::Error| Failure::io(path, &error);
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(io)?.take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > limit {
        return Err(Failure::new(Exit::Unable, format_args!("{}: larger than {limit} bytes", path.display())));
    }
    Ok(bytes)
}

/// The claim `time` in words.
pub(crate) fn sentence(report: &Report, clocks: Option<&Clocks>) -> String {
    use crate::ui::escape;
    let none = "no independent clock vouches for any date: dates are the signers' word";
    let Some(head) = report.checkpoint.filter(|_| !report.timestamps.is_empty()) else { return none.to_owned() };
    let all = head.size();
    let held = report.timestamps.iter().filter_map(|stamp| match &stamp.judgement {
        Judgement::Holds(clock) => Some((stamp.size, clock)),
        _ => None,
    });
    let newest = held.max_by(|(one, a), (other, b)| one.cmp(other).then(b.before.cmp(&a.before)));
    match newest {
        _ if report.claims.time == Claim::Fails => "a timestamp is not what it claims to be".to_owned(),
        Some((size, clock)) if size >= report.dated => {
            let what = if report.extract { "all that is shown" } else { "all of it" };
            format!("{what} existed before {}, by the clock of {}", clock.before, escape::short(&clock.authority, 120))
        }
        Some((size, clock)) => format!(
            "the first {size} of {all} statements existed before {}, by the clock of {}; nothing vouches for the others",
            clock.before,
            escape::short(&clock.authority, 120)
        ),
        None if clocks.is_none_or(Clocks::is_empty) => {
            "there are timestamps, but nobody said whose clock to trust: --tsa-root FILE".to_owned()
        }
        None => "no timestamp is by a clock that you trust, at this moment".to_owned(),
    }
}

/// The name under which roots are pinned: by their digest.
pub(crate) fn pin_name(bytes: &[u8]) -> String {
    format!("tsa-{}.pem", &FileDigest::of(bytes).to_hex()[..16])
}
