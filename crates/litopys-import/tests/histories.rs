//! Real histories, read beside git itself. They are not part of the repository: where they are absent, the tests say so and pass, but not in CI.
#![cfg(feature = "git")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "../../../tests/support/data.rs"]
mod data;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::Path;
use std::process::Command;

use data::shared;
use litopys::{Content, Draft, Role};
use litopys_import::{Loaded, Options, Place, drafts};

fn load(input: &Path) -> Vec<Loaded> {
    let outcomes =
        drafts(&[input.to_owned()], &Options::default(), NonZero::new(2).unwrap()).flatten().collect::<Vec<_>>();
    outcomes.into_iter().map(Result::unwrap).collect()
}

fn git(folder: &Path, args: &[&str]) -> String {
    let out = Command::new("git").current_dir(folder).args(["-c", "core.quotepath=off"]).args(args).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn capture(draft: &Draft) -> &[u8] {
    let file = draft.files.iter().find(|file| file.role == Role::Capture).unwrap();
    let Content::Bytes(bytes) = &file.content else { panic!("not in memory") };
    bytes
}

fn extra<'a>(loaded: &'a Loaded, key: &str) -> &'a str {
    loaded.draft.metadata.extra.get(key).map_or("", String::as_str)
}

/// What git says that its commits did to files: the commit, the path afterwards, and a letter. Of merges, what differs from all parents.
fn told_by_git(clone: &Path) -> BTreeSet<(String, String, char)> {
    let log = git(clone, &["log", "-c", "-M", "--name-status", "--format=@%H", "HEAD"]);
    let (mut told, mut commit) = (BTreeSet::new(), String::new());
    for line in log.lines().filter(|line| !line.is_empty()) {
        if let Some(id) = line.strip_prefix('@') {
            id.clone_into(&mut commit);
            continue;
        }
        let path = line.rsplit('\t').next().unwrap();
        let what = line.chars().next().unwrap();
        told.insert((commit.clone(), path.to_owned(), if what == 'A' { 'M' } else { what }));
    }
    told
}

struct Expected {
    bundle: &'static str,
    versions: usize,
    /// Versions of merges that took one side of what the other had changed after it.
    sides: usize,
    articles: usize,
    renamed: usize,
    removed: usize,
    commits: usize,
}

#[test]
fn histories_say_what_git_says() {
    let Some(data) = shared("git") else { return };
    let blog = Expected {
        bundle: "rust-blog-to-2017.bundle",
        versions: 527,
        sides: 2,
        articles: 63,
        renamed: 8,
        removed: 2,
        commits: 518,
    };
    let site = Expected {
        bundle: "syrian-archive-site.bundle",
        versions: 685,
        sides: 0,
        articles: 207,
        renamed: 124,
        removed: 21,
        commits: 22,
    };
    for expected in [blog, site] {
        compare(&data, &expected);
    }
}

fn compare(data: &Path, expected: &Expected) {
    let versions = load(&data.join(expected.bundle));
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["clone", "--quiet", data.join(expected.bundle).to_str().unwrap(), "clone"]);
    let clone = dir.path().join("clone");
    assert_eq!(git(&clone, &["rev-list", "--count", "HEAD"]).trim(), expected.commits.to_string());

    let count = |key: &str| versions.iter().filter(|loaded| !extra(loaded, key).is_empty()).count();
    let articles: BTreeSet<_> = versions.iter().map(|loaded| loaded.draft.subject.as_str()).collect();
    let counts = (versions.len(), articles.len(), count("git.renamed_from"), count("git.removed"));
    assert_eq!(counts, (expected.versions, expected.articles, expected.renamed, expected.removed));

    // The same commits touched the same files, in the same way.
    let told = told_by_git(&clone);
    let kind = |loaded: &Loaded| match () {
        () if !extra(loaded, "git.removed").is_empty() => 'D',
        () if !extra(loaded, "git.renamed_from").is_empty() => 'R',
        () => 'M',
    };
    let key =
        |loaded: &Loaded| (extra(loaded, "git.commit").to_owned(), extra(loaded, "git.path").to_owned(), kind(loaded));
    let ours: BTreeSet<_> = versions.iter().map(key).collect();
    assert_eq!(ours.len(), versions.len());
    assert_eq!(told.difference(&ours).collect::<Vec<_>>(), Vec::<&(String, String, char)>::new());
    assert_eq!(ours.difference(&told).count(), expected.sides);

    // In an order in which parents come before their children.
    let order: Vec<_> =
        git(&clone, &["rev-list", "--reverse", "--date-order", "HEAD"]).lines().map(str::to_owned).collect();
    let place: BTreeMap<_, _> = order.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    assert!(versions.is_sorted_by_key(|loaded| place[extra(loaded, "git.commit")]));

    // Where it ends, the articles are the files that git checks out.
    let mut last = BTreeMap::new();
    for loaded in &versions {
        last.insert(loaded.draft.subject.as_str(), loaded);
    }
    let there: Vec<_> = last.values().filter(|loaded| extra(loaded, "git.removed").is_empty()).collect();
    let files = git(&clone, &["ls-files"]);
    assert_eq!(there.len(), files.lines().count());
    for loaded in there {
        assert_eq!(capture(&loaded.draft), std::fs::read(clone.join(extra(loaded, "git.path"))).unwrap());
    }

    // A version's own words: its two dates, its message.
    for loaded in versions.iter().step_by(97) {
        let id = extra(loaded, "git.commit");
        let said = git(&clone, &["show", "--no-patch", "--format=%an%n%aI%n%cn%n%cI%n%B", id]);
        let keys = ["git.author", "git.author_date", "git.committer", "git.commit_date", "git.message"];
        let ours = keys.map(|key| extra(loaded, key)).join("\n");
        let plain = |text: &str| text.trim_end().replace("Z\n", "+00:00\n");
        assert_eq!(plain(&ours), plain(&said));
        let Some(Place::Commit(place)) = &loaded.place else { panic!("no place") };
        assert_eq!(place.id, id);
    }
}

#[test]
fn one_article_has_the_versions_that_git_follows() {
    let Some(data) = shared("git") else { return };
    let versions = load(&data.join("rust-blog-to-2017.bundle"));
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["clone", "--quiet", data.join("rust-blog-to-2017.bundle").to_str().unwrap(), "clone"]);
    let clone = dir.path().join("clone");
    let mut last = BTreeMap::new();
    for loaded in &versions {
        last.insert(loaded.draft.subject.as_str(), loaded);
    }
    let mut followed = 0;
    for (subject, loaded) in last.iter().filter(|(_, loaded)| extra(loaded, "git.removed").is_empty()) {
        let path = extra(loaded, "git.path");
        let log = git(&clone, &["log", "--follow", "--no-merges", "--format=%H", "--", path]);
        let theirs: BTreeSet<_> = log.lines().collect();
        let ours: BTreeSet<_> = versions
            .iter()
            .filter(|other| other.draft.subject == *subject)
            .map(|other| extra(other, "git.commit"))
            .collect();
        let missing: Vec<_> = theirs.difference(&ours).collect();
        if missing.is_empty() {
            followed += 1;
        }
    }
    // Of the 61 that are there now: one is a copy to git, which is another article here.
    assert_eq!((followed, last.len()), (60, 63));
}
