//! Lists the articles of an archive's folder with all their versions, and prints the newest text of each.
//!
//! `cargo run --example read -- ARCHIVE`

use litopys::Role;
use litopys::check::Trust;
use litopys::store::folder::FolderStore;
use litopys::view::View;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: read ARCHIVE")?;
    let store = FolderStore::new(path);
    let view = View::open(&store, Trust::default(), 2)?;
    println!("{} calls itself {:?}", view.charter().origin, view.charter().title);
    for article in view.articles() {
        println!("\n{} {:?}", article.urn, article.subject);
        for version in &article.versions {
            let manifest = view.manifest(version)?;
            println!("  version {}: {:?}, signed {}", version.version, manifest.change, manifest.signed_at);
        }
        let Some(head) = article.head() else { continue };
        let manifest = view.manifest(head)?;
        if let Some(text) = manifest.file(Role::Text) {
            // Compared with its digest before it is given out.
            println!("  {:?}", String::from_utf8_lossy(&view.file(head, &manifest, text)?));
        }
    }
    Ok(())
}
