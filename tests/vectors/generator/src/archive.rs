//! Archives as they should be, built step by step so that each step can be spoiled.

use base64ct::{Base64, Encoding};
use litopys::StatementId;
use litopys::layout::Member;
use litopys::log::merkle::{Frontier, TreeBuilder};
use sha2::{Digest, Sha256};

use crate::cbor::{self, Cbor, NULL, map};
use crate::frame::frame;
use crate::keys::{ARCHIVIST, Key, LOG, STEWARD};
use crate::zip::RawZip;

pub(crate) const ORIGIN: &str = "vectors.example/archive";
const MIMETYPE: &[u8] = b"application/vnd.litopys+zip";
const README: &[u8] = include_bytes!("../../../../crates/litopys/src/store/bundle-readme.txt");

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn urn(article: u64) -> String {
    format!("urn:uuid:00000000-0000-4000-8000-{article:012x}")
}

/// 16 bytes that look random, from a text.
fn random16(of: &str) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&sha256(of.as_bytes())[..16]);
    out
}

/// What an archive is to hold.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) origin: &'static str,
    pub(crate) nonce: &'static str,
    pub(crate) title: &'static str,
    pub(crate) keys: Vec<(Key, &'static str, &'static [&'static str])>,
    pub(crate) threshold: u64,
    pub(crate) versions: Vec<Version>,
}

/// A version of an article.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) article: u64,
    pub(crate) signer: Key,
    pub(crate) change: &'static str,
    pub(crate) files: Vec<File>,
}

#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) path: &'static str,
    pub(crate) role: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// The frame that is kept in its place, if it is large.
    pub(crate) frame: Option<Vec<u8>>,
}

