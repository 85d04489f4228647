//! What the archivist says of an article, whatever its source says.

use litopys::manifest::{Captured, DerivedFrom, TextMap};
use litopys::{Draft, Edtf, Original, Utc};

/// Metadata that the archivist sets by flags. What is `None` or empty stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "see litopys::Metadata")]
pub struct Overrides {
    pub subject: Option<String>,
    pub title: Option<String>,
    pub authors: Vec<String>,
    pub publisher: Option<String>,
    pub language: Option<String>,
    pub published: Option<Edtf>,
    pub modified: Option<Edtf>,
    pub captured_at: Option<Utc>,
    pub captured_url: Option<String>,
    pub captured_via: Option<String>,
    pub captured_tool: Option<String>,
    pub tags: Vec<String>,
    pub rights: Option<String>,
    pub summary: Option<String>,
    pub note: Option<String>,
    pub derived_from: Option<DerivedFrom>,
    pub original: Option<Original>,
    /// Added to what is there, key by key.
    pub extra: TextMap,
}

impl Overrides {
    /// Sets the fields of a draft, each with the flag that it came from in `provenance`.
    pub fn apply(&self, draft: &mut Draft) {
        if *self == Self::default() {
            return;
        }
        let m = &mut draft.metadata;
        let told = &mut m.provenance;
        set(&mut draft.subject, self.subject.as_ref(), told, "subject", "subject");
        set_option(&mut m.title, self.title.as_ref(), told, "title", "title");
        set(&mut m.authors, Some(&self.authors).filter(|a| !a.is_empty()), told, "authors", "author");
        set_option(&mut m.publisher, self.publisher.as_ref(), told, "publisher", "publisher");
        set_option(&mut m.language, self.language.as_ref(), told, "language", "language");
        set_option(&mut m.published, self.published.as_ref(), told, "published", "published");
        set_option(&mut m.modified, self.modified.as_ref(), told, "modified", "modified");
        set(&mut m.tags, Some(&self.tags).filter(|t| !t.is_empty()), told, "tags", "tag");
        set_option(&mut m.rights, self.rights.as_ref(), told, "rights", "rights");
        set_option(&mut m.summary, self.summary.as_ref(), told, "summary", "summary");
        set_option(&mut m.note, self.note.as_ref(), told, "note", "note");
        set_option(&mut m.derived_from, self.derived_from.as_ref(), told, "derived_from", "derived-from");
        set_option(&mut draft.original, self.original.as_ref(), told, "derived_from", "translation-of");
        let mut captured = m.captured.take().unwrap_or_default();
        set_option(&mut captured.at, self.captured_at.as_ref(), told, "captured.at", "captured-at");
        set_option(&mut captured.url, self.captured_url.as_ref(), told, "captured.url", "captured-url");
        set_option(&mut captured.via, self.captured_via.as_ref(), told, "captured.via", "captured-via");
        set_option(&mut captured.tool, self.captured_tool.as_ref(), told, "captured.tool", "captured-tool");
        m.captured = (captured != Captured::default()).then_some(captured);
        for (key, value) in &self.extra {
            m.extra.insert(key.clone(), value.clone());
            told.insert(format!("extra.{key}"), "flag --extra".to_owned());
        }
    }
}

fn set<T: Clone>(field: &mut T, value: Option<&T>, told: &mut TextMap, name: &str, flag: &str) {
    if let Some(value) = value {
        field.clone_from(value);
        told.insert(name.to_owned(), format!("flag --{flag}"));
    }
}

fn set_option<T: Clone>(field: &mut Option<T>, value: Option<&T>, told: &mut TextMap, name: &str, flag: &str) {
    if let Some(value) = value {
        *field = Some(value.clone());
        told.insert(name.to_owned(), format!("flag --{flag}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_sets_its_field_and_says_so() {
        let mut draft = Draft { subject: "a.md".into(), ..Draft::default() };
        draft.metadata.title = Some("old".into());
        draft.metadata.provenance.insert("title".into(), "line 1".into());
        let untouched = draft.metadata.clone();
        Overrides::default().apply(&mut draft);
        assert_eq!(draft.metadata, untouched);
        let overrides = Overrides {
            title: Some("new".into()),
            published: Some("2025-09-05".parse().unwrap()),
            captured_url: Some("https://example.org/".into()),
            tags: vec!["t".into()],
            ..Overrides::default()
        };
        overrides.apply(&mut draft);
        let m = draft.metadata;
        assert_eq!((draft.subject.as_str(), m.title.as_deref()), ("a.md", Some("new")));
        assert_eq!(m.published.unwrap().as_str(), "2025-09-05");
        assert_eq!(m.captured.unwrap().url.as_deref(), Some("https://example.org/"));
        assert_eq!(m.provenance["title"], "flag --title");
        assert_eq!(m.provenance["captured.url"], "flag --captured-url");
        assert_eq!(m.provenance.len(), 4);
    }
}
