use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use litopys::{Content, Role};

use super::*;
use crate::walk::SkipReason;
use crate::{Warning, drafts};

/// A repository made by git itself, with clocks of its own.
struct Made(tempfile::TempDir);

impl Made {
    fn new() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        made.git(&["init", "-q", "-b", "main"]);
        made
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, args: &[&str]) -> String {
        git(self.path(), args)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "--allow-empty-message", "-m", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    fn bundle(&self) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        self.git(&["bundle", "create", "-q", dir.path().join("x.bundle").to_str().unwrap(), "--all"]);
        dir
    }
}

fn git(folder: &Path, args: &[&str]) -> String {
    let out = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=C", "-c", "user.email=c@example.org", "-c", "core.quotepath=off", "-c", "gc.auto=0"])
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", "Aï")
        .env("GIT_AUTHOR_EMAIL", "a@example.org")
        .env("GIT_AUTHOR_DATE", "2014-03-19T10:00:00+0130")
        .env("GIT_COMMITTER_DATE", "2020-01-02T03:04:05Z")
        .output()
        .unwrap();
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn read(input: &Path) -> (Vec<Outcome>, Skipped) {
    let options = Options::default();
    let inputs = [input.to_owned()];
    let mut drafts = drafts(&inputs, &options, NonZero::new(2).unwrap());
    let outcomes = drafts.by_ref().flatten().collect();
    (outcomes, drafts.skipped())
}

fn good(input: &Path) -> Vec<Loaded> {
    read(input).0.into_iter().map(Result::unwrap).collect()
}

fn capture(loaded: &Loaded) -> String {
    let file = loaded.draft.files.iter().find(|file| file.role == Role::Capture).unwrap();
    let Content::Bytes(bytes) = &file.content else { panic!("not in memory") };
    String::from_utf8_lossy(bytes).into_owned()
}

/// Subject, path and what is special, of each version.
fn story(versions: &[Loaded]) -> Vec<String> {
    let one = |loaded: &Loaded| {
        let extra = &loaded.draft.metadata.extra;
        let renamed = extra.get("git.renamed_from").map(|from| format!(" from {from}")).unwrap_or_default();
        let removed = if extra.contains_key("git.removed") { " removed" } else { "" };
        format!("{} {}{renamed}{removed}: {}", loaded.draft.subject, extra["git.path"], capture(loaded).trim_end())
    };
    versions.iter().map(one).collect()
}

const LONG: &str = "One line of it.\nAnother line of it.\nA third line.\n";

#[test]
fn an_article_is_followed_through_renames_removal_and_return() {
    let made = Made::new();
    made.write("posts/a.md", "a1\n");
    made.write("posts/b.md", LONG);
    made.commit("one");
    made.git(&["mv", "posts", "articles"]);
    made.commit("everything moves");
    made.write("articles/b.md", format!("{LONG}And a fourth.\n"));
    made.git(&["mv", "articles/b.md", "articles/c.md"]);
    made.commit("moved and changed");
    made.git(&["rm", "-q", "articles/a.md"]);
    let gone = made.commit("gone");
    made.write("articles/a.md", "a2\n");
    made.commit("back");
    // Another article under a name that one had before.
    made.write("posts/b.md", "quite another text\n");
    let new = made.commit("new");
    let versions = good(made.path());
    let long = LONG.trim_end();
    assert_eq!(
        story(&versions),
        [
            "posts/a.md posts/a.md: a1".to_owned(),
            format!("posts/b.md posts/b.md: {long}"),
            "posts/a.md articles/a.md from posts/a.md: a1".to_owned(),
            format!("posts/b.md articles/b.md from posts/b.md: {long}"),
            format!("posts/b.md articles/c.md from articles/b.md: {long}\nAnd a fourth."),
            "posts/a.md articles/a.md removed: a1".to_owned(),
            "posts/a.md articles/a.md: a2".to_owned(),
            format!("posts/b.md@{} posts/b.md: quite another text", &new[..16]),
        ]
    );
    let removed = &versions[5].draft.metadata;
    assert_eq!((&removed.extra["git.removed"], &removed.extra["git.commit"]), (&gone, &gone));
    assert_eq!(removed.note.as_deref(), Some(&*format!("removed from the repository by commit {gone}")));
    // A bundle of it says the same.
    let bundle = made.bundle();
    assert_eq!(story(&good(&bundle.path().join("x.bundle"))), story(&versions));
    assert_eq!(story(&good(bundle.path())), story(&versions));
}

#[test]
fn the_two_clocks_and_the_message_are_kept_and_no_date_is_made_of_them() {
    let made = Made::new();
    made.write("a.md", "---\ndate: 2013-01-02\n---\n\nx\n");
    made.write("b.txt", "A title\n\nText.\n");
    made.write("_posts/2012-02-03-c.md", "x\n");
    let id = made.commit("Subject line\n\nBody.\n");
    let versions = good(made.path());
    assert_eq!(versions.len(), 3);
    for loaded in &versions {
        let m = &loaded.draft.metadata;
        let is = |key: &str, value: &str| assert_eq!(m.extra[key], value, "{key}");
        is("git.commit", &id);
        is("git.author", "Aï");
        is("git.author_date", "2014-03-19T10:00:00+01:30");
        is("git.committer", "C");
        is("git.commit_date", "2020-01-02T03:04:05+00:00");
        is("git.message", "Subject line\n\nBody.");
        assert_eq!(m.captured.as_ref().unwrap().via.as_deref(), Some("git"));
        assert_eq!((&m.modified, &m.captured.as_ref().unwrap().at), (&None, &None));
        assert!(m.authors.is_empty());
    }
    let published: Vec<_> =
        versions.iter().map(|loaded| loaded.draft.metadata.published.as_ref().map(|date| date.as_str())).collect();
    assert_eq!(published, [Some("2012-02-03"), Some("2013-01-02"), None]);
    let place = versions[1].place.as_ref().unwrap().to_string();
    assert_eq!(place, format!("commit {id}: a.md"));
}

#[test]
fn subjects_come_from_the_first_version_and_stay() {
    let made = Made::new();
    made.write("a.md", "---\nurl: https://Example.org/a?utm_source=x\n---\nx\n");
    made.write("b.md", "---\nslug: same\nlang: en\n---\nb\n");
    made.write("c.md", "---\nslug: same\nlang: uk\n---\nc\n");
    made.commit("one");
    made.write("a.md", "---\nurl: https://example.org/another\n---\nx\n");
    made.write("b.md", "---\nslug: other\n---\nb\n");
    made.commit("two");
    let subjects: Vec<_> = good(made.path())
        .iter()
        .map(|loaded| (loaded.draft.subject.clone(), loaded.subject_from, loaded.draft.metadata.language.clone()))
        .collect();
    let (url, same) = ("https://example.org/a".to_owned(), "same".to_owned());
    assert_eq!(
        subjects,
        [
            (url.clone(), SubjectFrom::Url, None),
            (same.clone(), SubjectFrom::Id, Some("en".into())),
            ("c.md".into(), SubjectFrom::Path, Some("uk".into())),
            (url, SubjectFrom::History, None),
            (same, SubjectFrom::History, None),
        ]
    );
}

#[test]
fn a_merge_is_a_version_where_it_differs_from_both_sides_or_from_what_came_last() {
    let made = Made::new();
    made.write("a.md", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    made.write("b.md", "b\n");
    made.write("c.md", "c\n");
    made.commit("base");
    made.git(&["checkout", "-q", "-b", "side"]);
    made.write("a.md", "one\n2\n3\n4\n5\n6\n7\n8\n9\n");
    made.write("b.md", "side\n");
    made.git(&["mv", "c.md", "d.md"]);
    made.commit("side");
    made.git(&["checkout", "-q", "main"]);
    made.write("a.md", "1\n2\n3\n4\n5\n6\n7\n8\nnine\n");
    made.commit("main");
    made.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    made.git(&["checkout", "-q", "main", "--", "b.md"]);
    made.commit("merged, but for b");
    let mut last: Vec<String> = Vec::new();
    let versions = good(made.path());
    let story = story(&versions);
    for (line, loaded) in story.iter().zip(&versions) {
        last.retain(|other| other.split(' ').next() != line.split(' ').next());
        last.push(format!("{} {}", loaded.draft.subject, capture(loaded).replace('\n', "")));
    }
    assert_eq!(last, ["c.md c", "a.md one2345678nine", "b.md b"]);
    let merged = versions.iter().filter(|l| l.draft.metadata.extra["git.message"] == "merged, but for b").count();
    assert_eq!(merged, 2, "{story:?}");
}

#[test]
fn linked_files_come_as_they_were_and_from_below_the_documents_folder_alone() {
    let made = Made::new();
    made.write(
        "blog/a.md",
        "![](img/p.png) ![](../secret.png) ![](/etc/passwd) ![](l.png) ![](big.bin) ![](none.png)\n",
    );
    made.write("blog/img/p.png", b"\x89PNG\r\n\x1a\n1");
    made.write("blog/big.bin", vec![7; 100_000]);
    made.write("secret.png", "x");
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret.png", made.path().join("blog/l.png")).unwrap();
    made.commit("one");
    made.write("blog/img/p.png", b"\x89PNG\r\n\x1a\n2");
    made.commit("an image alone makes no version");
    made.write("blog/a.md", "![](img/p.png)\n");
    made.commit("two");
    let (outcomes, skipped) = read(made.path());
    let versions: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(versions.len(), 2);
    let image = |loaded: &Loaded| {
        let file = loaded.draft.files.iter().find(|file| file.path == "img/p.png").unwrap();
        let Content::Bytes(bytes) = &file.content else { panic!() };
        *bytes.last().unwrap()
    };
    assert_eq!((image(&versions[0]), image(&versions[1])), (b'1', b'2'));
    let paths: Vec<_> = versions[0].draft.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["a.md", "text.md", "img/p.png", "big.bin"]);
    let Content::Source(source) = &versions[0].draft.files[3].content else { panic!("a large file is not held") };
    let mut bytes = Vec::new();
    source.open().unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, vec![7; 100_000]);
    let refused: Vec<_> = versions[0].warnings.iter().map(ToString::to_string).collect();
    assert_eq!(refused.len(), 4, "{refused:?}");
    assert_eq!((skipped.count(SkipReason::NoArticle), skipped.count(SkipReason::Symlink)), (3, 1));
}

