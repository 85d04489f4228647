//! Extracts: proofs that prove something else, content that is withheld, and what an extract may not claim.

mod proofs;
mod times;

use base64ct::{Base64, Encoding};

use super::{chain, files, small, void};
use crate::archive::{Archive, Spec, Stage, Tree, Version, file_name, hex, line, note, sha256};
use crate::cbor::Cbor;
use crate::extract::{proof_name, proof_text, statement_name};
use crate::keys::{LOG, STEWARD, STRANGER};
use crate::zip::RawMember;
use crate::{Set, Vector};

/// What most vectors spoil: all versions of one article, and the log's last statement, which is the last of them. Charter, A1, B1, A2, A3.
const SHOWN: &[usize] = &[1, 3, 4];

pub(super) fn good(set: &mut Set) {
    let mut add = |name: &str, about: &str, archive: &Archive, spec: &Spec, chosen: &[usize]| {
        set.extract(&format!("good/{name}"), "", about, &archive.extract(spec, chosen));
    };
    let spec = chain();
    let archive = spec.build();
    add("extract", "an extract of an article in three versions", &archive, &spec, SHOWN);
    add(
        "extract-one",
        "an extract of one version in the middle: the last statement shows who may sign",
        &archive,
        &spec,
        &[3],
    );
    add("extract-gap", "an extract of two versions that don't follow each other", &archive, &spec, &[1, 4]);
    add("extract-nothing", "an extract of the charter and the last statement alone", &archive, &spec, &[]);
    add("extract-whole", "an extract of all there is, which is no bundle still", &archive, &spec, &[1, 2, 3, 4]);
    let spec = files();
    let archive = spec.build();
    add("extract-files", "an extract with a large file and an empty one, as they are", &archive, &spec, &[1]);
    let spec = Spec::new(Vec::new());
    add(
        "extract-charter",
        "an extract of an archive without articles: the charter is the last statement",
        &spec.build(),
        &spec,
        &[],
    );
    let versions = (0..257).map(|article| Version::text(article, "first", "The same.\n")).collect();
    let spec = Spec::new(versions);
    let archive = spec.build();
    add("extract-two-tiles", "two articles with one file, in a log of 258 statements", &archive, &spec, &[7, 255]);
}

pub(super) fn add(set: &mut Set) {
    proofs::proofs(set);
    proofs::texts(set);
    members(set);
    contents(set);
    statements(set);
    times::times(set);
    trust(set);
}

fn tree() -> (Archive, Tree) {
    let spec = chain();
    let archive = spec.build();
    let tree = archive.extract(&spec, SHOWN);
    (archive, tree)
}

/// The usual extract under another checkpoint, in its proofs too.
pub(super) fn with_checkpoint(make: &dyn Fn(&Archive) -> Vec<u8>) -> Tree {
    let (archive, mut tree) = tree();
    let checkpoint = make(&archive);
    tree.put("checkpoint", checkpoint.clone());
    for at in [0, 1, 3, 4] {
        tree.put(&proof_name(at), proof_text(at, &archive.path(at), &checkpoint));
    }
    tree
}

impl Set {
    /// Adds a vector about an extract.
    pub(super) fn extract(&mut self, name: &str, expected: &str, about: &str, tree: &Tree) -> &mut Vector {
        self.zip(name, expected, about, &tree.extract_zip())
    }

    /// A vector whose extract is the usual one, changed.
    fn extracted(
        &mut self,
        name: &str,
        expected: &str,
        about: &str,
        edit: impl FnOnce(&Archive, &mut Tree),
    ) -> &mut Vector {
        let (archive, mut tree) = tree();
        edit(&archive, &mut tree);
        self.extract(&format!("extract/{name}"), expected, about, &tree)
    }
}

/// An archive of another origin, with as many statements.
fn other() -> Spec {
    Spec { origin: "vectors.example/other", ..chain() }
}

