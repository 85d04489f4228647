//! Fork proofs: what they show, and what proves nothing.

use base64ct::{Base64, Encoding};

use super::authority::{add_key, change, revoke_from};
use super::{Version, chain, small};
use crate::archive::{Archive, ORIGIN, line, note};
use crate::keys::{ANOTHER, ARCHIVIST, DEPUTY, LOG, STRANGER};
use crate::{ForkVector, Set};

const MAGIC: &str = "litopys/fork-proof@v1\n";

/// A state: its checkpoint, and these statements of it with their paths.
struct State {
    checkpoint: String,
    statements: Vec<String>,
}

fn hashes(hashes: &[[u8; 32]]) -> String {
    hashes.iter().map(|hash| format!("{}\n", Base64::encode_string(hash))).collect()
}

fn statement(archive: &Archive, index: usize) -> String {
    let base64 = Base64::encode_string(&archive.statements[index]);
    format!("statement {index} {base64}\n{}", hashes(&archive.path(index)))
}

fn state(archive: &Archive, shown: &[usize]) -> State {
    let checkpoint = String::from_utf8(archive.checkpoint()).unwrap();
    State { checkpoint, statements: shown.iter().map(|index| statement(archive, *index)).collect() }
}

fn growth(archive: &Archive, older: usize) -> String {
    let (root, path) = archive.grown(older);
    format!("growth\n{}{}", hashes(&[root]), hashes(&path))
}

fn join(states: &[&State], growth: Option<&str>) -> String {
    let blocks = states.iter().flat_map(|state| [&state.checkpoint].into_iter().chain(&state.statements));
    [MAGIC].into_iter().chain(blocks.map(String::as_str)).chain(growth).collect::<Vec<_>>().join("\n")
}

/// Five statements: charter, A1, B1, A2, A3.
fn right() -> Archive {
    chain().build()
}

/// The same up to A2, then another A3, and one more.
fn wrong() -> Archive {
    let mut spec = chain();
    spec.versions[3] = Version::text(1, "correction", "Another three.\n");
    spec.versions.push(Version::text(3, "first", "More.\n"));
    spec.build()
}

fn cut(mut archive: Archive, size: usize) -> Archive {
    archive.truncate(size);
    archive
}

/// Two archives' states in their order, by size and root.
fn ordered(a: &Archive, b: &Archive) -> [State; 2] {
    let (a, b) = if a.root() < b.root() { (a, b) } else { (b, a) };
    [state(a, &[0]), state(b, &[0])]
}

pub(super) fn add(set: &mut Set) {
    let mut put = |name: &str, expected: Result<u64, &str>, about: &str, proof: String| {
        let (code, keys) = (expected.err().map(str::to_owned), expected.ok());
        set.forks.push(ForkVector { name: format!("fork/{name}"), about: about.to_owned(), code, keys, proof });
    };
    let (one, two) = (right(), wrong());
    let [first, second] = [state(&one, &[0]), state(&two, &[0])];
    let grown = growth(&two, 5);
    let good = join(&[&first, &second], Some(&grown));
    put("longer", Ok(1), "a log of six statements that doesn't begin with the five of another", good.clone());
    let same = ordered(&one, &cut(wrong(), 5));
    put("same-size", Ok(1), "two logs of five statements", join(&[&same[0], &same[1]], None));
    let small = ordered(&cut(right(), 2), &{
        let mut spec = small();
        spec.versions[0] = Version::text(1, "first", "Another one.\n");
        cut(spec.build(), 2)
    });
    put("smallest", Ok(1), "two logs of two statements", join(&[&small[0], &small[1]], None));
    let power = cut(right(), 4);
    let other = {
        let mut spec = chain();
        spec.versions[2] = Version::text(1, "source", "Another two.\n");
        spec.versions.truncate(3);
        spec.versions.extend((9..12).map(|article| Version::text(article, "first", "More.\n")));
        spec.build()
    };
    let after = growth(&other, 4);
    let text = join(&[&state(&power, &[0]), &state(&other, &[0])], Some(&after));
    put("power-of-two", Ok(1), "the smaller log has four statements, whose root stands in the larger tree", text);
    authority(&mut put);
    two_keys(&mut put);

    // What proves nothing.
    let beginning = state(&cut(right(), 3), &[0]);
    let text = join(&[&beginning, &state(&one, &[0])], Some(&growth(&one, 3)));
    put("no-contradiction", Err("E124"), "the second log begins with the first", text);
    put("one-state", Err("E124"), "the same state twice", join(&[&first, &first], None));
    let text = join(&[&state(&cut(right(), 4), &[0]), &second], Some(&growth(&two, 4)));
    put("before-the-fork", Err("E124"), "the first log ends before they part", text);
    let mut spec = chain();
    spec.nonce = "another nonce";
    let stranger = spec.build();
    let text = join(&[&cut_state(&stranger, 4), &state(&one, &[0])], Some(&growth(&one, 4)));
    put("two-archives", Err("E121"), "states of two archives of one origin", text);
    let mut spec = chain();
    spec.origin = "vectors.example/other";
    let text = join(&[&cut_state(&spec.build(), 4), &state(&one, &[0])], Some(&growth(&one, 4)));
    put("two-origins", Err("E121"), "states of two archives of two origins", text);

    states(&mut put, &one, &two);
    let mut bad = |name: &str, about: &str, growth: String| {
        put(name, Err("E123"), about, join(&[&first, &second], Some(&growth)));
    };
    let (root, path) = two.grown(5);
    let with = |root: [u8; 32], path: &[[u8; 32]]| format!("growth\n{}{}", hashes(&[root]), hashes(path));
    bad("growth-other-root", "a root that the second log never had", with([7; 32], &path));
    bad("growth-short", "the path one node short", with(root, &path[..path.len() - 1]));
    bad("growth-long", "the path one node long", with(root, &[&path[..], &[[7; 32]]].concat()));
    bad("growth-none", "no path", with(root, &[]));
    bad("growth-of-another", "the path of the log's first four statements", growth(&two, 4));
    let mut flipped = path.clone();
    flipped[0][0] ^= 1;
    bad("growth-flip", "a bit of the path was flipped", with(root, &flipped));
    form(&mut put, &good, &grown);
}