#[cfg(unix)]
#[test]
fn odd_names_messages_and_bytes_are_taken_as_they_are() {
    use std::os::unix::ffi::OsStrExt;
    let made = Made::new();
    for name in
        [&b"caf\xe9.md"[..], b"a b@c.md", "стаття.md".as_bytes(), b".hidden.md", b"x\n.md", b"-rf.md", b"A.md", b"a.MD"]
    {
        fs::write(made.path().join(std::ffi::OsStr::from_bytes(name)), "x\n").unwrap();
    }
    made.write("bin.md", b"\0\x01\x02\xff");
    made.commit("");
    let versions = good(made.path());
    let subjects: Vec<_> = versions.iter().map(|loaded| loaded.draft.subject.as_str()).collect();
    assert_eq!(subjects, ["-rf.md", "A.md", "a b@c.md", "a.MD", "bin.md", "caf%E9.md", "x\n.md", "стаття.md"]);
    assert!(!versions[0].draft.metadata.extra.contains_key("git.message"));
    assert_eq!(versions[4].warnings, [Warning::NotText]);
    assert!(versions.iter().all(|loaded| litopys::manifest::is_path(&loaded.draft.files[0].path)));
}

#[test]
fn a_missing_blob_is_told_and_the_rest_goes_on() {
    let made = Made::new();
    made.write("a.md", "a1\n");
    made.write("b.md", "b1\n");
    let first = made.commit("one");
    made.write("a.md", "a2\n");
    made.commit("two");
    let blob = made.git(&["rev-parse", &format!("{first}:a.md")]).trim().to_owned();
    let object = made.path().join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    fs::remove_file(&object).unwrap();
    let (outcomes, _) = read(made.path());
    let failure = outcomes[0].as_ref().unwrap_err();
    assert_eq!(failure.place.as_ref().unwrap().to_string(), format!("commit {first}: a.md"));
    assert_eq!(failure.error.to_string(), format!("content unavailable: object {blob} is not in the repository"));
    assert_eq!((outcomes.len(), outcomes[2].as_ref().unwrap().draft.subject.as_str()), (3, "a.md"));
    // Another file's bytes under its name don't pass for it.
    fs::write(&object, fs::read(made.path().join(".git/objects").join(other(&made, &first))).unwrap()).unwrap();
    let (outcomes, _) = read(made.path());
    assert!(outcomes[0].as_ref().unwrap_err().error.to_string().contains("its hash is"));
}

