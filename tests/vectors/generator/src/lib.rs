//! Makes the conformance vectors of `tests/vectors`: good archives, and ones with a single fault each, byte for byte the same every
//! time. It shares nothing with the library's writer but keys, hashes and the order of names, so that anything wrong can be written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_truncation, clippy::missing_panics_doc)]

mod archive;
mod cbor;
mod delta;
#[path = "../../../support/der.rs"]
mod der;
mod extract;
mod frame;
mod keys;
mod vectors;
#[path = "../../../../crates/litopys/src/store/zip/tests/raw.rs"]
mod zip;

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use serde_json::{Value, json};

pub use vectors::generate;

/// One conformance vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vector {
    /// Its name: a group and a name in it.
    pub name: String,
    /// What is wrong with it, or what it shows.
    pub about: String,
    /// The name of the bundle that it is about, which another vector may have given.
    pub file: String,
    /// What a verifier says, trust aside: verified, failed or unchecked.
    pub verdict: String,
    /// One code that is among its findings; nothing is found where there is none.
    pub code: Option<String>,
    /// The statement that the finding with this code names.
    pub statement: Option<u64>,
    /// Whether the same holds of a folder with the bundle's files.
    pub unpacked: bool,
    /// What is done to that folder first; then the vector is about the folder alone.
    pub edits: Vec<Edit>,
    /// The archive that the verifier trusts.
    pub archive: Option<String>,
    /// The founder's key that the verifier trusts.
    pub founder: Option<String>,
    /// A checkpoint that the verifier saw before: size and root.
    pub seen: Option<(u64, String)>,
    /// The witnesses that the verifier knows, as C2SP verifier keys.
    pub witnesses: Vec<String>,
    /// How many of them must have cosigned.
    pub quorum: Option<u64>,
    /// Whose timestamps the verifier believes, and when it judges them.
    pub clocks: Option<Clocks>,
}

/// How timestamps are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clocks {
    /// The file of the roots, in `tests/vectors`.
    pub tsa_root: String,
    /// The moment.
    pub at: String,
}

/// A vector about a fork proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForkVector {
    /// Its name.
    pub name: String,
    /// What is wrong with it, or what it shows.
    pub about: String,
    /// Why it proves nothing; none where it proves a fork.
    pub code: Option<String>,
    /// How many keys signed both states.
    pub keys: Option<u64>,
    /// The proof.
    pub proof: String,
}

/// A change of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Writes a file.
    Write(String, Vec<u8>),
    /// Removes a file.
    Remove(String),
    /// Moves a file or folder.
    Move(String, String),
    /// Makes a symbolic link to a target.
    Link(String, String),
}

/// All vectors, and the bundles that they are about.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// The vectors.
    pub vectors: Vec<Vector>,
    /// The bundles, by their names.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The vectors about fork proofs.
    pub forks: Vec<ForkVector>,
}

/// The bundles that are there as files; the others are made from them.
pub const BASES: [&str; 7] =
    ["good/charter", "good/small", "good/chain", "good/files", "good/articles", "good/two-tiles", "good/extract"];

/// The name of the file of a base.
pub fn file_name(base: &str) -> String {
    format!("{base}.litopys")
}

impl Vector {
    fn to_json(&self, made: Option<(&str, Value)>) -> Value {
        let mut out = json!({"name": self.name, "verdict": self.verdict, "about": self.about, "file": self.file});
        let mut set = |key: &str, value: Option<Value>| {
            if let (Some(value), Some(out)) = (value, out.as_object_mut()) {
                out.insert(key.to_owned(), value);
            }
        };
        set("code", self.code.clone().map(Value::from));
        set("statement", self.statement.map(Value::from));
        set("unpacked", self.unpacked.then_some(Value::from(true)));
        let edits: Vec<_> = self.edits.iter().map(Edit::to_json).collect();
        set("edits", (!edits.is_empty()).then(|| edits.into()));
        set("archive", self.archive.clone().map(Value::from));
        set("founder", self.founder.clone().map(Value::from));
        set("seen", self.seen.as_ref().map(|(size, root)| json!({"size": size, "root": root})));
        set("witnesses", (!self.witnesses.is_empty()).then(|| self.witnesses.clone().into()));
        set("quorum", self.quorum.map(Value::from));
        set("tsa_root", self.clocks.as_ref().map(|clocks| Value::from(clocks.tsa_root.clone())));
        set("at", self.clocks.as_ref().map(|clocks| Value::from(clocks.at.clone())));
        set("base", made.as_ref().map(|(base, _)| Value::from(*base)));
        set("pieces", made.map(|(_, pieces)| pieces));
        out
    }