fn cut_state(archive: &Archive, size: usize) -> State {
    state(&cut(archive.clone(), size), &[0])
}

type Put<'a> = dyn FnMut(&str, Result<u64, &str>, &str, String) + 'a;

/// Keys that came later.
fn authority(put: &mut Put<'_>) {
    let with_key = |text: &'static str| {
        let mut archive = small().build();
        let add = add_key(&archive, ANOTHER, &["log"]);
        change(&mut archive, 1, add);
        archive.log = ANOTHER;
        let mut spec = small();
        spec.versions[1] = Version::text(1, "source", text);
        archive
    };
    let plain = {
        let mut spec = small();
        spec.versions[1] = Version::text(1, "source", "Another two.\n");
        spec.build()
    };
    let later = with_key("Two.\n");
    let last = later.statements.len() - 1;
    let (old, new) = (state(&plain, &[0]), state(&later, &[0, last]));
    let text = join(&[&old, &new], Some(&growth(&later, 3)));
    put("later-key", Ok(0), "one state is signed by a key that a change of keys brought in", text);
    // An index below the change's own, and above the number of statements that are shown.
    let mut doubtful = plain.clone();
    change(&mut doubtful, 1, revoke_from(ARCHIVIST, 2));
    let mut two = small();
    two.versions[1] = Version::text(1, "source", "Two.\n");
    let text = join(&[&state(&two.build(), &[0]), &state(&doubtful, &[0, 3])], Some(&growth(&doubtful, 3)));
    put("doubtful", Ok(1), "a change that is shown revokes a key from an earlier statement on", text);
    let text = join(&[&old, &state(&later, &[0])], Some(&growth(&later, 3)));
    put("key-not-shown", Err("E122"), "the change that brought the signer's key in isn't shown", text);
    let text = join(&[&old, &state(&later, &[0, 1])], Some(&growth(&later, 3)));
    put("article-shown", Err("E122"), "a version of an article where changes of keys are shown", text);
}

/// Several keys that sign.
fn two_keys(put: &mut Put<'_>) {
    let of = |text: &'static str| {
        let mut spec = small();
        spec.keys.push((DEPUTY, "Danylo", &["log"]));
        spec.versions[1] = Version::text(1, "source", text);
        spec.build()
    };
    let [first, mut second] = ordered(&of("One.\n"), &of("Other.\n"));
    let (note, _) = second.checkpoint.split_once("\n\n").unwrap();
    second.checkpoint += &line(ORIGIN, DEPUTY, &format!("{note}\n"));
    let text = join(&[&first, &second], None);
    put("two-keys", Ok(1), "two keys signed the second state, and one of them the first", text);
}