fn other(made: &Made, commit: &str) -> String {
    let blob = made.git(&["rev-parse", &format!("{commit}:b.md")]).trim().to_owned();
    format!("{}/{}", &blob[..2], &blob[2..])
}

#[test]
fn histories_that_were_cut_begin_where_they_were_cut() {
    let made = Made::new();
    for text in ["a1\n", "a2\n", "a3\n"] {
        made.write("a.md", text);
        made.commit(text);
    }
    let shallow = tempfile::tempdir().unwrap();
    let url = format!("file://{}", made.path().display());
    git(shallow.path(), &["clone", "-q", "--depth", "2", &url, "clone"]);
    assert_eq!(story(&good(&shallow.path().join("clone"))), ["a.md a.md: a2", "a.md a.md: a3"]);
    let bundle = shallow.path().join("part.bundle");
    made.git(&["bundle", "create", "-q", bundle.to_str().unwrap(), "main~1..main"]);
    let (outcomes, _) = read(&bundle);
    assert_eq!(outcomes.len(), 1);
    // A commit that is missing without a word is told.
    let first = made.git(&["rev-parse", "main~2"]).trim().to_owned();
    fs::remove_file(made.path().join(".git/objects").join(&first[..2]).join(&first[2..])).unwrap();
    let (outcomes, _) = read(made.path());
    assert_eq!(outcomes[0].as_ref().unwrap_err().place.as_ref().unwrap().to_string(), format!("commit {first}"));
    assert_eq!(outcomes.len(), 3);
}

