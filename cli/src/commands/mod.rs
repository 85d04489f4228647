//! The commands, one a file.

pub(crate) mod add;
mod apart;
pub(crate) mod bundle;
pub(crate) mod cat;
pub(crate) mod correct;
pub(crate) mod cosign;
pub(crate) mod create;
pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod find;
mod founders;
pub(crate) mod id;
pub(crate) mod inspect;
mod intake;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod meta;
pub(crate) mod observe;
pub(crate) mod prove;
pub(crate) mod show;
pub(crate) mod sign;
pub(crate) mod signers;
pub(crate) mod timestamp;
pub(crate) mod trust;
pub(crate) mod verify;
pub(crate) mod withdraw;
