//! `cargo run -p litopys-vectors` writes `tests/vectors` anew; `cargo run -p litopys-vectors FOLDER` writes every vector's bundle into
//! a folder.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let set = litopys_vectors::generate();
    match std::env::args_os().nth(1) {
        Some(folder) => set.write_bundles(Path::new(&folder))?,
        None => set.write(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))?,
    }
    println!("{} vectors about {} bundles", set.vectors.len(), set.files.len());
    Ok(())
}
