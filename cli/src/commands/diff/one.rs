//! One article: two of its versions, in one archive or in two.

use std::ops::ControlFlow;
use std::path::Path;

use litopys::authority::Authority;
use litopys::check::Trust;
use litopys::diff::{self, ArticleDiff, Comparison, DiffOptions, Relation};
use litopys::view::{Article, View};

use super::printer::Printer;
use super::{Diff, authority, begin, describe, failed};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open::{self, Opened};
use crate::render::changes::Depth;
use crate::select::{Selected, select};

/// Two versions in one archive.
pub(super) fn versions(context: &Context, args: &Diff, article: &str, depth: Depth) -> Done {
    let opened = open::open(&args.first)?;
    let view = open::view(context, &args.first, &opened)?;
    let selected = select(&view, article)?;
    let to = selected.at(args.to)?;
    let from = match (args.from, to.version) {
        (None, 0 | 1) => {
            return Err(Failure::new(Exit::Unable, "it is the first version: there is none before to compare it with")
                .hint("--from N and --to N name the versions"));
        }
        (None, newer) => Some(newer - 1),
        (from, _) => from,
    };
    let from = selected.at(from)?;
    let diff = diff::versions(selected.article.urn, (&view, from), (&view, to))
        .map_err(|error| Failure::from(error).at(args.first.display()))?;
    show(context, Relation::Same, None, (&diff, view.authority()), depth)
}

/// An article's versions in two archives: what its newest say, unless others are named.
pub(super) fn across(context: &Context, args: &Diff, second: &Path, article: &str, depth: Depth) -> Done {
    let (a, b) = (args.first.as_path(), second);
    let (opened_a, opened_b) = (open::open(a)?, open::open(b)?);
    let mut comparison =
        Comparison::open(opened_a.store(a)?, opened_b.store(b)?).map_err(|error| failed(error, a, b))?;
    let relation = begin(context, &comparison)?;
    let line = describe(&comparison, a, b);
    let (view_a, view_b) = (view(context, a, &opened_a)?, view(context, b, &opened_b)?);
    let in_a = find(&view_a, article, &view_b).map_err(|failure| failure.at(a.display()))?;
    let in_b = find(&view_b, article, &view_a).map_err(|failure| failure.at(b.display()))?;
    match (in_a, in_b) {
        (Some(in_a), Some(in_b)) => {
            let from = in_a.at(args.from).map_err(|failure| failure.at(a.display()))?;
            let to = in_b.at(args.to).map_err(|failure| failure.at(b.display()))?;
            let diff = diff::versions(in_b.article.urn, (&view_a, from), (&view_b, to))?;
            show(context, relation, Some(&line), (&diff, &authority(&comparison)), depth)
        }
        // Only one has it: the comparison of the archives says so.
        (only_a, only_b) => {
            let Some(only) = only_a.or(only_b) else { return select(&view_a, article).map(|_| Exit::Unable) };
            let lacks = if only_a.is_some() { b } else { a };
            if args.from.is_some() || args.to.is_some() {
                return Err(Failure::new(Exit::Unable, format_args!("{}: has no such article", lacks.display())));
            }
            let mut printer = Printer::begin(context, relation, Some(&line), depth)?;
            let options = DiffOptions { details: false, threads: context.threads().get() };
            let (authority, mut printed) = (authority(&comparison), Ok(()));
            let compared = comparison.articles(options, &mut |diff| {
                if diff.article != only.article.urn {
                    return ControlFlow::Continue(());
                }
                let laid = printer.layout(&authority).article(&diff);
                printed = printer.article(&laid);
                ControlFlow::Break(())
            });
            printed?;
            printer.end(compared.map_err(|error| failed(error, a, b)), Exit::False)
        }
    }
}

/// Opens an archive of whose trust was told before.
fn view<'a>(context: &Context, path: &Path, opened: &'a Opened) -> Result<View<'a>, Failure> {
    let view = View::open(opened.store(path)?, Trust::default(), context.threads().get());
    view.map_err(|error| Failure::from(error).at(path.display()))
}

/// The article in one archive: by what the user gave, or else by what that names in the other archive. `None` if it isn't there.
fn find<'a>(view: &'a View<'_>, selector: &str, other: &View<'_>) -> Result<Option<Selected<'a>>, Failure> {
    let failure = match select(view, selector) {
        Ok(selected) => return Ok(Some(selected)),
        Err(failure) => failure,
    };
    let Ok(known) = select(other, selector) else { return Err(failure) };
    let newest = |article: &'a Article| article.head().map(|version| Selected { article, version });
    if let Some(article) = view.article(&known.article.urn) {
        return Ok(newest(article));
    }
    let same =
        |article: &&Article| article.subject == known.article.subject && article.language == known.article.language;
    Ok(view.articles().iter().find(same).and_then(newest))
}

fn show(
    context: &Context,
    relation: Relation,
    line: Option<&str>,
    (diff, authority): (&ArticleDiff, &Authority),
    depth: Depth,
) -> Done {
    let is_withheld = [&diff.from, &diff.to].into_iter().flatten().any(|version| version.withheld.is_some());
    let differs = is_withheld || !diff.fields.is_empty() || !diff.files.is_empty() || diff.text.is_some();
    let mut printer = Printer::begin(context, relation, line, depth)?;
    if differs {
        let laid = printer.layout(authority).article(diff);
        printer.article(&laid)?;
    }
    printer.end(Ok(()), if differs { Exit::False } else { Exit::Ok })
}
