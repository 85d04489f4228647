//! Drafts of articles from what archivists have.
