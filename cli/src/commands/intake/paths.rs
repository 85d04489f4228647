//! Articles that are new by their path, though the archive has one by another path of the same file: which path names an article hangs on what
//! was given as the INPUT.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Component;

use litopys::archive::Archive;

use crate::ui::Ui;
use crate::ui::words::count;

/// How many new articles are looked at: they go wrong together.
const LOOKED_AT: usize = 1_000;

/// The articles of a run that are named by paths.
#[derive(Default)]
pub(super) struct Paths {
    /// All of them, hashed.
    named: HashSet<u64>,
    /// Those that are new.
    new: Vec<Named>,
}

/// An input, and what it is called.
struct Named {
    input: String,
    subject: String,
    language: Option<String>,
}

impl Paths {
    /// Notes an input that is signed in, with its subject and language.
    pub(super) fn note(&mut self, (input, subject, language): (&str, &str, Option<&str>), is_new: bool) {
        self.named.insert(hashed(subject));
        if is_new && self.new.len() < LOOKED_AT {
            let (input, subject, language) = (input.to_owned(), subject.to_owned(), language.map(str::to_owned));
            self.new.push(Named { input, subject, language });
        }
    }

    /// Warns of those that are new, and of which the archive had the file by another path when its log had `before` statements.
    pub(super) fn warn(&self, ui: &Ui, archive: &Archive, before: u64) {
        let mut others = self.new.iter().filter_map(|new| Some((new, self.other(new, archive, before)?)));
        let Some((Named { input, subject, .. }, other)) = others.next() else { return };
        match others.count() as u64 {
            0 => ui.warn(format_args!("{input} is a new article, {subject}: the archive has {other}")),
            more => {
                let all = count(more + 1, "input");
                ui.warn(format_args!(
                    "{all} are new articles that the archive seems to have by other paths: {input} is {subject} now, where it has {other}"
                ));
            }
        }
        if !ui.is_quiet() {
            ui.hint("the path below the INPUT names an article: give the same folder each time, or say --subject");
        }
    }

    /// A longer or shorter path of the file, by which the archive has an article that none of this run's inputs is.
    fn other(&self, new: &Named, archive: &Archive, before: u64) -> Option<String> {
        let path = std::path::absolute(&new.input).ok()?;
        let parts: Option<Vec<_>> = path
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .map(|part| part.as_os_str().to_str())
            .collect();
        let parts = parts?;
        let is_there = |subject: &String| {
            let article = archive.article(subject, new.language.as_deref());
            article.and_then(|article| archive.ledger().head(&article)).is_some_and(|head| head.index < before)
        };
        (0..parts.len())
            .filter_map(|from| parts.get(from..).map(|parts| parts.join("/")))
            .find(|subject| *subject != new.subject && !self.named.contains(&hashed(subject)) && is_there(subject))
    }
}

fn hashed(subject: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    hasher.finish()
}
