//! rocfl: an OCFL 1.1 storage root with an object for each article, validated. The root is written here: rocfl itself
//! takes 40 ms an object.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256, Sha512};

use super::sums::hex;
use crate::bench::Bench;
use crate::measure::{Peer, Task};
use crate::process::Cmd;
use crate::{Result, disk, tool};

/// Validates a root with the articles of these rounds.
pub(crate) fn validate<'a>(bench: &'a Bench, name: &str, rounds: &[PathBuf]) -> Peer<'a> {
    let Some(program) = tool::find("rocfl") else { return Ok(None) };
    let root = disk::prepared(&bench.peer(&format!("ocfl-{name}")), |dir| write_root(rounds, dir))?;
    Ok(Some(Task::new("rocfl validate", Cmd::new(&program).arg("--root").arg(root).args(["--quiet", "validate"]))))
}

fn write_root(rounds: &[PathBuf], root: &Path) -> Result<()> {
    fs::write(root.join("0=ocfl_1.1"), "ocfl_1.1\n")?;
    let layout = r#"{"extension":"0004-hashed-n-tuple-storage-layout","description":"hashed"}"#;
    fs::write(root.join("ocfl_layout.json"), layout)?;
    let Some(first) = rounds.first() else { return Ok(()) };
    for path in disk::files(first)? {
        let id = path.to_str().ok_or("a path that is no text")?;
        let place = hex(&Sha256::digest(id));
        let object = root.join(&place[..3]).join(&place[3..6]).join(&place[6..9]).join(&place);
        disk::write(&object.join("0=ocfl_object_1.1"), b"ocfl_object_1.1\n")?;
        write_versions(id, rounds, &object)?;
    }
    Ok(())
}

/// Writes the versions of an object: the content, and an inventory each that also lists the earlier ones.
fn write_versions(id: &str, rounds: &[PathBuf], object: &Path) -> Result<()> {
    let (mut manifest, mut versions) = (Vec::new(), Vec::new());
    for (number, round) in (1..).zip(rounds) {
        let content = fs::read(round.join(id))?;
        let digest = hex(&Sha512::digest(&content));
        manifest.push(format!(r#""{digest}":["v{number}/content/article.md"]"#));
        versions.push(format!(
            r#""v{number}":{{"created":"2026-11-01T00:00:0{number}Z","message":"v{number}","state":{{"{digest}":["article.md"]}},"user":{{"name":"A","address":"mailto:a@bench.example"}}}}"#
        ));
        let inventory = format!(
            r#"{{"id":"{id}","type":"https://ocfl.io/1.1/spec/#inventory","digestAlgorithm":"sha512","head":"v{number}","manifest":{{{}}},"versions":{{{}}}}}"#,
            manifest.join(","),
            versions.join(",")
        );
        let sidecar = format!("{} inventory.json\n", hex(&Sha512::digest(&inventory)));
        disk::write(&object.join(format!("v{number}/content/article.md")), &content)?;
        for dir in [object.join(format!("v{number}")), object.to_owned()] {
            disk::write(&dir.join("inventory.json"), inventory.as_bytes())?;
            disk::write(&dir.join("inventory.json.sha512"), sidecar.as_bytes())?;
        }
    }
    Ok(())
}
