//! `litopys log`: the statements of an archive, in the order in which they were signed into its log.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use litopys::Utc;
use litopys::authority::Proposal;
use litopys::manifest::{Change, Manifest};
use litopys::observation::Observed;
use litopys::report::Code;
use litopys::view::{Article, Decision, ObservationRef, VersionRef, View, VoidEntry, stretches};
use litopys::withdrawal::InForce;
use serde::Serialize;

use super::show::Signer;
use super::signers;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::select::{Names, select, short_id};
use crate::trust::named;
use crate::ui::{BAD, BOLD, DIM, WARN, escape, paint};

/// A title on one line.
const TITLE: usize = 80;
/// A finding on one line.
const DETAIL: usize = 200;

/// Print the statements of an archive, in the order of its log
///
/// A line a statement: its index, the beginning of its id, why it is there, which version of which article it is, when it was signed and by
/// whom. Times and names are the signers' word. Entries that break a rule have no effect: they are shown as void, with the rule's
/// code. Changes of keys stand out as `keys`. An observation says what the article's source answered, and when: gone, changed, moved, unchanged.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys log my.litopys --reverse --limit 10
  litopys log my.litopys --article https://example.org/a
  litopys log my.litopys --since 5000 --json")]
pub(crate) struct Log {
    /// A folder or bundle
    archive: PathBuf,
    /// The newest first
    #[arg(long)]
    reverse: bool,
    /// Only so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Only from this index on
    #[arg(long, value_name = "INDEX", default_value_t = 0)]
    since: u64,
    /// Only this article: its urn:uuid or the beginning of it, its subject, or 8 digits or more of a statement's id
    #[arg(long, value_name = "ARTICLE")]
    article: Option<String>,
}

/// A statement of the log.
#[derive(Clone, Copy)]
enum Entry<'a> {
    Charter,
    Version(&'a Article, &'a VersionRef),
    Void(&'a VoidEntry),
    Decision(&'a Decision),
    Observation(&'a ObservationRef),
    Withdrawal(&'a InForce),
}

impl Entry<'_> {
    const fn index(&self) -> u64 {
        match self {
            Self::Charter => 0,
            Self::Version(_, version) => version.index,
            Self::Void(entry) => entry.index,
            Self::Decision(decision) => decision.index,
            Self::Observation(observation) => observation.index,
            Self::Withdrawal(by) => by.index,
        }
    }
}

impl<'v> Entry<'v> {
    const fn version(&self) -> Option<&'v VersionRef> {
        match self {
            Self::Version(_, version) => Some(version),
            _ => None,
        }
    }
}

impl Log {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.archive)?;
        let view = open::view(context, &self.archive, &opened)?;
        let printer = Printer { context, view: &view, names: Names::of(&view) };
        let entries = self.entries(&view)?;
        if entries.is_empty() {
            context.ui.note("no statement fits");
        }
        for stretch in stretches(&entries, Entry::version) {
            printer.stretch(stretch)?;
        }
        Ok(Exit::Ok)
    }

    /// What is asked for, in order.
    fn entries<'v>(&self, view: &'v View<'_>) -> Result<Vec<Entry<'v>>, Failure> {
        let of = |article: &'v Article| article.versions.iter().map(move |version| Entry::Version(article, version));
        let mut entries: Vec<Entry<'v>> = match &self.article {
            Some(selector) => {
                let article = select(view, selector)?.article;
                of(article).chain(view.observations_of(article.urn).map(Entry::Observation)).collect()
            }
            None => {
                let versions = view.articles().iter().flat_map(of);
                let decisions = view.decisions().iter().map(Entry::Decision);
                let void = view.void().iter().map(Entry::Void);
                let observations = view.observations().iter().map(Entry::Observation);
                let withdrawals = view.withheld().all().iter().map(Entry::Withdrawal);
                let signed = versions.chain(observations).chain(decisions).chain(withdrawals);
                [Entry::Charter].into_iter().chain(signed).chain(void).collect()
            }
        };
        entries.retain(|entry| entry.index() >= self.since);
        entries.sort_unstable_by_key(Entry::index);
        if self.reverse {
            entries.reverse();
        }
        entries.truncate(self.limit.unwrap_or(usize::MAX));
        Ok(entries)
    }
}

struct Printer<'a, 's> {
    context: &'a Context,
    view: &'a View<'s>,
    names: Names,
}

