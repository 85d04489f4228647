//! `litopys diff`: what changed between two archives, or two versions of an article.

mod one;
mod printer;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;
use litopys::authority::Authority;
use litopys::diff::{Comparison, DiffError, DiffOptions, Relation, Side, SideError};

use crate::context::Context;
use crate::failure::{Done, Exit, Failure, chain};
use crate::forks::ForkArgs;
use crate::render::changes::{Depth, relation};
use crate::withheld::Grounds;
use crate::{open, trust};
use printer::Printer;

/// Print what changed between two archives, or between two versions of an article
///
/// Of two archives: how they relate, and each article that was added, revised, withdrawn or removed. With --article of one archive: two versions of
/// it, by default the newest and the one before. Only what differs is read, and all that is shown was checked against its own archive's
/// signed checkpoint.
///
/// Exit codes: 0 the same, 1 different, 2 could not compare.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys diff old.litopys new.litopys
  litopys diff old.litopys new.litopys --names-only
  litopys diff my-archive --article https://herald.example/bridge --from 1 --to 3
  litopys diff old.litopys new.litopys --json | jq '.articles[] | {subject, reason}'")]
pub(crate) struct Diff {
    /// A folder or bundle
    #[arg(value_name = "A")]
    first: PathBuf,
    /// Another folder or bundle; with --article it may be left out
    #[arg(value_name = "B")]
    second: Option<PathBuf>,
    /// Compare one article: its urn:uuid, its subject, or 8 digits or more of a statement's id
    #[arg(long)]
    article: Option<String>,
    /// The number of the older version, in A [default: of two archives the newest, of one the version before]
    #[arg(long, value_name = "N", requires = "article")]
    from: Option<u64>,
    /// The number of the newer version, in B or A [default: the newest]
    #[arg(long, value_name = "N", requires = "article")]
    to: Option<u64>,
    /// Only name the articles
    #[arg(long, conflicts_with = "stat")]
    names_only: bool,
    /// Only count what changed
    #[arg(long)]
    stat: bool,
    #[command(flatten)]
    forks: ForkArgs,
}

impl Diff {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let depth = match (self.names_only, self.stat) {
            (true, _) => Depth::Names,
            (_, true) => Depth::Stat,
            _ => Depth::Full,
        };
        let done = match (&self.second, &self.article) {
            (None, Some(article)) => one::versions(context, &self, article, depth),
            (Some(second), Some(article)) => one::across(context, &self, second, article, depth),
            (Some(second), None) => archives(context, &self.first, second, depth, &self.forks),
            (None, None) => Err(Failure::new(Exit::Unable, "one archive, and nothing to compare it with")
                .hint("`litopys diff A B` compares it with another, such as an older copy or bundle of it")
                .hint("`litopys diff A --article ARTICLE` compares two versions of an article in it; `litopys log A` prints all that was signed")),
        };
        // Whatever is wrong with an archive, to `diff` it is one that can't be compared.
        done.map_err(Failure::unable)
    }
}

fn archives(context: &Context, a: &Path, b: &Path, depth: Depth, forks: &ForkArgs) -> Done {
    let first = open::open(a)?;
    let second = open::open(b).map_err(|failure| match b.exists() {
        true => failure,
        false => failure.hint("two versions of an article are compared with --article ARTICLE"),
    })?;
    let failed = |error| failed(error, a, b);
    let mut comparison = Comparison::open(first.store(a)?, second.store(b)?).map_err(failed)?;
    let relation = begin(context, &comparison)?;
    if matches!(relation, Relation::Forked { .. }) {
        forks.between(context, first.store(a)?, second.store(b)?)?;
    }
    let mut printer = Printer::begin(context, relation, Some(&describe(&comparison, a, b)), depth)?;
    let options = DiffOptions { details: depth != Depth::Names, threads: context.threads().get() };
    let authority = authority(&comparison);
    let mut printed = Ok(());
    let layout = printer.layout(&authority);
    let compared = comparison.articles_as(options, &|diff| layout.article(&diff), &mut |laid| {
        printed = printer.article(&laid);
        if printed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    printed?;
    let observed = compared.and_then(|()| {
        for side in [Side::First, Side::Second] {
            printer.observed.extend(comparison.observations(side, options.threads)?);
            let gone = comparison.withdrawals(side, options.threads)?.into_iter();
            printer.withdrawals.extend(gone.map(|by| (side, by.clone(), Grounds::of(comparison.authority(side), &by))));
        }
        Ok(())
    });
    printer.end(observed.map_err(failed), if relation == Relation::Same { Exit::Ok } else { Exit::False })
}

/// The keys of the archive whose log is longer: of two archives of one origin it knows those of the other.
pub(super) fn authority(comparison: &Comparison<'_>) -> Authority {
    let [first, second] = [Side::First, Side::Second].map(|side| comparison.head(side).size());
    comparison.authority(if first > second { Side::First } else { Side::Second }).clone()
}

/// Says on standard error whether the two archives are trusted: by the user's pins, and nothing that costs a look at the whole archive.
fn begin(context: &Context, comparison: &Comparison<'_>) -> Result<Relation, Failure> {
    let memories = context.memories()?;
    let known = memories.trust().known;
    let mut last = None;
    for side in [Side::First, Side::Second] {
        let (id, founder) = (comparison.archive(side), comparison.founder(side));
        if last.replace(id) == Some(id) {
            continue;
        }
        let trusted = known.iter().any(|anchor| anchor.names(id, founder));
        trust::notice(context, id, &comparison.charter(side).title, trusted);
    }
    Ok(comparison.relation())
}

fn describe(comparison: &Comparison<'_>, a: &Path, b: &Path) -> String {
    let (first, second) = (comparison.head(Side::First), comparison.head(Side::Second));
    relation(comparison.relation(), (&a.to_string_lossy(), first), (&b.to_string_lossy(), second))
}

/// Why two archives can't be compared, by the name that the user gave the one that stands in the way.
fn failed(error: DiffError, a: &Path, b: &Path) -> Failure {
    let path = if error.side == Side::First { a } else { b };
    let failure = match error.source {
        SideError::Read(error) => Failure::from(error),
        SideError::Extract => {
            Failure::new(Exit::Unable, chain(&error.source)).hint("--article ARTICLE compares two of its versions")
        }
        error => Failure::new(Exit::Unable, chain(&error)).hint("`litopys verify` lists all that is wrong"),
    };
    failure.at(path.display())
}