#[test]
fn packed_and_sha256_repositories_are_read() {
    let made = Made::new();
    let mut text = LONG.repeat(50);
    for n in 0..30 {
        writeln!(text, "line {n}").unwrap();
        made.write("a.md", &text);
        made.commit("more");
    }
    made.git(&["repack", "-adq", "--depth=20"]);
    made.git(&["pack-refs", "--all"]);
    let versions = good(made.path());
    assert_eq!(versions.len(), 30);
    assert_eq!(capture(&versions[29]), text);

    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), &["init", "-q", "-b", "main", "--object-format=sha256"]);
    let made = Made(dir);
    made.write("a.md", "x\n");
    let id = made.commit("one");
    assert_eq!(id.len(), 64);
    assert_eq!(good(made.path())[0].draft.metadata.extra["git.commit"], id);
    assert_eq!(story(&good(&made.bundle().path().join("x.bundle"))), ["a.md a.md: x"]);
}

#[test]
fn what_is_no_history_says_so() {
    let made = Made::new();
    let fault = |input: &Path| match &read(input).0[..] {
        [Err(failure)] => failure.error.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(made.path()), "has no commits");
    fs::write(made.path().join(".git/HEAD"), "ref: ../../../etc/passwd\n").unwrap();
    assert_eq!(fault(made.path()), "has a reference \"HEAD\" that names no commit");
    fs::write(made.path().join(".git/HEAD"), "ref: refs/heads/loop\n").unwrap();
    fs::create_dir_all(made.path().join(".git/refs/heads")).unwrap();
    fs::write(made.path().join(".git/refs/heads/loop"), "ref: refs/heads/loop\n").unwrap();
    assert_eq!(fault(made.path()), "has a reference \"HEAD\" that names no commit");
    fs::write(made.path().join(".git/config"), "[extensions]\n\trefStorage = reftable\n").unwrap();
    assert_eq!(fault(made.path()), "is a git repository with an unknown storage of references");
    let dir = tempfile::tempdir().unwrap();
    for (name, content, said) in [
        ("a.bundle", &b"# v2 git bundle\n"[..], "is no git bundle: its header is cut off"),
        ("b.bundle", b"# v2 git bundle\n\n", "is no git bundle: it has no pack"),
        ("c.bundle", b"# v3 git bundle\n@new-thing\n\n", "is no git bundle: it needs what is not known here"),
        ("d.bundle", b"# v2 git bundle\nxyz HEAD\n\nPACK", "is no git bundle: a line of its header is no reference"),
    ] {
        fs::write(dir.path().join(name), content).unwrap();
        assert_eq!(fault(&dir.path().join(name)), said);
    }
    // A working tree elsewhere is not followed, even if asked for.
    fs::write(dir.path().join(".git"), format!("gitdir: {}\n", made.path().join(".git").display())).unwrap();
    let opened = Stream::open(dir.path(), Source::Path(dir.path().to_owned()));
    assert!(matches!(opened.err().unwrap().error, ImportError::Git(fault) if matches!(*fault, GitFault::Elsewhere)));
}

#[test]
fn another_repositorys_objects_are_not_read() {
    let (secret, made) = (Made::new(), Made::new());
    secret.write("s.md", "secret\n");
    let id = secret.commit("secret");
    made.write("a.md", "x\n");
    made.commit("one");
    let alternates = made.path().join(".git/objects/info/alternates");
    fs::write(alternates, format!("{}\n", secret.path().join(".git/objects").display())).unwrap();
    fs::write(made.path().join(".git/refs/heads/main"), format!("{id}\n")).unwrap();
    let (outcomes, _) = read(made.path());
    let ImportError::Git(fault) = &outcomes[0].as_ref().unwrap_err().error else { panic!() };
    assert!(matches!(**fault, GitFault::Missing { .. }));
}

mod hostile;