impl Printer<'_, '_> {
    /// Prints statements of one tile, whose manifests can be held.
    fn stretch(&self, entries: &[Entry<'_>]) -> Result<(), Failure> {
        let mut versions: Vec<VersionRef> = entries.iter().filter_map(Entry::version).copied().collect();
        versions.sort_unstable_by_key(|version| version.index);
        let mut manifests = HashMap::with_capacity(versions.len());
        self.view.manifests(&versions, &mut |version, manifest| {
            manifests.insert(version.index, manifest);
        })?;
        for entry in entries {
            match entry {
                Entry::Charter => self.charter()?,
                Entry::Void(entry) => self.void(entry)?,
                Entry::Decision(decision) => self.decision(decision)?,
                Entry::Observation(observation) => self.observation(observation)?,
                Entry::Withdrawal(by) => self.withdrawal(by)?,
                Entry::Version(article, version) => match (manifests.remove(&version.index), version.withheld) {
                    (Some(manifest), _) => self.version(article, version, &manifest)?,
                    (None, Some(by)) => self.withheld(article, version, by)?,
                    (None, None) => {}
                },
            }
        }
        Ok(())
    }

    fn charter(&self) -> Result<(), Failure> {
        let founding = self.view.founding()?;
        let verified = founding.verify().map_err(|error| Failure::of(Exit::False, &error).at("the charter"))?;
        let signer = Signer::of(self.view, verified.signer());
        let (ui, title) = (&self.context.ui, &self.view.charter().title);
        if self.context.json {
            let kind = Kind::Charter { title, signer: &signer };
            return ui.json(&Row { index: 0, id: founding.id().to_hex(), kind });
        }
        let name = paint(DIM, named(self.view.report(), &signer.claimed_name));
        let what = paint(BOLD, escape::short(title, TITLE));
        self.line(0, &short_id(&founding.id()), &format!("{:<10}", "charter"), &format!("{what}  {name}"))
    }

    fn void(&self, entry: &VoidEntry) -> Result<(), Failure> {
        let findings = &self.view.report().findings;
        let code = entry.acknowledged.as_ref().map_or(entry.code, |_| Code::VoidAcknowledged);
        let finding = findings.iter().find(|f| f.code == code && f.place.statement == Some(entry.index));
        // The kind says that it is void.
        let detail = finding.map(|finding| finding.detail.strip_prefix("void: ").unwrap_or(&finding.detail));
        if self.context.json {
            let acknowledged = entry.acknowledged.as_ref().map(|by| by.index);
            let kind = Kind::Void { code: entry.code.as_str(), detail, acknowledged };
            return self.context.ui.json(&Row { index: entry.index, id: entry.id.to_hex(), kind });
        }
        let what = paint(BAD, format_args!("{:<10}", format!("void {}", entry.code)));
        self.line(
            entry.index,
            &short_id(&entry.id),
            &what,
            &escape::short(detail.unwrap_or_default(), DETAIL).to_string(),
        )
    }

    /// What stewards decided, and whether it is in force by this entry.
    fn decision(&self, decision: &Decision) -> Result<(), Failure> {
        let signer = Signer::of(self.view, &decision.signer);
        let what = signers::proposal(self.view.authority(), &decision.proposal);
        if self.context.json {
            let kind = match decision.proposal {
                Proposal::Keys(_) => Kind::Keys { what, in_force: decision.completes, signer: &signer },
                _ => Kind::Acknowledgement { what, in_force: decision.completes, signer: &signer },
            };
            return self.context.ui.json(&Row { index: decision.index, id: decision.id.to_hex(), kind });
        }
        let (word, style) = match (&decision.proposal, decision.completes) {
            (_, false) => ("approval", DIM),
            (Proposal::Keys(_), true) => ("keys", WARN),
            _ => ("known", WARN),
        };
        let by = paint(DIM, named(self.view.report(), &signer.claimed_name));
        self.line(
            decision.index,
            &short_id(&decision.id),
            &paint(style, format_args!("{word:<10}")),
            &format!("{what}  {by}"),
        )
    }

    /// What the source of an article answered.
    fn observation(&self, observation: &ObservationRef) -> Result<(), Failure> {
        let signer = Signer::of_version(self.view, &observation.entry());
        let (of, outcome, at) = (observation.version, observation.outcome, &observation.at);
        let article = self.view.article(&observation.article);
        let subject = article.map(|article| article.subject.as_str()).unwrap_or_default();
        let title = article.and_then(|article| article.title.as_deref());
        if self.context.json {
            let article = observation.article.to_string();
            let kind = Kind::Observation { outcome, article, version: of.1, subject, title, at, signer: &signer };
            return self.context.ui.json(&Row { index: observation.index, id: observation.id.to_hex(), kind });
        }
        let (number, by) = (format!("v{}", of.1), paint(DIM, signer.named(self.view)));
        let title = escape::short(title.unwrap_or(subject), TITLE);
        let rest = format!("{}  {number:<4} {at}  {title}  {by}", self.names.short(&observation.article));
        let what = paint(WARN, format_args!("{:<10}", outcome.as_str()));
        self.line(observation.index, &short_id(&observation.id), &what, &rest)
    }

    fn version(&self, article: &Article, version: &VersionRef, manifest: &Manifest) -> Result<(), Failure> {
        let signer = Signer::of_version(self.view, version);
        if self.context.json {
            let kind = Kind::Article {
                change: manifest.change,
                article: article.urn.to_string(),
                version: version.version,
                subject: &manifest.subject,
                title: manifest.title.as_deref(),
                signed_at: &manifest.signed_at,
                signer: &signer,
            };
            return self.context.ui.json(&Row { index: version.index, id: version.id.to_hex(), kind });
        }
        let title = match &manifest.title {
            Some(title) => paint(BOLD, escape::short(title, TITLE)),
            None => escape::short(&manifest.subject, TITLE).to_string(),
        };
        let number = format!("v{}", version.version);
        let by = paint(DIM, signer.named(self.view));
        let rest = format!("{}  {number:<4} {}  {title}  {by}", self.names.short(&article.urn), manifest.signed_at);
        self.line(version.index, &short_id(&version.id), &format!("{:<10}", manifest.change), &rest)
    }

    /// A version whose manifest is withheld.
    fn withheld(&self, article: &Article, version: &VersionRef, by: u64) -> Result<(), Failure> {
        let signer = Signer::of_version(self.view, version);
        if self.context.json {
            let (article, version_number) = (article.urn.to_string(), version.version);
            let kind = Kind::Withheld { article, version: version_number, by, signer: &signer };
            return self.context.ui.json(&Row { index: version.index, id: version.id.to_hex(), kind });
        }
        let (number, name) = (format!("v{}", version.version), paint(DIM, signer.named(self.view)));
        let what = paint(BAD, format_args!("withdrawn by statement {by}"));
        let rest = format!("{}  {number:<4} {what}  {name}", self.names.short(&article.urn));
        self.line(version.index, &short_id(&version.id), &paint(BAD, format_args!("{:<10}", "withheld")), &rest)
    }

    /// What was withdrawn, and why.
    fn withdrawal(&self, by: &InForce) -> Result<(), Failure> {
        let signer = Signer::of(self.view, &by.signer);
        if self.context.json {
            let entries = by.withdrawal.scope.entries().map(|entry| entry.index).collect();
            let files = by.withdrawal.scope.files().map(ToString::to_string).collect();
            let (class, reason, basis) = (by.withdrawal.class.as_str(), &*by.withdrawal.reason, &*by.withdrawal.basis);
            let kind = Kind::Withdrawal { entries, files, class, reason, basis, signer: &signer };
            return self.context.ui.json(&Row { index: by.index, id: by.id.to_hex(), kind });
        }
        let name = paint(DIM, named(self.view.report(), &signer.claimed_name));
        let what = escape::short(&by.withdrawal.to_string(), DETAIL).to_string();
        let word = paint(WARN, format_args!("{:<10}", "withdrawal"));
        self.line(by.index, &short_id(&by.id), &word, &format!("{what}  {name}"))
    }

    fn line(&self, index: u64, id: &str, what: &str, rest: &str) -> Result<(), Failure> {
        self.context.ui.line(format_args!("{index:>6}  {}  {what}  {rest}", paint(DIM, id)))
    }
}

/// A line of JSON.
#[derive(Debug, Serialize)]
struct Row<'a> {
    index: u64,
    id: String,
    #[serde(flatten)]
    kind: Kind<'a>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Kind<'a> {
    Withheld {
        article: String,
        version: u64,
        by: u64,
        signer: &'a Signer,
    },
    Withdrawal {
        entries: Vec<u64>,
        files: Vec<String>,
        class: &'a str,
        reason: &'a str,
        basis: &'a str,
        signer: &'a Signer,
    },
    Charter {
        title: &'a str,
        signer: &'a Signer,
    },
    Article {
        change: Change,
        article: String,
        version: u64,
        subject: &'a str,
        title: Option<&'a str>,
        signed_at: &'a Utc,
        signer: &'a Signer,
    },
    Observation {
        outcome: Observed,
        article: String,
        version: u64,
        subject: &'a str,
        title: Option<&'a str>,
        at: &'a Utc,
        signer: &'a Signer,
    },
    Void {
        code: &'static str,
        detail: Option<&'a str>,
        /// The statement by which the stewards acknowledged it.
        #[serde(skip_serializing_if = "Option::is_none")]
        acknowledged: Option<u64>,
    },
    Keys {
        what: String,
        in_force: bool,
        signer: &'a Signer,
    },
    Acknowledgement {
        what: String,
        in_force: bool,
        signer: &'a Signer,
    },
}