fn members(set: &mut Set) {
    let remove = |prefix: &'static str| move |_: &Archive, tree: &mut Tree| tree.remove(prefix);
    let long = |size: usize| {
        move |archive: &Archive| {
            let (note, shortest) = (archive.note(), archive.checkpoint().len() + line("", STRANGER, "").len());
            [archive.checkpoint(), line(&"n".repeat(size - shortest), STRANGER, &note).into_bytes()].concat()
        }
    };
    let tree = with_checkpoint(&long(65_536));
    set.extract("extract/checkpoint-longest", "", "a checkpoint of 65,536 bytes", &tree);
    let tree = with_checkpoint(&long(65_537));
    set.extract("extract/checkpoint-long", "E010", "a checkpoint of 65,537 bytes", &tree);
    set.extracted("statement-long", "E031", "a statement of 65,536 bytes", |_, tree| {
        tree.put(&statement_name(3), vec![0xd2; 65_536]);
    });
    let same = Spec::new(vec![Version::text(1, "first", "One.\n"), Version::text(1, "source", "One.\n")]);
    let sized = same.build_with(&|n, stage| {
        if let (2, Stage::Manifest(manifest)) = (n, stage) {
            manifest.get("files").items()[0].set("size", 6);
        }
    });
    let about = "two versions give one file different sizes";
    set.extract("extract/file-of-two-sizes", "E056", about, &sized.extract(&same, &[1, 2]));
    set.extracted("proof-missing", "E003", "a statement without its proof", remove("proof/3"));
    set.extracted("statement-missing", "E004", "a proof without its statement", remove("statement/3"));
    set.extracted("proof-alone", "E004", "the proof of a statement that isn't shown", |archive, tree| {
        tree.put(&proof_name(2), archive.proof(2));
    });
    set.extracted("charter-missing", "E003", "no charter", |_, tree| {
        tree.remove("statement/0");
        tree.remove("proof/0");
    });
    set.extracted("checkpoint-missing", "E003", "no checkpoint", remove("checkpoint"));
    set.extracted("last-missing", "E003", "without the log's last statement", |_, tree| {
        let spec = chain();
        *tree = spec.build().extract(&spec, &[1, 3]);
        tree.remove("statement/4");
        tree.remove("proof/4");
    });
    set.extracted(
        "statement-beyond",
        "E004",
        "a statement with an index that the log doesn't have",
        |archive, tree| {
            tree.put(&statement_name(5), archive.statements[3].clone());
            tree.put(&proof_name(5), archive.proof(3));
        },
    );
    set.extracted("statement-beyond-alone", "E004", "the same, without a proof", |archive, tree| {
        tree.put(&statement_name(5), archive.statements[3].clone());
    });
    set.extracted("statement-65536", "E031", "a statement of 65,536 bytes", |_, tree| {
        tree.put(&statement_name(3), vec![b' '; 65_536]);
    });
    set.extracted("statement-empty", "E030", "a statement of no bytes", |_, tree| {
        tree.put(&statement_name(3), Vec::new());
    });
    set.extracted("name-padded", "E002", "a statement's name with a zero in front", |archive, tree| {
        tree.put("statement/01.cose", archive.statements[1].clone());
    });
    set.extracted("name-unknown", "E002", "a member of another name", |_, tree| {
        tree.put("note.txt", b"Hello.\n".to_vec())
    });
    set.extracted("with-tile", "E002", "a tile in an extract", |archive, tree| {
        let whole = archive.tree();
        let name = whole.name("tile/entries");
        let entries = whole.0.iter().find(|(other, _)| *other == name).unwrap().1.clone();
        tree.put(&name, entries);
    });
    let spec = files();
    let (archive, large) = (spec.build(), &spec.versions[0].files[3]);
    let mut tree = archive.extract(&spec, &[1]);
    tree.remove(&file_name(&sha256(&large.bytes), false));
    tree.put(&file_name(&sha256(&large.bytes), true), large.frame.clone().unwrap());
    set.extract("extract/compressed", "E002", "a large file as a frame", &tree);

    let (archive, tree) = self::tree();
    set.zip("extract/as-bundle", "E003", "an extract that claims to be a whole bundle", &tree.zip());
    set.zip(
        "extract/bundle-as-extract",
        "E003",
        "a bundle that claims to be an extract",
        &archive.tree().extract_zip(),
    );
    let mut whole = archive.tree();
    whole.put(&statement_name(1), archive.statements[1].clone());
    set.zip("extract/in-bundle", "E002", "a statement by itself in a bundle", &whole.zip());
    let mut zip = tree.extract_zip();
    zip.members[1] =
        RawMember::new(b"README.txt", include_bytes!("../../../../../crates/litopys/src/store/bundle-readme.txt"));
    set.zip("extract/readme-of-bundle", "E005", "the README.txt of a bundle", &zip);
    let mut zip = tree.extract_zip();
    zip.members.swap(3, 4);
    set.zip("extract/order", "E002", "two statements in another order", &zip);
    let mut zip = tree.extract_zip();
    let member = zip.members[4].clone();
    zip.members.insert(5, member);
    set.zip("extract/duplicate", "E001", "a statement that stands there twice", &zip);
    let mut zip = tree.extract_zip();
    zip.members.last_mut().unwrap().data[1] ^= 1;
    set.zip("extract/flip-file", "E006", "a flipped bit in a file", &zip);
}

