//! The commands, one a file.

pub(crate) mod bundle;
pub(crate) mod id;
pub(crate) mod key;
pub(crate) mod meta;
pub(crate) mod trust;
pub(crate) mod verify;
