//! Witnesses: whose cosignatures count, and what they say.

use clap::Args;
use litopys::check::Witnesses;
use litopys::log::cosignature::{WitnessKey, WitnessKeyError};
use litopys::report::{Claim, Code, CurrentBy, Report};
use litopys::{TreeHead, Utc};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::home::keys::public_key;
use crate::ui::words::{count, number};

/// Whose cosignatures count, and how many there must be.
#[derive(Debug, Default, Args)]
pub(crate) struct WitnessArgs {
    /// Take the word of this witness that nothing newer was seen: NAME+HASH+BASE64 (C2SP), or NAME=KEY with a key file or `ssh-ed25519 AAAA...`
    #[arg(long, value_name = "KEY")]
    pub(crate) witness: Vec<String>,
    /// How many witnesses must have cosigned [default: all that are named; of those that are pinned more than half count, and fewer are no error]
    #[arg(long, value_name = "N")]
    pub(crate) quorum: Option<u64>,
}

impl WitnessArgs {
    /// The witnesses that are named; else those that are pinned.
    pub(crate) fn read(&self, context: &Context) -> Result<Witnesses, Failure> {
        let named: Vec<_> = self.witness.iter().map(|text| parse(context, text)).collect::<Result<_, _>>()?;
        let keys = if named.is_empty() { context.memories()?.witnesses() } else { distinct(named.clone()) };
        let most = distinct_keys(&keys);
        match self.quorum {
            None if named.is_empty() => Ok(Witnesses::known(keys)),
            quorum => {
                let quorum = quorum.unwrap_or(most);
                if quorum == 0 || quorum > most {
                    let text = format_args!("a quorum of {quorum} out of {}", witnesses(most));
                    return Err(Failure::new(Exit::Unable, text).hint(
                        "--witness KEY names a witness, `litopys trust add --witness KEY` pins one; a key counts once",
                    ));
                }
                Ok(Witnesses::demanded(keys, quorum))
            }
        }
    }
}

fn distinct(keys: Vec<WitnessKey>) -> Vec<WitnessKey> {
    let mut all = Vec::new();
    keys.into_iter().for_each(|key| {
        if !all.contains(&key) {
            all.push(key)
        }
    });
    all
}

fn distinct_keys(keys: &[WitnessKey]) -> u64 {
    let mut keys: Vec<_> = keys.iter().map(|witness| witness.key().as_bytes()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len() as u64
}

/// A witness: a verifier key, or a name and a key of one of the other forms.
pub(crate) fn parse(context: &Context, text: &str) -> Result<WitnessKey, Failure> {
    let bad = |error: WitnessKeyError| Failure::of(Exit::Unable, &error).at(format_args!("\"{text}\""));
    match (text.parse(), text.split_once('=')) {
        (Ok(witness), _) => Ok(witness),
        (Err(WitnessKeyError::Form), Some((name, key))) if !name.is_empty() && !key.is_empty() => {
            WitnessKey::new(name, public_key(&context.home()?, key)?).map_err(bad)
        }
        (Err(error), _) => Err(bad(error).hint("a witness is NAME+HASH+BASE64, as it gives it, or NAME=KEY")),
    }
}

/// A time in a cosignature, as text.
pub(crate) fn moment(seconds: u64) -> String {
    Utc::from_unix(seconds).map_or_else(|| format!("{seconds} seconds since 1970"), |time| time.to_string())
}

/// By what the claim `current` holds: memory, a checkpoint that was named, witnesses.
pub(crate) fn basis(by: &CurrentBy, remembered: Option<TreeHead>) -> &'static str {
    match by {
        CurrentBy::Seen(head) if Some(*head) == remembered => "memory",
        CurrentBy::Seen(_) => "named",
        _ => "witnesses",
    }
}

/// The claim `current` in words.
pub(crate) fn sentence(report: &Report, remembered: Option<TreeHead>) -> String {
    let has = |code| report.findings.iter().any(|finding| finding.code == code);
    match report.claims.current {
        Claim::Holds => {
            let mut parts: Vec<_> = report.current_by.iter().map(|by| by_what(report, by, remembered)).collect();
            parts.dedup();
            parts.join("; ")
        }
        Claim::Fails if has(Code::Forked) => "it is not the history that was seen before".to_owned(),
        Claim::Fails if has(Code::RolledBack) => "it is older than what was seen before".to_owned(),
        Claim::Fails if has(Code::Cosignature) => "a witness's cosignature is false".to_owned(),
        Claim::Fails => format!("{}, fewer than you asked for", cosigned(report)),
        _ if remembered.is_some() && is_part(report) => {
            "it is newer than what was seen before, and does not show that it extends it".to_owned()
        }
        _ if report.cosigned.is_empty() => "no earlier checkpoint of it is known".to_owned(),
        _ => format!("no earlier checkpoint of it is known; {}, too few", cosigned(report)),
    }
}

/// Whether it is of an archive that isn't here: nothing shows that its log extends another.
const fn is_part(report: &Report) -> bool {
    report.extract || report.single.is_some()
}

fn by_what(report: &Report, by: &CurrentBy, remembered: Option<TreeHead>) -> String {
    match by {
        CurrentBy::Seen(_) if is_part(report) => "it is under the checkpoint that was seen before".to_owned(),
        CurrentBy::Seen(head) if basis(by, remembered) == "memory" => {
            format!("it extends the {} seen before", count(head.size(), "statement"))
        }
        CurrentBy::Seen(_) => "it extends the checkpoint that you named".to_owned(),
        CurrentBy::Witnesses { cosigned, of, time } => {
            format!("{cosigned} of {} had seen nothing newer at {}", witnesses(*of), moment(*time))
        }
        _ => String::new(),
    }
}

/// `1 witness`, `2 witnesses`.
fn witnesses(n: u64) -> String {
    if n == 1 { "1 witness".to_owned() } else { format!("{} witnesses", number(n)) }
}

fn cosigned(report: &Report) -> String {
    let did: Vec<_> =
        report.cosigned.iter().filter(|says| says.time.is_some()).map(|says| says.witness.clone()).collect();
    let all: Vec<_> = report.cosigned.iter().map(|says| says.witness.clone()).collect();
    format!("{} of {} cosigned it", distinct_keys(&did), witnesses(distinct_keys(&all)))
}