/// A step of making statement n. What it made can be changed before the next step takes it.
pub(crate) enum Stage<'a> {
    Manifest(&'a mut Cbor),
    ManifestBytes(&'a mut Vec<u8>),
    Payload(&'a mut Cbor),
    PayloadBytes(&'a mut Vec<u8>),
    Header(&'a mut Cbor),
    HeaderBytes(&'a mut Vec<u8>),
    /// The bytes to sign, and the signature.
    Signature(&'a [u8], &'a mut Vec<u8>),
    /// Protected and unprotected header, payload, signature.
    Outer(&'a mut Cbor),
    Statement(&'a mut Vec<u8>),
}

pub(crate) type Edit<'a> = &'a dyn Fn(usize, Stage<'_>);

/// An archive: its statements, and what stands beside them.
#[derive(Debug, Clone)]
pub(crate) struct Archive {
    pub(crate) origin: String,
    pub(crate) log: Key,
    /// The governance statement that the next statement names as its authority, by its index.
    pub(crate) authority: usize,
    pub(crate) statements: Vec<Vec<u8>>,
    /// A byte string or null each.
    pub(crate) manifests: Vec<Cbor>,
    /// An array each.
    pub(crate) packs: Vec<Cbor>,
    pub(crate) large: Vec<(String, Vec<u8>)>,
}

/// The static files of an archive, in order.
#[derive(Debug, Clone)]
pub(crate) struct Tree(pub(crate) Vec<(String, Vec<u8>)>);

pub(crate) const ALL_ROLES: &[&str] = &["archivist", "log", "steward"];

impl File {
    pub(crate) fn new(path: &'static str, role: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path, role, bytes: bytes.into(), frame: None }
    }

    fn name(&self) -> String {
        file_name(&sha256(&self.bytes), self.frame.is_some())
    }
}

pub(crate) fn file_name(digest: &[u8; 32], compressed: bool) -> String {
    let digest = hex(digest);
    format!("files/sha256/{}/{digest}{}", &digest[..2], if compressed { ".zst" } else { "" })
}

impl Version {
    pub(crate) fn new(article: u64, change: &'static str, files: Vec<File>) -> Self {
        Self { article, signer: ARCHIVIST, change, files }
    }

    /// One with a text alone.
    pub(crate) fn text(article: u64, change: &'static str, text: &str) -> Self {
        Self::new(article, change, vec![File::new("text.md", "text", text)])
    }
}

impl Spec {
    /// An archive of three keys with a role each.
    pub(crate) fn new(versions: Vec<Version>) -> Self {
        let keys: Vec<(Key, _, &[&str])> =
            vec![(STEWARD, "Stepan", &["steward"]), (ARCHIVIST, "Anna", &["archivist"]), (LOG, "Lesia", &["log"])];
        Self { origin: ORIGIN, nonce: "nonce", title: "Vectors", keys, threshold: 1, versions }
    }

    pub(crate) fn build(&self) -> Archive {
        self.build_with(&|_, _| {})
    }

    pub(crate) fn build_with(&self, edit: Edit<'_>) -> Archive {
        let log = self.keys.iter().find(|(_, _, roles)| roles.contains(&"log")).unwrap().0;
        let mut archive = Archive {
            origin: self.origin.to_owned(),
            log,
            authority: 0,
            statements: Vec::new(),
            manifests: Vec::new(),
            packs: Vec::new(),
            large: Vec::new(),
        };
        archive.add_charter(self, edit);
        let mut heads: Vec<(u64, u64, [u8; 32])> = Vec::new();
        for version in &self.versions {
            let head = heads.iter().rev().find(|(article, ..)| *article == version.article).copied();
            archive.add(self, version, head.map(|(_, number, id)| (number, id)), edit);
            let number = head.map_or(0, |(_, number, _)| number) + 1;
            heads.push((version.article, number, archive.id(archive.statements.len() - 1)));
        }
        archive
    }

    fn charter(&self) -> Cbor {
        let key = |(key, name, roles): &(Key, &'static str, &'static [&'static str])| {
            let roles: Vec<Cbor> = roles.iter().map(|role| (*role).into()).collect();
            map([("key", key.public().into()), ("name", (*name).into()), ("roles", Cbor::Array(roles))])
        };
        map([
            ("keys", Cbor::Array(self.keys.iter().map(key).collect())),
            ("nonce", random16(self.nonce).into()),
            ("title", self.title.into()),
            ("format", 1.into()),
            ("origin", self.origin.into()),
            ("threshold", self.threshold.into()),
        ])
    }

    fn manifest(&self, number: u64, version: &Version) -> Cbor {
        let file = |file: &File| {
            let media_type = if file.path.ends_with(".md") { "text/markdown" } else { "application/octet-stream" };
            map([
                ("path", file.path.into()),
                ("role", file.role.into()),
                ("size", (file.bytes.len() as u64).into()),
                ("type", media_type.into()),
                ("sha256", sha256(&file.bytes).into()),
            ])
        };
        map([
            ("salt", random16(&format!("{} {number}", urn(version.article))).into()),
            ("files", Cbor::Array(version.files.iter().map(file).collect())),
            ("change", version.change.into()),
            ("subject", format!("article {}", version.article).into()),
            ("signed_at", "2026-11-23T10:00:00Z".into()),
        ])
    }
}

/// The header of a statement.
pub(crate) fn header(kind: &str, key: [u8; 32], iss: &str, sub: &str) -> Cbor {
    let claims = vec![(Cbor::Uint(1), iss.into()), (Cbor::Uint(2), sub.into())];
    Cbor::Map(vec![
        (Cbor::Uint(1), Cbor::Negative(7)),
        (Cbor::Uint(3), format!("application/vnd.litopys.{kind}+cbor").into()),
        (Cbor::Uint(4), key.into()),
        (Cbor::Uint(15), Cbor::Map(claims)),
    ])
}

/// The bytes that are signed.
fn to_sign(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    [b"\x84\x6aSignature1", &cbor::bytes(protected)[..], b"\x40", &cbor::bytes(payload)].concat()
}

/// A statement, signed.
pub(crate) fn statement(n: usize, mut header: Cbor, mut payload: Cbor, signer: Key, edit: Edit<'_>) -> Vec<u8> {
    edit(n, Stage::Header(&mut header));
    edit(n, Stage::Payload(&mut payload));
    let (mut protected, mut payload) = (header.encode(), payload.encode());
    edit(n, Stage::HeaderBytes(&mut protected));
    edit(n, Stage::PayloadBytes(&mut payload));
    let message = to_sign(&protected, &payload);
    let mut signature = signer.sign(&message).to_vec();
    edit(n, Stage::Signature(&message, &mut signature));
    let mut outer = Cbor::Array(vec![protected.into(), Cbor::Map(Vec::new()), payload.into(), signature.into()]);
    edit(n, Stage::Outer(&mut outer));
    let mut statement = [&[0xd2], &outer.encode()[..]].concat();
    edit(n, Stage::Statement(&mut statement));
    statement
}

impl Archive {
    pub(crate) fn id(&self, n: usize) -> [u8; 32] {
        *StatementId::of(&self.statements[n]).as_bytes()
    }

    /// The id of the governance statement in force.
    pub(crate) fn in_force(&self) -> [u8; 32] {
        self.id(self.authority)
    }

    /// Adds the next version of an article, and gives its index.
    pub(crate) fn add_version(&mut self, spec: &Spec, version: &Version, head: Option<(u64, usize)>) -> usize {
        let head = head.map(|(number, n)| (number, self.id(n)));
        self.add(spec, version, head, &|_, _| {});
        self.statements.len() - 1
    }

    /// Adds a statement without a manifest, and gives its index.
    pub(crate) fn govern(&mut self, kind: &str, signer: Key, payload: Cbor) -> usize {
        self.govern_with(kind, signer, payload, &|_| {})
    }

    /// The same, with another header.
    pub(crate) fn govern_with(&mut self, kind: &str, signer: Key, payload: Cbor, edit: &dyn Fn(&mut Cbor)) -> usize {
        let mut header = header(kind, signer.public(), &self.origin, &self.origin);
        edit(&mut header);
        let statement = statement(self.statements.len(), header, payload, signer, &|_, _| {});
        self.push(statement, cbor::raw(NULL), Cbor::Array(Vec::new()));
        self.statements.len() - 1
    }

    fn push(&mut self, statement: Vec<u8>, manifest: Cbor, pack: Cbor) {
        self.statements.push(statement);
        self.manifests.push(manifest);
        self.packs.push(pack);
    }

    fn add_charter(&mut self, spec: &Spec, edit: Edit<'_>) {
        let signer = spec.keys[0].0;
        let header = header("charter", signer.public(), spec.origin, spec.origin);
        let statement = statement(0, header, spec.charter(), signer, edit);
        self.push(statement, cbor::raw(NULL), Cbor::Array(Vec::new()));
    }

    fn add(&mut self, spec: &Spec, version: &Version, head: Option<(u64, [u8; 32])>, edit: Edit<'_>) {
        let (n, number) = (self.statements.len(), head.map_or(0, |(number, _)| number) + 1);
        let mut manifest = spec.manifest(number, version);
        edit(n, Stage::Manifest(&mut manifest));
        let mut manifest = manifest.encode();
        edit(n, Stage::ManifestBytes(&mut manifest));
        let digest = map([("size", (manifest.len() as u64).into()), ("sha256", sha256(&manifest).into())]);
        let mut payload =
            map([("version", number.into()), ("manifest", digest), ("authority", self.in_force().into())]);
        if let Some((_, previous)) = head {
            payload.set("previous", previous);
        }
        let header = header("article", version.signer.public(), spec.origin, &urn(version.article));
        self.finish(version, header, payload, manifest, edit);
    }

    /// Adds an observation of an article, with the files and by the signer of `version`, and gives its index. `of` is the version observed.
    pub(crate) fn observe(&mut self, spec: &Spec, version: &Version, of: [u8; 32], edit: Edit<'_>) -> usize {
        let n = self.statements.len();
        let mut manifest = spec.manifest(n as u64, version);
        edit(n, Stage::Manifest(&mut manifest));
        let manifest = manifest.encode();
        let digest = map([("size", (manifest.len() as u64).into()), ("sha256", sha256(&manifest).into())]);
        let payload = map([
            ("at", "2026-11-24T10:00:00Z".into()),
            ("id", of.into()),
            ("outcome", "gone".into()),
            ("manifest", digest),
            ("authority", self.in_force().into()),
        ]);
        let header = header("observation", version.signer.public(), spec.origin, &urn(version.article));
        self.finish(version, header, payload, manifest, edit);
        n
    }

    fn finish(&mut self, version: &Version, header: Cbor, payload: Cbor, manifest: Vec<u8>, edit: Edit<'_>) {
        let statement = statement(self.statements.len(), header, payload, version.signer, edit);
        let mut pack: Vec<&[u8]> = Vec::new();
        for file in &version.files {
            if file.bytes.len() > 65_536 {
                let stored = file.frame.clone().unwrap_or_else(|| file.bytes.clone());
                if self.large.iter().all(|(name, _)| *name != file.name()) {
                    self.large.push((file.name(), stored));
                }
            } else if !pack.contains(&&file.bytes[..]) {
                pack.push(&file.bytes);
            }
        }
        let pack: Vec<Cbor> = pack.into_iter().map(|bytes| bytes.to_vec().into()).collect();
        self.push(statement, manifest.into(), Cbor::Array(pack));
    }

    /// Takes an entry out, with all that stands beside it.
    pub(crate) fn remove(&mut self, n: usize) {
        self.statements.remove(n);
        self.manifests.remove(n);
        self.packs.remove(n);
    }

    /// Puts an entry of another archive in.
    pub(crate) fn insert(&mut self, at: usize, other: &Self, n: usize) {
        self.statements.insert(at, other.statements[n].clone());
        self.manifests.insert(at, other.manifests[n].clone());
        self.packs.insert(at, other.packs[n].clone());
    }

    pub(crate) fn swap(&mut self, a: usize, b: usize) {
        self.statements.swap(a, b);
        self.manifests.swap(a, b);
        self.packs.swap(a, b);
    }

    pub(crate) fn truncate(&mut self, size: usize) {
        self.statements.truncate(size);
        self.manifests.truncate(size);
        self.packs.truncate(size);
    }

    pub(crate) fn root(&self) -> [u8; 32] {
        let mut frontier = Frontier::new();
        self.statements.iter().for_each(|statement| frontier.push(StatementId::of(statement)));
        *frontier.root().unwrap().as_bytes()
    }

    /// The three lines that are signed.
    pub(crate) fn note(&self) -> String {
        note(&self.origin, self.statements.len() as u64, &self.root())
    }

    pub(crate) fn checkpoint(&self) -> Vec<u8> {
        let note = self.note();
        format!("{note}\n{}", line(&self.origin, self.log, &note)).into_bytes()
    }

    /// All its files, of raw frames, under a checkpoint that is signed anew.
    pub(crate) fn tree(&self) -> Tree {
        let size = self.statements.len();
        let mut files = Tree(Vec::new());
        files.put("checkpoint", self.checkpoint());
        let mut tree = TreeBuilder::new();
        let mut full: Vec<_> = self.statements.iter().flat_map(|bytes| tree.push(StatementId::of(bytes))).collect();
        full.extend(tree.partials(0));
        full.into_iter().for_each(|(name, bytes)| files.put(&Member::Tile(name).to_string(), bytes));
        for start in (0..size).step_by(256) {
            let range = start..size.min(start + 256);
            let suffix = if range.len() < 256 { format!(".p/{}", range.len()) } else { String::new() };
            let name = |kind| format!("tile/{kind}/{:03}{suffix}", start / 256);
            let entry = |bytes: &Vec<u8>| [&(bytes.len() as u16).to_be_bytes(), &bytes[..]].concat();
            files.put(&name("entries"), self.statements[range.clone()].iter().flat_map(entry).collect());
            // The last tile has all the items that there are, also where they are too many.
            let end = |len: usize| if range.end == size { len } else { range.end };
            let items = |items: &[Cbor]| {
                frame(&items[start..end(items.len())].iter().flat_map(Cbor::encode).collect::<Vec<_>>())
            };
            files.put(&name("manifests"), items(&self.manifests));
            files.put(&name("packs"), items(&self.packs));
        }
        self.large.iter().for_each(|(name, bytes)| files.put(name, bytes.clone()));
        files
    }
}

/// The three lines of a checkpoint.
pub(crate) fn note(origin: &str, size: u64, root: &[u8]) -> String {
    format!("{origin}\n{size}\n{}\n", Base64::encode_string(root))
}

/// The key id of a signature line.
pub(crate) fn key_id(name: &str, key: [u8; 32]) -> [u8; 4] {
    let hash = sha256(&[name.as_bytes(), b"\n\x01", &key].concat());
    [hash[0], hash[1], hash[2], hash[3]]
}

/// A signature line with these bytes behind the key id.
pub(crate) fn line_of(name: &str, key: Key, signature: &[u8]) -> String {
    let decoded = [&key_id(name, key.public())[..], signature].concat();
    format!("\u{2014} {name} {}\n", Base64::encode_string(&decoded))
}

/// A signature line.
pub(crate) fn line(name: &str, key: Key, note: &str) -> String {
    line_of(name, key, &key.sign(note.as_bytes()))
}

impl Tree {
    /// The file whose name begins so.
    pub(crate) fn file(&mut self, prefix: &str) -> &mut Vec<u8> {
        &mut self.0.iter_mut().find(|(name, _)| name.starts_with(prefix)).expect("the file is there").1
    }

    /// The name that begins so.
    pub(crate) fn name(&self, prefix: &str) -> String {
        self.0.iter().find(|(name, _)| name.starts_with(prefix)).expect("the file is there").0.clone()
    }

    /// Takes out the files whose names begin so.
    pub(crate) fn remove(&mut self, prefix: &str) {
        self.0.retain(|(name, _)| !name.starts_with(prefix));
    }

    /// Puts a file in, where it belongs; a name that is none of the layout's goes last.
    pub(crate) fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.0.retain(|(old, _)| old != name);
        let place = |name: &str| Member::parse(name).map_or((1, None), |member| (0, Some(member)));
        let at = self.0.iter().position(|(old, _)| place(old) > place(name)).unwrap_or(self.0.len());
        self.0.insert(at, (name.to_owned(), bytes));
    }

    pub(crate) fn zip(&self) -> RawZip {
        let fixed = [("mimetype", MIMETYPE), ("README.txt", README)];
        RawZip::new(fixed.into_iter().chain(self.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))))
    }
}
