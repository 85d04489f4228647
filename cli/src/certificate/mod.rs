//! What a check found of few articles, for people who know nothing of archives: a certificate, as text and as one page.

mod dates;
mod html;
mod markdown;
mod page;
mod text;

use std::collections::BTreeMap;
use std::path::Path;

use litopys::diff::{self, ArticleDiff};
use litopys::manifest::{Change, Manifest, Role};
use litopys::observation;
use litopys::report::{Claim, Report, Verdict};
use litopys::timestamps::{Clock, Judgement};
use litopys::view::{Article, ObservationRef, ReadError, VersionRef, View};
use litopys::{Utc, limits};

use crate::commands::show::{self, Signer};
use crate::failure::Failure;
use crate::withheld::Grounds;

pub(crate) use html::page;
pub(crate) use text::print;

/// How many articles a certificate is made for: more is no paper for a person.
const ARTICLES: usize = 20;
/// How many versions of an article are shown, the newest ones.
const VERSIONS: usize = 100;
/// How many bytes of manifests and texts are held, as they are signed: of an article that has more, the newest versions, and one at least.
const HELD: u64 = 32 << 20;
/// The longest text that is shown, in bytes.
const LONGEST: usize = 4 << 20;

/// All that a certificate says.
pub(crate) struct Certificate<'a> {
    /// The archive's file or folder.
    pub(crate) path: &'a Path,
    /// What the check found.
    pub(crate) report: &'a Report,
    /// The moment of judgement.
    pub(crate) at: &'a Utc,
    /// What is shown of each article.
    pub(crate) records: Vec<Record>,
    /// How many more articles there are.
    pub(crate) more: usize,
}

/// An article.
pub(crate) struct Record {
    pub(crate) article: Article,
    /// Its versions, the first one first, but those withheld.
    pub(crate) versions: Vec<Version>,
    /// Those withheld.
    pub(crate) withheld: Vec<WithheldVersion>,
    /// How many versions before those are not shown.
    pub(crate) earlier: usize,
    /// The text of the newest version that isn't withheld.
    pub(crate) text: Option<String>,
    /// Why that text isn't there, if it is withheld.
    pub(crate) text_withheld: Option<Grounds>,
    /// What was observed where it came from, the newest ones.
    pub(crate) observations: Vec<Observed>,
}

/// A version whose manifest is withheld, with its files.
pub(crate) struct WithheldVersion {
    pub(crate) version: VersionRef,
    pub(crate) signer: Signer,
    pub(crate) clock: Option<Clock>,
    pub(crate) grounds: Grounds,
}

/// A row of what became of an article.
pub(crate) enum Step<'a> {
    Shown(&'a Version),
    Withheld(&'a WithheldVersion),
}

impl Record {
    /// Its versions in their order, those withheld in their places.
    pub(crate) fn timeline(&self) -> Vec<Step<'_>> {
        let shown = self.versions.iter().map(|version| (version.version.index, Step::Shown(version)));
        let withheld = self.withheld.iter().map(|version| (version.version.index, Step::Withheld(version)));
        let mut all: Vec<_> = shown.chain(withheld).collect();
        all.sort_by_key(|(index, _)| *index);
        all.into_iter().map(|(_, step)| step).collect()
    }

    /// The newest version that isn't withheld, if a newer one is.
    pub(crate) fn older(&self) -> Option<u64> {
        let newest = self.versions.last()?.version;
        (self.article.head()?.index != newest.index).then_some(newest.version)
    }
}

/// What a source answered.
pub(crate) struct Observed {
    pub(crate) found: ObservationRef,
    pub(crate) signer: Signer,
    /// The earliest time before which the observation existed, by a clock that is trusted.
    pub(crate) clock: Option<Clock>,
    /// Why its evidence isn't there, if it is withheld.
    pub(crate) withheld: Option<Grounds>,
}

/// A version of an article.
pub(crate) struct Version {
    pub(crate) version: VersionRef,
    pub(crate) manifest: Manifest,
    pub(crate) signer: Signer,
    /// The earliest time before which it existed, by a clock that is trusted.
    pub(crate) clock: Option<Clock>,
    /// What is new against the version before.
    pub(crate) diff: Option<ArticleDiff>,
    /// Its files that are withheld, by their paths.
    pub(crate) withheld: BTreeMap<String, Grounds>,
}

