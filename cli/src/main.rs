//! litopys.
fn main() {}
