//! How changes look: for people, and as JSON.

pub(crate) mod changes;
pub(crate) mod changes_json;
pub(crate) mod metadata;
pub(crate) mod text;