impl<'a> Certificate<'a> {
    /// Of an archive that a check found usable; without articles if it wasn't.
    pub(crate) fn new(
        path: &'a Path,
        report: &'a Report,
        view: Option<&View<'_>>,
        at: &'a Utc,
    ) -> Result<Self, Failure> {
        let articles = view.map_or(&[][..], View::articles);
        let (mut records, mut left) = (Vec::new(), HELD);
        for article in articles.iter().take(ARTICLES) {
            let Some(view) = view.filter(|_| left > 0) else { break };
            records.push(record(view, report, article, &mut left)?);
        }
        let more = articles.len().saturating_sub(records.len());
        Ok(Self { path, report, at, records, more })
    }
}

/// What is shown of an article, as long as there are bytes `left` to be held.
fn record(view: &View<'_>, report: &Report, article: &Article, left: &mut u64) -> Result<Record, ReadError> {
    let mut earlier = article.versions.len();
    let mut versions: Vec<Version> = Vec::new();
    let mut withheld = Vec::new();
    // The newest first: each is compared once the one before it is there.
    for version in article.versions.iter().rev().take(VERSIONS) {
        let (signer, clock) = (Signer::of_version(view, version), report.existed_before(version.index).cloned());
        if let Some(grounds) = Grounds::of_manifest(view, version.index) {
            withheld.push(WithheldVersion { version: *version, signer, clock, grounds });
            earlier -= 1;
            continue;
        }
        if *left == 0 {
            break;
        }
        let manifest = view.manifest(version)?;
        let text = manifest.file(Role::Text).filter(|file| file.size <= limits::COMPARED_TEXT);
        // Two texts and what two manifests say, in the comparison with the version after it.
        let cost = 2 * (version.manifest.size + text.map_or(0, |file| file.size));
        let is_room = cost <= *left;
        *left = left.saturating_sub(cost);
        if !is_room && !versions.is_empty() {
            break;
        }
        earlier -= 1;
        if let Some(next) = versions.last_mut() {
            next.diff = Some(diff::versions(article.urn, (view, version), (view, &next.version))?);
        }
        let gone = manifest
            .files
            .iter()
            .filter_map(|file| Some((file.path.clone(), Grounds::of_file(view, version.index, &file.sha256)?)));
        let withheld = gone.collect();
        versions.push(Version { version: *version, withheld, manifest, signer, clock, diff: None });
    }
    versions.reverse();
    withheld.reverse();
    let mut text_withheld = None;
    let text = match versions.last() {
        None => None,
        Some(newest) => match show::read_text(view, &newest.version, &newest.manifest)? {
            Some(show::Text::Read(text)) if text.len() <= LONGEST => {
                let title = newest.manifest.title.as_deref().unwrap_or_default();
                Some(show::without_title(&text, title).to_owned())
            }
            Some(show::Text::Withheld(grounds)) => {
                text_withheld = Some(grounds);
                None
            }
            _ => None,
        },
    };
    let observed = |found: &ObservationRef| Observed {
        found: found.clone(),
        signer: Signer::of_version(view, &found.entry()),
        clock: report.existed_before(found.index).cloned(),
        withheld: Grounds::of_manifest(view, found.index),
    };
    let mut observations: Vec<_> = view.observations_of(article.urn).rev().take(VERSIONS).map(observed).collect();
    observations.reverse();
    Ok(Record { article: article.clone(), versions, withheld, earlier, text, text_withheld, observations })
}

/// The verdict as a heading and a sentence.
fn verdict(report: &Report) -> (&'static str, &'static str) {
    match report.verdict() {
        Verdict::Verified if report.extract => (
            "Verified",
            "What is shown below is as it was signed and as it stands in the archive, nothing of it was altered since, and the archive is the \
             one that the person who ran this check named or knew before. It is an extract: the archive may hold more.",
        ),
        Verdict::Verified if report.counts.withheld > 0 => (
            "Verified",
            "Everything below is as it was signed, nothing was altered or added since, and nothing taken out but what signed withdrawals say, \
             which are told below. The archive is the one that the person who ran this check named or knew before.",
        ),
        Verdict::Verified => (
            "Verified",
            "Everything below is as it was signed, nothing was altered, added or taken out since, and the archive is the one that the \
             person who ran this check named or knew before.",
        ),
        Verdict::Partial => (
            "Verified in part",
            "What was looked at is as it was signed, and the archive is the one that the person who ran this check named or knew before. \
             Not every file was read.",
        ),
        Verdict::Untrusted => (
            "Intact, but of an unconfirmed origin",
            "Nothing was altered since it was signed. But anybody can sign: nobody has confirmed to this check that the archive is the one \
             that it claims to be. Compare its identifier, below, with the one that its keeper publishes.",
        ),
        Verdict::Failed => {
            ("FAILED", "Something is false: altered, missing, forged or replaced. Do not rely on what is shown below.")
        }
        _ => ("Not checked", "It could not be checked. Do not rely on what is shown below."),
    }
}

