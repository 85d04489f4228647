//! What a WACZ says of itself, recomputed.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::signature::{self, Signed};
use super::zip::Members;
use crate::limits;
use crate::warc::{Flaw, WarcFault};

/// What was found out about a WACZ.
pub(super) struct Package {
    /// In words, for the provenance.
    pub(super) words: String,
    /// What concerns every page in it.
    flaws: Vec<Flaw>,
    /// Whether each file's hash is the one listed. What is missing here isn't listed.
    listed: BTreeMap<String, bool>,
}

#[derive(Deserialize)]
struct DataPackage {
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    path: String,
    #[serde(default)]
    hash: String,
}

/// `datapackage-digest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PackageDigest {
    #[serde(default)]
    hash: String,
    signed_data: Option<Signed>,
}

const PACKAGE: &str = "datapackage.json";
const DIGEST: &str = "datapackage-digest.json";

impl Package {
    pub(super) fn check(members: &Members) -> Result<Self, WarcFault> {
        if !members.has(PACKAGE) {
            return Ok(Self { words: format!("no {PACKAGE}"), flaws: vec![Flaw::Unlisted], listed: BTreeMap::new() });
        }
        let bytes = members.content(PACKAGE, limits::WACZ_JSON)?;
        let package: DataPackage = serde_json::from_slice(&bytes).map_err(|_| WarcFault::Json(PACKAGE))?;
        let mut listed = BTreeMap::new();
        for resource in package.resources.into_iter().take(limits::ZIP_MEMBERS) {
            let good = members.has(&resource.path) && is_of(&resource.hash, members.open(&resource.path)?)?;
            // Listed twice, it must fit twice.
            *listed.entry(resource.path).or_insert(true) &= good;
        }
        let good = listed.values().filter(|good| **good).count();
        let mut words = format!("{good} of {} files have the hashes that {PACKAGE} lists", listed.len());
        let mut flaws = Vec::new();
        let digest = format!("sha256:{}", data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)));
        words.push_str("; ");
        words.push_str(&digested(members, &digest, &mut flaws)?);
        Ok(Self { words, flaws, listed })
    }

    /// What is wrong with the pages of a file in it.
    pub(super) fn flaws_of(&self, name: &str) -> Vec<Flaw> {
        let mut flaws = self.flaws.clone();
        match self.listed.get(name) {
            Some(true) => {}
            Some(false) => flaws.push(Flaw::PackageHash),
            None if flaws.contains(&Flaw::Unlisted) => {}
            None => flaws.push(Flaw::Unlisted),
        }
        flaws
    }
}

/// What the digest and the signature of `datapackage.json` are worth, whose recomputed digest is given.
fn digested(members: &Members, digest: &str, flaws: &mut Vec<Flaw>) -> Result<String, WarcFault> {
    if !members.has(DIGEST) {
        return Ok("not signed".to_owned());
    }
    let bytes = members.content(DIGEST, limits::WACZ_JSON)?;
    let said: PackageDigest = serde_json::from_slice(&bytes).map_err(|_| WarcFault::Json(DIGEST))?;
    if said.hash != digest {
        flaws.push(Flaw::PackageDigest);
    }
    let of_package = if said.hash == digest { "has the digest" } else { "HAS NOT THE DIGEST" };
    let words = format!("{PACKAGE} {of_package} that {DIGEST} gives");
    let Some(signed) = said.signed_data else { return Ok(format!("{words}; not signed")) };
    // What counts as signed is what is here, whatever the block says was signed.
    let verdict = signature::check(&signed, digest);
    if !verdict.holds {
        flaws.push(Flaw::PackageSignature);
    }
    Ok(format!("{words}; {}", verdict.words))
}

/// Whether a hash as WACZ gives it is that of these bytes.
fn is_of(hash: &str, mut reader: impl Read) -> Result<bool, WarcFault> {
    let Some(hex) = hash.strip_prefix("sha256:") else { return Ok(false) };
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            // A member that can't be unpacked has no hash.
            Err(error) if crate::warc::source::is_corrupt(&error) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(data_encoding::HEXLOWER.encode(&hasher.finalize()).eq_ignore_ascii_case(hex))
}
