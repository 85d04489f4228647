//! Measures litopys beside its peers.
fn main() {}