fn states(put: &mut Put<'_>, one: &Archive, two: &Archive) {
    let (good, grown) = (state(one, &[0]), growth(two, 5));
    let mut bad = |name: &str, about: &str, edit: &dyn Fn(&mut State)| {
        let mut second = state(two, &[0]);
        edit(&mut second);
        put(name, Err("E122"), about, join(&[&good, &second], Some(&grown)));
    };
    bad("signature-flip", "a bit of the second checkpoint's signature was flipped", &|state| {
        let mut signature = LOG.sign(two.note().as_bytes());
        signature[7] ^= 1;
        let line = crate::archive::line_of(ORIGIN, LOG, &signature);
        state.checkpoint = format!("{}\n{line}", two.note());
    });
    bad("stranger", "the second checkpoint is signed by a key of no charter", &|state| {
        state.checkpoint = format!("{}\n{}", two.note(), line(ORIGIN, STRANGER, &two.note()));
    });
    bad("other-root", "the second checkpoint has a root that the charter's proof doesn't lead to", &|state| {
        let text = note(ORIGIN, 6, &[7; 32]);
        state.checkpoint = format!("{text}\n{}", line(ORIGIN, LOG, &text));
    });
    bad("article-beside", "a version of an article beside the charter, under a good signature", &|shown| {
        *shown = state(two, &[0, 1]);
    });
    bad("charter-altered", "a bit of the charter was flipped", &|state| {
        let mut altered = two.clone();
        *altered.statements[0].last_mut().unwrap() ^= 1;
        let base64 = Base64::encode_string(&altered.statements[0]);
        state.statements[0] = format!("statement 0 {base64}\n{}", hashes(&two.path(0)));
    });
    bad("path-of-another", "the charter with the path of statement 1", &|state| {
        let base64 = Base64::encode_string(&two.statements[0]);
        state.statements[0] = format!("statement 0 {base64}\n{}", hashes(&two.path(1)));
    });
    bad("path-short", "the charter's path one node short", &|state| {
        let base64 = Base64::encode_string(&two.statements[0]);
        state.statements[0] = format!("statement 0 {base64}\n{}", hashes(&two.path(0)[..2]));
    });
    bad("not-a-charter", "statement 1 in the place of statement 0", &|state| {
        let base64 = Base64::encode_string(&two.statements[1]);
        state.statements[0] = format!("statement 0 {base64}\n{}", hashes(&two.path(1)));
    });
}

fn form(put: &mut Put<'_>, good: &str, grown: &str) {
    let mut bad = |name: &str, about: &str, text: String| put(name, Err("E120"), about, text);
    bad("empty", "no byte", String::new());
    bad("other-magic", "another first line", good.replace("@v1", "@v2"));
    bad("carriage-returns", "lines that end with CR LF", good.replace('\n', "\r\n"));
    bad("no-line-end", "no LF at the end", good.trim_end().to_owned());
    bad("line-after", "an empty line at the end", format!("{good}\n"));
    bad("block-after", "a block behind the last one", format!("{good}\nmore\n"));
    bad("no-growth", "nothing that shows what the second log began with", good.replace(&format!("\n{grown}"), ""));
    let [one, two] = ordered(&right(), &cut(wrong(), 5));
    let idle = growth(&cut(wrong(), 5), 5);
    bad("idle-growth", "a growth between states of one size", join(&[&one, &two], Some(&idle)));
    bad("swapped-roots", "states of one size, the larger root first", join(&[&two, &one], None));
    let [first, second] = [state(&right(), &[0]), state(&wrong(), &[0])];
    bad("swapped", "the larger log first", join(&[&second, &first], Some(grown)));
    bad("one-alone", "one state", join(&[&first], None));
    let bare = State { checkpoint: first.checkpoint.clone(), statements: Vec::new() };
    bad("no-statements", "a state without any statement", join(&[&bare, &second], Some(grown)));
    bad("growth-empty", "a growth without a root", join(&[&first, &second], Some("growth\n")));
    bad("no-charter", "a state without the charter", good.replacen("statement 0", "statement 1", 1));
    let twice = first.statements[0].clone();
    let doubled = State { checkpoint: first.checkpoint.clone(), statements: vec![twice.clone(), twice] };
    bad("charter-twice", "the charter twice", join(&[&doubled, &second], Some(grown)));
    bad("index-zero-in-front", "an index with a zero in front", good.replacen("statement 0", "statement 00", 1));
    bad("checkpoint-malformed", "a size with a zero in front", good.replacen("\n5\n", "\n05\n", 1));
    let at = good.find("=\n\ngrowth").unwrap();
    bad("unused-bits", "base64 whose unused bits are not zero", {
        let last = good.as_bytes()[at - 1];
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let next = alphabet[alphabet.iter().position(|c| *c == last).unwrap() + 1];
        format!("{}{}{}", &good[..at - 1], char::from(next), &good[at..])
    });
}
