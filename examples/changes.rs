//! Tells which articles of two archives of one origin differ, and which words.
//!
//! `cargo run --example changes -- OLDER NEWER`, two folders

use litopys::diff::{DiffOptions, archives};
use litopys::store::folder::FolderStore;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (older, newer) = args.next().zip(args.next()).ok_or("usage: changes OLDER NEWER")?;
    let (older, newer) = (FolderStore::new(older), FolderStore::new(newer));
    let options = DiffOptions { details: true, threads: 2 };
    let relation = archives(&older, &newer, options, &mut |article| {
        // `{:?}` escapes what an archive says: it may be hostile to a terminal.
        println!("{:?} {:?} ({:?})", article.change, article.subject, article.reason);
        if let Some(text) = article.text {
            for change in text.changes {
                println!("  - {:?}\n  + {:?}", &text.before[change.before], &text.after[change.after]);
            }
        }
    })?;
    println!("{relation:?}");
    Ok(())
}
