//! Timestamps (format.md, section 7.4): what independent clocks say of when statements existed.
//!
//! A check finds the checkpoints that have timestamps, and whether they are this log's: [`Report::timestamped`]. What a timestamp is worth takes X.509 and
//! the reader's opinion of authorities, which this crate knows nothing of: [`judge`] asks a function. `litopys-time` has one.

pub use crate::report::{Clock, JudgedTimestamp, Judgement, TimestampedCheckpoint};

use crate::layout::{Member, TimeFile, TimeName};
use crate::limits;
use crate::report::{CheckError, Claim, Code, Finding, Place, Report};
use crate::store::Store;

/// Has the timestamps that a check found judged: `judge` is given the text of a checkpoint and the bytes of a response (RFC 3161, `TimeStampResp`).
/// Then the claim `time` holds if one that holds is over the whole log, or in an extract over every version that is shown; it fails if one is false (E101), or if none holds and `demanded` says
/// that the reader asked for one by an authority that they named (E102).
///
/// # Errors
/// [`CheckError`] if a timestamp can't be read any more.
pub fn judge(
    store: &dyn Store,
    report: &mut Report,
    demanded: bool,
    judge: &mut dyn FnMut(&[u8], &[u8]) -> Judgement,
) -> Result<(), CheckError> {
    let mut judged = Vec::new();
    for checkpoint in &report.timestamped {
        for token in &checkpoint.tokens {
            let size = checkpoint.head.size();
            let response = store.read(Member::Time(TimeName { size, file: TimeFile::Token(*token) }), limits::TOKEN)?;
            judged.push(JudgedTimestamp { size, token: *token, judgement: judge(&checkpoint.text, &response) });
        }
    }
    report.timestamps = judged;
    report.judge_time(demanded);
    Ok(())
}

impl Report {
    /// The earliest time before which the statement with this index existed, by a timestamp that holds.
    pub fn existed_before(&self, index: u64) -> Option<&Clock> {
        let over = self.timestamps.iter().filter(|timestamp| timestamp.size > index);
        let clocks = over.filter_map(|timestamp| match &timestamp.judgement {
            Judgement::Holds(clock) => Some(clock),
            _ => None,
        });
        clocks.min_by(|one, other| one.before.cmp(&other.before))
    }

    fn judge_time(&mut self, demanded: bool) {
        for timestamp in self.timestamps.clone() {
            if let Judgement::False { detail } = timestamp.judgement {
                let name = TimeName { size: timestamp.size, file: TimeFile::Token(timestamp.token) };
                self.add(Finding::new(Code::Timestamp, Place::member(Member::Time(name)), detail));
            }
        }
        let holds = |timestamp: &&_| matches!(timestamp, JudgedTimestamp { judgement: Judgement::Holds(_), .. });
        let newest = self.timestamps.iter().filter(holds).map(|timestamp| timestamp.size).max();
        match newest {
            None if demanded => {
                let open = self.timestamps.iter().rev().find_map(|timestamp| match &timestamp.judgement {
                    Judgement::Open { detail, .. } => Some(detail.as_str()),
                    _ => None,
                });
                let why = open.unwrap_or("there is none but what is false");
                let detail = format!("no timestamp holds by an authority that was said to be trusted: {why}");
                let detail = if self.timestamps.is_empty() { "there is no timestamp".to_owned() } else { detail };
                self.add(Finding::new(Code::NoTimestamp, Place::default(), detail));
            }
            Some(size) if self.claims.time != Claim::Fails && self.dated <= size => {
                self.claims.time = Claim::Holds;
            }
            _ => {}
        }
    }
}