/// Why there is a version, in words.
const fn reason(change: Change) -> &'static str {
    match change {
        Change::First => "First archived",
        Change::Source => "The source changed",
        Change::Recapture => "Captured again",
        Change::Correction => "Corrected by the archivist",
        Change::Extraction => "Read anew from the same capture",
        _ => "Another version",
    }
}

/// What was found where an article came from, in words.
const fn found(outcome: observation::Observed) -> &'static str {
    match outcome {
        observation::Observed::Gone => "It was not there any more",
        observation::Observed::Changed => "It said something else than",
        observation::Observed::Moved => "The source sent its readers elsewhere than for",
        observation::Observed::Unchanged => "It said the same as",
        _ => "It was looked at, and compared with",
    }
}

/// The same as a sentence.
fn observed(found: &ObservationRef) -> String {
    let (what, version) = (self::found(found.outcome), found.version.1);
    match found.outcome {
        observation::Observed::Gone => format!("{what} (version {version} was the newest archived)"),
        _ => format!("{what} version {version}"),
    }
}

/// The claims, each as a question and its answer.
fn claims(report: &Report) -> [(&'static str, Claim); 6] {
    let claims = &report.claims;
    [
        ("Is every byte what was signed?", claims.intact),
        ("Is every statement signed by a key that was allowed to sign it?", claims.signed),
        ("Is everything here that the archive held at this point?", claims.complete),
        ("Is it the archive that it is said to be?", claims.trusted),
        (
            "Is it at least as new as what was seen of it before, by the reader or by witnesses, and the same history?",
            claims.current,
        ),
        ("Does an independent clock say that all of it existed before some time?", claims.time),
    ]
}

const fn answer(claim: Claim) -> &'static str {
    match claim {
        Claim::Holds => "Yes",
        Claim::Fails => "NO",
        Claim::NotApplicable => "Does not apply",
        _ => "Not established",
    }
}

/// What is to be said of a version whose signer's key was revoked since.
const DOUBTFUL: &str =
    "Doubtful: this key was revoked later, and may have been in other hands when it signed this version.";

/// What a pass doesn't prove.
const NOT_PROVED: [&str; 5] = [
    "That what the article says is true.",
    "That the source really published it, or published it to others in the same words: it is what the archivist says to have received.",
    "That dates given by the source or the archivist are right. Only times by independent clocks are, and they say \u{201c}not later than\u{201d}, never \u{201c}exactly then\u{201d}.",
    "Who a person is: a signature is by a key, and a name beside it is the archive's own word.",
    "That nothing was left out before it was signed, or added after the point that this check saw.",
];

/// The timestamps that hold, and how many don't for this reader.
fn clocks(report: &Report) -> (Vec<(u64, &Clock)>, usize) {
    let held = report.timestamps.iter().filter_map(|stamp| match &stamp.judgement {
        Judgement::Holds(clock) => Some((stamp.size, clock)),
        _ => None,
    });
    let held: Vec<_> = held.collect();
    let open = report.timestamps.len() - held.len();
    (held, open)
}

/// What the witnesses say who are known to whoever ran the check: in a sentence each.
fn witnesses(report: &Report) -> Vec<(&str, String)> {
    let says = |time: Option<u64>| match time.and_then(Utc::from_unix) {
        Some(time) => format!("had seen this state of the archive, and nothing newer, at {}", dates::moment(&time)),
        None => "says nothing of this state of the archive".to_owned(),
    };
    report.cosigned.iter().map(|cosigned| (cosigned.witness.name(), says(cosigned.time))).collect()
}

/// When a version was captured, by the archivist's word.
fn captured(manifest: &Manifest) -> Option<String> {
    manifest.captured.as_ref().and_then(|captured| captured.at.as_ref()).map(dates::moment)
}