fn contents(set: &mut Set) {
    let spec = chain();
    let archive = spec.build();
    let manifest = |n: usize| match &archive.manifests[n] {
        Cbor::Bytes(bytes) => bytes.clone(),
        _ => panic!("a version has a manifest"),
    };
    let name = |bytes: &[u8]| file_name(&sha256(bytes), false);
    let (one, two) = (spec.versions[0].files[0].bytes.clone(), spec.versions[2].files[0].bytes.clone());
    let gone = |bytes: &[u8]| {
        let mut tree = archive.extract(&spec, SHOWN);
        tree.remove(&name(bytes));
        tree
    };
    let changed = |of: &[u8], to: Vec<u8>| {
        let mut tree = archive.extract(&spec, SHOWN);
        tree.put(&name(of), to);
        tree
    };
    let flipped = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[0] ^= 1;
        bytes
    };
    let mut add = |at: &str, code: &str, about: &str, n: u64, tree: Tree| {
        set.extract(&format!("extract/{at}"), code, about, &tree).statement = Some(n);
    };
    add("manifest-withheld", "E050", "a version's manifest is withheld, and nothing says so", 3, gone(&manifest(3)));
    add("file-withheld", "E054", "a version's file is withheld, and nothing says so", 3, gone(&two));
    add("file-changed", "E055", "a file of other bytes", 1, changed(&one, flipped(&one)));
    add("file-longer", "E056", "a file with a byte more", 1, changed(&one, [&one[..], b"\n"].concat()));
    add("manifest-changed", "E051", "a manifest of other bytes", 1, changed(&manifest(1), flipped(&manifest(1))));
    add(
        "manifest-longer",
        "E052",
        "a manifest with a byte more",
        1,
        changed(&manifest(1), [&manifest(1)[..], b"\0"].concat()),
    );

    let mut tree = archive.extract(&spec, SHOWN);
    tree.remove(&name(&manifest(4)));
    set.extract(
        "extract/last-without-manifest",
        "E004",
        "the last version's file, without the manifest that names it",
        &tree,
    );
    let mut tree = archive.extract(&spec, SHOWN);
    tree.put(&name(b"Hidden.\n"), b"Hidden.\n".to_vec());
    set.extract("extract/extra-file", "E004", "a file that no version names", &tree);
    let mut tree = archive.extract(&spec, SHOWN);
    tree.put(&name(&manifest(2)), manifest(2));
    set.extract("extract/extra-manifest", "E004", "the manifest of a version that isn't shown", &tree);
    let spoiled = spec.build_with(&|n, stage| {
        if let (3, Stage::Manifest(manifest)) = (n, stage) {
            manifest.set("change", "first");
        }
    });
    let tree = spoiled.extract(&spec, SHOWN);
    set.extract("extract/manifest-form", "E053", "a second version that says it is the first", &tree).statement =
        Some(3);
}

