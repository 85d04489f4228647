//! Founds an archive in a folder and signs an article and a correction of it.
//!
//! `cargo run --example create -- FOLDER`

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use litopys::archive::{Archive, BatchOptions};
use litopys::charter::{Charter, CharterKey, KeyRole};
use litopys::store::folder::FolderWriter;
use litopys::{Draft, DraftFile, Metadata, Role, SecretKey, Signer, Utc};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: create FOLDER")?;
    std::fs::create_dir_all(&folder)?;

    // Never like this but in an example: a key that anybody can guess.
    let key = SecretKey::from_seed(&[7; 32]);
    let roles = vec![KeyRole::Archivist, KeyRole::Log, KeyRole::Steward];
    let member = CharterKey { key: key.public_key().clone(), name: "an example".into(), roles };
    let charter = Charter::new("archive.example/demo".parse()?, "Demo".into(), vec![member], 1, random()?)?;
    let writer = FolderWriter::lock(&folder, Duration::ZERO)?;
    let mut archive = Archive::create(writer, charter, &key, &key)?;

    for text in ["It rained.\n", "It rained all day.\n"] {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let signed_at = Utc::from_unix(now).ok_or("the clock is beyond the year 9999")?;
        let options = BatchOptions::new(signed_at, 2);
        let mut fill = |buffer: &mut [u8]| getrandom::fill(buffer).is_ok();
        let mut outcome = |_, outcome| println!("{outcome:?}");
        let mut batch = archive.batch(&key, &key, options, &mut fill, &mut outcome)?;
        batch.add(Draft {
            subject: "https://news.example/rain".into(),
            metadata: Metadata { title: Some("Rain".into()), ..Metadata::default() },
            files: vec![DraftFile {
                path: "text.md".into(),
                role: Role::Text,
                media_type: "text/markdown".into(),
                original_name: None,
                content: text.as_bytes().to_vec().into(),
            }],
            ..Draft::default()
        })?;
        archive = batch.commit()?.0;
    }
    println!("{} statements; the archive's id is {}", archive.head().size(), archive.id());
    Ok(())
}

fn random() -> Result<[u8; 16], getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map(|()| bytes)
}
