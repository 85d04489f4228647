//! Comparing archives agrees with reading them, on every conformance vector: void entries have no effect, and what is of an unknown kind is
//! never passed over.
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use litopys::check::Trust;
use litopys::diff::{Comparison, DiffOptions, Relation};
use litopys::store::zip::BundleStore;
use litopys::view::{Article, View};
use litopys::{ArticleUrn, StatementId};
use litopys_vectors::Set;

/// By article the newest version, and which versions and files in them are withheld, by the withdrawals' indexes.
type Heads = BTreeMap<ArticleUrn, (StatementId, BTreeSet<u64>)>;
type Changed = BTreeSet<(ArticleUrn, Option<StatementId>, Option<StatementId>)>;

fn heads(bundle: &[u8]) -> Option<Heads> {
    let store = BundleStore::open(bundle).ok()?;
    let view = View::open(&store, Trust::default(), 1).ok()?;
    let withdrawn = |article: &Article| {
        let all = view.withheld().all().iter().filter(|by| {
            by.withdrawal
                .scope
                .entries()
                .any(|entry| article.versions.iter().any(|version| version.index == entry.index))
        });
        all.map(|by| by.index).collect()
    };
    let heads =
        view.articles().iter().filter_map(|article| Some((article.urn, (article.head()?.id, withdrawn(article)))));
    Some(heads.collect())
}

/// What differs, by the rules of both logs.
fn expected(first: &Heads, second: &Heads) -> Changed {
    let urns = first.keys().chain(second.keys());
    let rows = urns.map(|urn| (*urn, first.get(urn).cloned(), second.get(urn).cloned()));
    let differing = rows.filter(|(_, from, to)| from != to);
    differing.map(|(urn, from, to)| (urn, from.map(|(id, _)| id), to.map(|(id, _)| id))).collect()
}

/// What a comparison says of two archives of one origin; `Err` if it can't.
fn compared(first: &[u8], second: &[u8]) -> Option<Result<Changed, ()>> {
    let (first, second) = (BundleStore::open(first).ok()?, BundleStore::open(second).ok()?);
    let mut comparison = Comparison::open(&first, &second).ok()?;
    // Others are the same by subject.
    if matches!(comparison.relation(), Relation::Same | Relation::Unrelated) {
        return None;
    }
    let mut changed = Changed::new();
    let options = DiffOptions { details: false, threads: 1 };
    let done = comparison.articles(options, &mut |diff| {
        changed.insert((diff.article, diff.from.map(|facts| facts.id), diff.to.map(|facts| facts.id)));
        ControlFlow::Continue(())
    });
    Some(done.map(|()| changed).map_err(drop))
}

#[test]
fn what_is_compared_is_what_is_read() {
    let set = Set::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap();
    let (mut wrong, mut told, mut refused) = (Vec::new(), 0, 0);
    for base in ["good/small", "good/chain", "good/charter"] {
        let first = &set.files[base];
        let old = heads(first).unwrap();
        for vector in &set.vectors {
            let second = &set.files[&vector.file];
            let Some(changed) = compared(first, second) else { continue };
            match (&changed, heads(second)) {
                (Ok(changed), Some(new)) => {
                    told += 1;
                    // A version that both have, logged again, takes a check of the whole archive to find.
                    let again = vector.code.as_deref() == Some("E022");
                    if *changed != expected(&old, &new) && !again {
                        wrong.push(format!("{base}, {}: {changed:?}", vector.name));
                    }
                }
                (Ok(_), None) if vector.verdict == "unchecked" => {
                    wrong.push(format!("{base}, {}: compared in spite of what is unknown", vector.name));
                }
                (Err(()), Some(_)) if vector.verdict == "verified" => {
                    wrong.push(format!("{base}, {}: not compared", vector.name));
                }
                _ => refused += 1,
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
    assert!(told > 50 && refused > 50, "{told} compared, {refused} not");
}
