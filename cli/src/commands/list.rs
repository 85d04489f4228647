//! `litopys list`: the articles of an archive.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use litopys::manifest::Change;
use litopys::observation::Observed;
use litopys::view::{Article, ObservationRef};
use litopys::{Edtf, Utc};
use serde::Serialize;

use super::show::{DOUBTFUL, ObservationRow, WITHDRAWN, is_false, is_zero};
use crate::context::Context;
use crate::days::{Bound, Days};
use crate::failure::{Done, Exit};
use crate::open;
use crate::select::Names;
use crate::ui::words::count;
use crate::ui::{BAD, BOLD, DIM, WARN, escape, paint};

/// A title on one line.
const TITLE: usize = 100;
/// A subject on one line.
const SUBJECT: usize = 200;

/// List the articles of an archive
///
/// A line an article, in the order in which they came in: the beginning of its name, its newest version, when it was published, its
/// title and its subject, as its newest version says; and what was last observed where it came from, if that is anything new. Texts are compared without regard to case.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys list my.litopys --title bridge --since 2025-09
  litopys list my.litopys --changed source --json | jq -r .article")]
pub(crate) struct List {
    /// A folder or bundle
    archive: PathBuf,
    /// Only those with this in their subject
    #[arg(long, value_name = "SUBSTRING")]
    subject: Option<String>,
    /// Only those with this in their title
    #[arg(long, value_name = "SUBSTRING")]
    title: Option<String>,
    /// Only those in this language: en takes en-GB along
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Only those with this in their publisher
    #[arg(long, value_name = "SUBSTRING")]
    publisher: Option<String>,
    /// Only those that may be of this day or later: 2025-09-05, 2025-09, 2025
    #[arg(long, value_name = "DATE")]
    since: Option<Bound>,
    /// Only those that may be of this day or earlier
    #[arg(long, value_name = "DATE")]
    until: Option<Bound>,
    /// Which date --since and --until are about
    #[arg(long, value_name = "WHICH", default_value = "published")]
    by: By,
    /// Only those whose newest version is there for this reason
    #[arg(long, value_name = "REASON")]
    changed: Option<Reason>,
    /// Only so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// A date of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// When its source says that it was published; articles without that date are left out
    Published,
    /// When its newest version was signed, by its signer's word
    Signed,
}

/// Why there is a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reason {
    /// It is the first
    First,
    /// The source changed
    Source,
    /// The same source, captured again
    Recapture,
    /// The same capture, read otherwise
    Extraction,
    /// What was said of it was corrected
    Correction,
}

impl From<Reason> for Change {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::First => Self::First,
            Reason::Source => Self::Source,
            Reason::Recapture => Self::Recapture,
            Reason::Extraction => Self::Extraction,
            Reason::Correction => Self::Correction,
        }
    }
}

