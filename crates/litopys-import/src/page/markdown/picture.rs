//! Pictures and their captions.

use super::Writer;
use super::text::{flush, write_text};
use crate::page::dom::Id;
use crate::page::hints::is_caption;

#[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
impl Writer<'_> {
    /// A figure with pictures: each of them, the caption with the first.
    pub(super) fn figure(&mut self, id: Id, done: &mut Vec<String>) -> bool {
        let pictures: Vec<Id> = self.dom.within(id).filter(|at| self.dom.name(*at) == "img").collect();
        let has_more = self
            .dom
            .within(id)
            .any(|at| matches!(self.dom.name(at), "table" | "pre" | "blockquote" | "figure" if at != id));
        if has_more || pictures.is_empty() && self.all.sums[id].text > 400 {
            return false;
        }
        let caption = self.caption(id);
        let mut caption = Some(caption).filter(|caption| !caption.is_empty());
        for picture in pictures {
            let mut run = String::new();
            self.image(picture, caption.as_deref(), &mut run);
            if !run.is_empty() {
                caption = None;
                flush(&mut run, done);
            }
        }
        true
    }

    /// The text of a figure, or of what is called its caption.
    fn caption(&self, id: Id) -> String {
        self.dom.line(id).chars().take(1_000).collect()
    }

    /// Whether a block is a picture's caption: then it stands with the picture.
    pub(super) fn is_caption(&self, id: Id) -> bool {
        if self.all.sums[id].text > 600 || self.dom.within(id).any(|at| self.dom.name(at) == "img") {
            return false;
        }
        is_caption(self.dom, id)
    }

    pub(super) fn image(&mut self, id: Id, caption: Option<&str>, run: &mut String) {
        let size =
            |name| self.dom.attribute(id, name).and_then(|n| n.trim().trim_end_matches("px").parse::<u32>().ok());
        if size("width").is_some_and(|n| n < 32) || size("height").is_some_and(|n| n < 32) {
            return;
        }
        let set = |name| self.dom.attribute(id, name).and_then(largest);
        let sources = ["data-src", "data-lazy-src", "data-original", "data-url", "data-hi-res-src", "src"]
            .map(|name| self.dom.attribute(id, name));
        let found = sources
            .into_iter()
            .flatten()
            .chain(set("data-srcset"))
            .chain(set("srcset"))
            .map(str::trim)
            .find(|source| !source.is_empty() && !source.starts_with("data:") && !source.starts_with("about:"));
        let Some(source) = found.map(str::to_owned) else { return };
        let Some(target) = self.target(&source, true) else { return };
        let mut alt = String::new();
        write_text(self.dom.attribute(id, "alt").unwrap_or_default(), &mut alt);
        let alt: String = alt.trim().chars().take(500).collect();
        let near = if caption.is_none() { self.caption_near(id) } else { None };
        let title = caption.map(str::to_owned).or(near).map(|caption| {
            let mut title = String::new();
            write_text(&caption.replace('"', "\u{201d}"), &mut title);
            format!(" \"{}\"", title.trim())
        });
        run.push_str(&format!("![{}]({target}{})", alt.trim_end_matches('\\'), title.unwrap_or_default()));
    }

    /// The caption beside a picture, not in a figure: in the smallest of the elements around it that has one.
    fn caption_near(&self, id: Id) -> Option<String> {
        for up in self.dom.ancestors(id).take(4) {
            if self.all.sums[up].text > 1_200 || matches!(self.dom.name(up), "figure" | "body" | "article") {
                return None;
            }
            let found = self.dom.within(up).find(|at| {
                self.all.seen[*at]
                    && !self.dom.name(*at).is_empty()
                    && is_caption(self.dom, *at)
                    && self.all.sums[*at].text > 0
                    && self.all.sums[*at].text < 600
            });
            if let Some(found) = found {
                return Some(self.caption(found));
            }
        }
        None
    }
}

/// The last source of a `srcset`, which is the largest by custom.
fn largest(set: &str) -> Option<&str> {
    set.split(", ").filter_map(|part| part.split_whitespace().next()).last()
}
