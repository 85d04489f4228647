//! The programs that litopys is measured beside. Each function prepares what its peer works on, once, and says how to
//! run it; `None` means that the peer is not installed.

pub(crate) mod bagit;
pub(crate) mod git;
pub(crate) mod minisign;
pub(crate) mod ocfl;
pub(crate) mod p2panda;
pub(crate) mod restic;
pub(crate) mod sums;