    fn from_json(json: &Value) -> Option<Self> {
        let text = |key: &str| json[key].as_str().map(str::to_owned);
        let seen = &json["seen"];
        Some(Self {
            name: text("name")?,
            about: text("about")?,
            file: text("file")?,
            verdict: text("verdict")?,
            code: text("code"),
            statement: json["statement"].as_u64(),
            unpacked: json["unpacked"].as_bool().unwrap_or(false),
            edits: json["edits"].as_array().into_iter().flatten().map(Edit::from_json).collect::<Option<_>>()?,
            archive: text("archive"),
            founder: text("founder"),
            seen: seen["size"].as_u64().zip(seen["root"].as_str().map(str::to_owned)),
            witnesses: json["witnesses"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|key| Some(key.as_str()?.to_owned()))
                .collect::<Option<_>>()?,
            quorum: json["quorum"].as_u64(),
            clocks: text("tsa_root").zip(text("at")).map(|(tsa_root, at)| Clocks { tsa_root, at }),
        })
    }
}

impl ForkVector {
    fn to_json(&self) -> Value {
        let mut out = json!({"name": self.name, "about": self.about, "proof": self.proof});
        match (&self.code, self.keys) {
            (Some(code), _) => out["code"] = json!(code),
            (None, keys) => out["keys"] = json!(keys),
        }
        out
    }

    fn from_json(json: &Value) -> Option<Self> {
        let text = |key: &str| json[key].as_str().map(str::to_owned);
        let (code, keys) = (text("code"), json["keys"].as_u64());
        Some(Self { name: text("name")?, about: text("about")?, code, keys, proof: text("proof")? })
    }
}

impl Edit {
    fn to_json(&self) -> Value {
        match self {
            Self::Write(name, bytes) => json!({"write": name, "hex": archive::hex(bytes)}),
            Self::Remove(name) => json!({"remove": name}),
            Self::Move(from, to) => json!({"move": from, "to": to}),
            Self::Link(name, to) => json!({"link": name, "to": to}),
        }
    }

    fn from_json(json: &Value) -> Option<Self> {
        let text = |key: &str| json[key].as_str().map(str::to_owned);
        if let Some(name) = text("write") {
            return Some(Self::Write(name, delta::unhex(&text("hex")?)?));
        }
        match (text("remove"), text("move"), text("link")) {
            (Some(name), ..) => Some(Self::Remove(name)),
            (_, Some(from), _) => Some(Self::Move(from, text("to")?)),
            (.., link) => Some(Self::Link(link?, text("to")?)),
        }
    }
}

impl Set {
    /// The text of `vectors.json`: one vector a line.
    pub fn index(&self) -> String {
        let bases = BASES.map(|name| (name, delta::Base::new(&self.files[name])));
        // Only large bundles are made from large ones.
        let fitting =
            |size: usize| bases.iter().filter(move |(name, _)| size > 20_000 || self.files[*name].len() < 20_000);
        let made = |vector: &Vector| {
            if vector.file != vector.name || BASES.contains(&vector.name.as_str()) {
                return None;
            }
            let bytes = &self.files[&vector.file];
            let pieces = fitting(bytes.len()).map(|(name, base)| (*name, delta::to_json(&base.pieces(bytes))));
            pieces.min_by_key(|(_, pieces)| pieces.to_string().len())
        };
        let lines: Vec<_> = self.vectors.iter().map(|vector| vector.to_json(made(vector)).to_string()).collect();
        format!("[\n{}\n]\n", lines.join(",\n"))
    }

    /// Writes `vectors.json` and the bases into a folder.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        BASES.iter().try_for_each(|name| self.write_bundle(root, name))?;
        fs::write(root.join("forks.json"), self.forks_index())?;
        fs::write(root.join("vectors.json"), self.index())
    }

    /// The text of `forks.json`: one vector a line.
    pub fn forks_index(&self) -> String {
        let lines: Vec<_> = self.forks.iter().map(|vector| vector.to_json().to_string()).collect();
        format!("[\n{}\n]\n", lines.join(",\n"))
    }

    /// Writes every bundle into a folder.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write_bundles(&self, root: &Path) -> io::Result<()> {
        self.files.keys().try_for_each(|name| self.write_bundle(root, name))
    }

    fn write_bundle(&self, root: &Path, name: &str) -> io::Result<()> {
        let path = root.join(file_name(name));
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, &self.files[name])
    }

    /// Reads what [`Set::write`] wrote.
    ///
    /// # Errors
    /// Those of the file system, and [`io::ErrorKind::InvalidData`].
    pub fn read(root: &Path) -> io::Result<Self> {
        let invalid = || io::Error::from(io::ErrorKind::InvalidData);
        let index: Vec<Value> = serde_json::from_str(&fs::read_to_string(root.join("vectors.json"))?)?;
        let mut set = Self::default();
        let forks: Vec<Value> = serde_json::from_str(&fs::read_to_string(root.join("forks.json"))?)?;
        set.forks = forks.iter().map(ForkVector::from_json).collect::<Option<_>>().ok_or_else(invalid)?;
        for name in BASES {
            set.files.insert(name.to_owned(), fs::read(root.join(file_name(name)))?);
        }
        for json in index {
            let vector = Vector::from_json(&json).ok_or_else(invalid)?;
            if let Some(base) = json["base"].as_str() {
                let base = set.files.get(base).ok_or_else(invalid)?;
                let bytes = delta::join(base, &delta::from_json(&json["pieces"]).ok_or_else(invalid)?);
                set.files.insert(vector.file.clone(), bytes);
            }
            set.vectors.push(vector);
        }
        Ok(set)
    }
}
