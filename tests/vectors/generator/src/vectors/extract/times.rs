//! Timestamps in extracts: each with the proof that the log extends what it dates.

use super::*;

pub(super) fn times(set: &mut Set) {
    const TOKEN: &[u8] = b"a timestamp";
    let token = format!("time/3/{}.tsr", hex(&sha256(TOKEN)));
    let (archive, _) = tree();
    let mut older = archive.clone();
    older.truncate(3);
    let files = |growth: Option<Vec<u8>>| {
        let mut files = vec![("time/3/checkpoint".to_owned(), older.checkpoint())];
        files.extend(growth.map(|growth| ("time/3/consistency".to_owned(), growth)));
        files.push((token.clone(), TOKEN.to_vec()));
        files
    };
    let mut with = |name: &str, expected: &str, about: &str, files: Vec<(String, Vec<u8>)>| {
        set.extracted(&format!("time-{name}"), expected, about, |_, tree| tree.0.extend(files));
    };
    with("older", "", "a timestamp of the first three statements", files(Some(archive.growth(3))));
    let newest = format!("time/5/{}.tsr", hex(&sha256(TOKEN)));
    let whole = vec![("time/5/checkpoint".to_owned(), archive.checkpoint()), (newest, TOKEN.to_vec())];
    with("newest", "", "a timestamp of the whole log", whole.clone());
    with("no-proof", "E003", "a timestamp of an older state, without the proof that the log extends it", files(None));
    let mut short = archive.growth(3);
    let line = short.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    short.drain(line..line + 45);
    with("proof-short", "E017", "a consistency proof one node short", files(Some(short)));
    with("proof-other-size", "E017", "the consistency proof of another size", files(Some(archive.growth(4))));
    with(
        "proof-other-checkpoint",
        "E018",
        "a consistency proof under another checkpoint",
        files(Some(older.growth(3))),
    );
    let malformed = [b"older 3\n\n", &archive.checkpoint()[..]].concat();
    with("proof-malformed", "E016", "no consistency proof", files(Some(malformed)));
    let mut idle = whole;
    idle.insert(1, ("time/5/consistency".to_owned(), archive.growth(5)));
    with("proof-idle", "E004", "a consistency proof of the checkpoint itself", idle);
    let mut alone = files(Some(archive.growth(3)));
    alone.pop();
    with("no-token", "E004", "an older checkpoint that has no timestamp", alone);
    let mut forked = files(Some(archive.growth(3)));
    let text = note(&archive.origin, 3, &[7; 32]);
    forked[0].1 = format!("{text}\n{}", super::line(&archive.origin, LOG, &text)).into_bytes();
    with("forked", "E017", "a timestamp of another history, by the log key", forked);
    let text = note(&archive.origin, 5, &[7; 32]);
    let other = format!("{text}\n{}", super::line(&archive.origin, LOG, &text)).into_bytes();
    let token = format!("time/5/{}.tsr", hex(&sha256(TOKEN)));
    let forked = vec![("time/5/checkpoint".to_owned(), other), (token, TOKEN.to_vec())];
    with("newest-forked", "E083", "a timestamp of another log of the same size, by the log key", forked);
    let mut whole = archive.tree();
    whole.0.extend(files(Some(archive.growth(3))));
    set.zip("extract/time-in-bundle", "E004", "a consistency proof in a bundle", &whole.zip());
}