fn statements(set: &mut Set) {
    let spec = chain();
    let mut with = |name: &str, expected: &str, n: usize, about: &str, edit: &dyn Fn(Stage<'_>)| {
        let archive = spec.build_with(&|at, stage| {
            if at == n {
                edit(stage);
            }
        });
        let tree = archive.extract(&spec, SHOWN);
        set.extract(&format!("extract/{name}"), expected, about, &tree).statement = Some(n as u64);
    };
    with("signature", "E040", 3, "a signature that doesn't verify, in the log all the same", &|stage| {
        if let Stage::Signature(_, signature) = stage {
            signature[3] ^= 1;
        }
    });
    with("not-canonical", "E030", 3, "a statement with a byte behind it", &|stage| {
        if let Stage::Statement(bytes) = stage {
            bytes.push(0);
        }
    });
    with("authority", "E070", 3, "the authority is a governance statement that isn't shown", &|stage| {
        if let Stage::Payload(payload) = stage {
            payload.set("authority", [7; 32]);
        }
    });
    with(
        "last-authority",
        "E070",
        4,
        "the log's last statement names a governance statement that isn't shown",
        &|stage| {
            if let Stage::Payload(payload) = stage {
                payload.set("authority", [7; 32]);
            }
        },
    );
    with("chain-broken", "E074", 3, "a version that continues another one than the one before it", &|stage| {
        if let Stage::Payload(payload) = stage {
            payload.set("previous", [7; 32]);
        }
    });
    with("number-skipped", "E074", 3, "a version that continues the one before it, under a higher number", &|stage| {
        if let Stage::Payload(payload) = stage {
            payload.set("version", 3);
        }
    });
    with("no-room", "E074", 1, "version 3 as statement 1: there is no room for two versions before", &|stage| {
        if let Stage::Payload(payload) = stage {
            payload.set("version", 3);
            payload.set("previous", [7; 32]);
        }
    });
    let about = "version 4 as statement 3 after version 1 as statement 1: there is no room for two versions between";
    with("no-room-after", "E074", 3, about, &|stage| {
        if let Stage::Payload(payload) = stage {
            payload.set("version", 4);
            payload.set("previous", [7; 32]);
        }
    });
    with("unknown-kind", "U002", 3, "a statement of an unknown kind", &|stage| {
        if let Stage::Header(Cbor::Map(header)) = stage {
            header[1].1 = "application/vnd.litopys.later+cbor".into();
        }
    });
    let strange = |signer| {
        let mut spec = chain();
        spec.versions[2].signer = signer;
        spec.build().extract(&spec, SHOWN)
    };
    set.extract("extract/stranger", "E071", "signed by a key that the archive doesn't know", &strange(STRANGER))
        .statement = Some(3);
    set.extract("extract/wrong-role", "E072", "signed by a key without the role", &strange(LOG)).statement = Some(3);

    let mut strange = chain();
    strange.versions[1].signer = STRANGER;
    let mut archive = strange.build();
    let acknowledged = void::payload(&archive, 2);
    archive.govern("void", STEWARD, acknowledged.clone());
    let about = "the log's last statement acknowledges an entry that isn't shown";
    set.extract("extract/void-hidden", "", about, &archive.extract(&strange, SHOWN));
    archive.govern_with("void", STEWARD, acknowledged, &|header| header.set(1, Cbor::Negative(18)));
    let about = "two statements acknowledge an entry that isn't shown, which is not judged";
    set.extract("extract/void-hidden-twice", "", about, &archive.extract(&strange, &[1, 3, 4, 5]));

    for (name, about, of) in [
        ("void-in-force", "a version that is shown, and in force, is called void", 3),
        ("void-later", "an entry that is shown nowhere, and comes later, is called void", 6),
    ] {
        let mut archive = spec.build();
        let acknowledged = void::payload(&archive, of);
        let n = archive.govern("void", STEWARD, acknowledged);
        for article in [3, 4] {
            archive.add_version(&spec, &Version::text(article, "first", "Later.\n"), None);
        }
        let tree = archive.extract(&spec, &[1, 3, 4, n]);
        set.extract(&format!("extract/{name}"), "E095", about, &tree).statement = Some(n as u64);
    }

    let mut strange = small();
    strange.versions[1].signer = STRANGER;
    let mut archive = strange.build();
    let acknowledged = void::payload(&archive, 2);
    archive.govern("void", STEWARD, acknowledged);
    let about = "a void entry that the log's last statement acknowledges";
    let tree = archive.extract(&strange, &[1, 2]);
    set.extract("extract/void-acknowledged", "W004", about, &tree).statement = Some(2);

    let other = other().build();
    let mut archive = spec.build();
    archive.statements[3] = other.statements[3].clone();
    let tree = archive.extract(&spec, SHOWN);
    set.extract("extract/other-origin", "E073", "a statement of another origin, put into the log", &tree).statement =
        Some(3);
    let mut archive = spec.build();
    archive.statements[3] = archive.statements[1].clone();
    let tree = archive.extract(&spec, &[1, 3]);
    set.extract("extract/repeated", "E022", "a statement that is in the log twice", &tree).statement = Some(3);
    let mut charter = |name: &str, about: &str, title: Cbor| {
        let mut archive = spec.build();
        let second = Spec { nonce: "another", ..chain() }.build_with(&|n, stage| {
            if let (0, Stage::Payload(payload)) = (n, stage) {
                payload.set("title", title.clone());
            }
        });
        archive.statements[3] = second.statements[0].clone();
        let mut tree = archive.extract(&Spec { versions: small().versions, ..chain() }, &[1]);
        tree.put(&statement_name(3), archive.statements[3].clone());
        tree.put(&proof_name(3), archive.proof(3));
        set.extract(&format!("extract/{name}"), "E075", about, &tree).statement = Some(3);
    };
    charter("second-charter", "a second charter", "Vectors".into());
    charter("second-charter-shapeless", "a second charter, whose title is a number", 1.into());
}

