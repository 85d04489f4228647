//! Posts of a Telegram chat that the archive has, and a newer export lacks.

use std::collections::BTreeMap;
use std::path::Path;

use litopys::check::Trust;
use litopys::view::{Article, View};
use litopys_import::Exported;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::open;
use crate::ui::{DIM, WARN, escape, paint};

/// A title on one line.
const TITLE: usize = 120;

/// Prints what the archive has of each exported chat, between the first and the last message of its last export, and that export has not.
/// How many they are.
pub(crate) fn report(context: &Context, path: &Path, exported: &[Exported]) -> Result<u64, Failure> {
    if exported.is_empty() {
        context.ui.warn("--report-missing: there is no Telegram export among the inputs");
        return Ok(0);
    }
    // Where there are several of one chat, the last is the newest.
    let newest: BTreeMap<&str, &Exported> = exported.iter().map(|chat| (chat.subject.as_str(), chat)).collect();
    let opened = open::open(path)?;
    let view = View::open(opened.store(path)?, Trust::default(), context.threads().get())?;
    let mut count = 0;
    for article in view.articles() {
        let chat = article.subject.rfind('/').and_then(|at| newest.get(article.subject.get(..=at)?));
        if chat.is_some_and(|chat| lacks(chat, &article.subject)) {
            count += 1;
            row(context, article)?;
        }
    }
    Ok(count)
}

fn lacks(chat: &Exported, subject: &str) -> bool {
    let span = chat.span().and_then(|(first, last)| Some((chat.number(subject)?, first..=last)));
    span.is_some_and(|(number, span)| span.contains(&number) && !chat.has(number))
}

fn row(context: &Context, article: &Article) -> Result<(), Failure> {
    let version = article.versions.len();
    if context.json {
        return context.ui.json(&json!({
            "status": "missing", "subject": article.subject, "article": article.urn.to_string(), "version": version,
            "title": article.title,
        }));
    }
    let name = article.title.as_ref().unwrap_or(&article.subject);
    let subject = article.title.as_ref().map(|_| format!("  {}", paint(DIM, escape::line(&article.subject))));
    context.ui.line(format_args!(
        "{} {:<4} {}{}",
        paint(WARN, format_args!("{:<9}", "missing")),
        format!("v{version}"),
        escape::short(name, TITLE),
        subject.unwrap_or_default()
    ))
}