impl List {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.archive)?;
        let view = open::view(context, &self.archive, &opened)?;
        let (ui, wanted, names) = (&context.ui, self.wanted(), Names::of(&view));
        // The last observation of each.
        let observed: HashMap<_, _> = view.observations().iter().map(|found| (found.article, found)).collect();
        let (mut listed, mut undated) = (0u64, 0u64);
        for article in view.articles().iter().filter(|article| wanted(article)) {
            if self.is_bounded() {
                match self.days(article) {
                    Some(days) if days.within(self.since.as_ref(), self.until.as_ref()) => {}
                    Some(_) => continue,
                    None => {
                        undated += 1;
                        continue;
                    }
                }
            }
            if self.limit.is_some_and(|limit| listed >= limit as u64) {
                break;
            }
            listed += 1;
            let observed = observed.get(&article.urn).copied();
            if context.json {
                ui.json(&Row { observed: observed.map(ObservationRow::of), ..Row::from(article) })?;
            } else {
                ui.line(human(article, observed, &names))?;
            }
        }
        if undated > 0 {
            let count = count(undated, "article");
            ui.note(format_args!("left out: {count} without a date of publication; --by signed goes by another"));
        }
        if listed == 0 {
            ui.note(if view.articles().is_empty() { "the archive has no articles" } else { "no article fits" });
        }
        Ok(Exit::Ok)
    }

    fn is_bounded(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    fn days(&self, article: &Article) -> Option<Days> {
        match self.by {
            By::Published => article.published.as_ref().map(|date| Days::of(date.as_str())),
            By::Signed => article.signed_at.as_ref().map(|at| Days::of(at.as_str())),
        }
    }

    /// Whether an article is asked for, by all but its date.
    fn wanted(&self) -> impl Fn(&Article) -> bool {
        let folded = |text: &Option<String>| text.as_deref().map(str::to_lowercase);
        let (subject, title, publisher) = (folded(&self.subject), folded(&self.title), folded(&self.publisher));
        let (language, change) = (folded(&self.language), self.changed.map(Change::from));
        let has = |text: Option<&str>, part: Option<&String>| {
            part.is_none_or(|part| text.is_some_and(|text| text.to_lowercase().contains(part.as_str())))
        };
        let speaks = |tag: Option<&str>, asked: Option<&String>| {
            asked.is_none_or(|asked| {
                let rest = tag.map(str::to_lowercase);
                let rest = rest.as_deref().and_then(|tag| tag.strip_prefix(asked.as_str()));
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        };
        move |article| {
            has(Some(&article.subject), subject.as_ref())
                && has(article.title.as_deref(), title.as_ref())
                && has(article.publisher.as_deref(), publisher.as_ref())
                && speaks(article.language.as_deref(), language.as_ref())
                && change.is_none_or(|change| Some(change) == article.change)
        }
    }
}

/// A line of JSON.
#[derive(Debug, Serialize)]
struct Row<'a> {
    article: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    subject: &'a str,
    title: Option<&'a str>,
    language: Option<&'a str>,
    publisher: Option<&'a str>,
    published: Option<&'a Edtf>,
    versions: usize,
    head: Option<String>,
    signed_at: Option<&'a Utc>,
    change: Option<Change>,
    /// How many of its versions are withheld.
    #[serde(skip_serializing_if = "is_zero")]
    withheld: usize,
    /// Of its newest version.
    #[serde(skip_serializing_if = "is_false")]
    doubtful: bool,
    /// What was last observed where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<ObservationRow>,
}

impl<'a> From<&'a Article> for Row<'a> {
    fn from(article: &'a Article) -> Self {
        Self {
            article: article.urn.to_string(),
            subject: &article.subject,
            title: article.title.as_deref(),
            language: article.language.as_deref(),
            publisher: article.publisher.as_deref(),
            published: article.published.as_ref(),
            versions: article.versions.len(),
            head: article.head().map(|head| head.id.to_hex()),
            signed_at: article.signed_at.as_ref(),
            change: article.change,
            withheld: article.versions.iter().filter(|version| version.withheld.is_some()).count(),
            doubtful: article.head().is_some_and(|head| head.doubtful),
            observed: None,
        }
    }
}

fn human(article: &Article, observed: Option<&ObservationRef>, names: &Names) -> String {
    let newest = article.head().map_or(0, |head| head.version);
    let published = article.published.as_ref().map_or("-", |date| date.as_str());
    let title = match &article.title {
        Some(title) => paint(BOLD, escape::short(title, TITLE)),
        None if article.subject.is_empty() => paint(BAD, WITHDRAWN),
        None => paint(DIM, "(no title)"),
    };
    let subject = paint(DIM, escape::short(&article.subject, SUBJECT));
    let doubtful = article.head().is_some_and(|head| head.doubtful);
    let doubt = if doubtful { format!("  {}", paint(BAD, DOUBTFUL)) } else { String::new() };
    let withheld = article.versions.iter().filter(|version| version.withheld.is_some()).count();
    let gone = match withheld {
        0 => String::new(),
        _ if article.subject.is_empty() => String::new(),
        withheld => format!(
            "  {}",
            paint(BAD, format!("{withheld} of {} withdrawn", count(article.versions.len() as u64, "version")))
        ),
    };
    let seen = observed.filter(|seen| seen.outcome != Observed::Unchanged);
    let seen = seen.map(|seen| format!("  {}", paint(WARN, format_args!("({} {})", seen.outcome, seen.at))));
    let seen = seen.unwrap_or_default();
    format!(
        "{}  {:<4} {published:<10}  {title}  {subject}{gone}{doubt}{seen}",
        names.short(&article.urn),
        format!("v{newest}")
    )
}