fn trust(set: &mut Set) {
    let (archive, _) = tree();
    let mut less = archive.clone();
    less.truncate(4);
    let seen = |size, root: &[u8]| Some((size, hex(root)));
    let mut another = |name: &str, expected: &str, about: &str| {
        set.another(&format!("extract/{name}"), "good/extract", expected, about);
        set.vectors.len() - 1
    };
    let same = another("seen-same", "", "the checkpoint was seen before");
    let older = another("seen-older", "", "an older checkpoint was seen: nothing shows that the log extends it");
    let rolled_back =
        another("rolled-back", "E082", "a newer checkpoint was seen before: who may sign may have changed");
    let forked = another("forked", "E083", "a checkpoint of the same size and another root was seen before");
    let trusted = another("other-archive", "E080", "another archive is trusted");
    let founded = another("other-founder", "E081", "another founder is trusted");
    set.vectors[same].seen = seen(5, &archive.root());
    set.vectors[older].seen = seen(4, &less.root());
    set.vectors[rolled_back].seen = seen(6, &[7; 32]);
    set.vectors[forked].seen = seen(5, &less.root());
    set.vectors[trusted].archive = Some(hex(&[7; 32]));
    set.vectors[founded].founder = Some(hex(&STRANGER.public()));
    set.extracted("unsigned", "E012", "a checkpoint that no log key signed", |archive, tree| {
        let note = archive.note();
        let checkpoint = format!("{note}\n{}", line(&archive.origin, STRANGER, &note)).into_bytes();
        tree.put("checkpoint", checkpoint.clone());
        [0, 1, 3, 4]
            .into_iter()
            .for_each(|at| tree.put(&proof_name(at), proof_text(at, &archive.path(at), &checkpoint)));
    });
}
