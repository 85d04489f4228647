//! JSON-LD in a page: the object that is the article, and broken JSON as well as can be.

use serde_json::{Map, Value};

use super::dom::{Dom, ROOT};

/// How deep objects within objects are looked into.
const DEPTH: usize = 8;
/// How many objects of a page are looked at.
const OBJECTS: usize = 2_000;

/// All objects of a page's JSON-LD, in order, each with its type.
#[derive(Debug, Default)]
pub(super) struct Linked {
    objects: Vec<Map<String, Value>>,
}

impl Linked {
    pub(super) fn of(dom: &Dom) -> Self {
        let mut linked = Self::default();
        for id in dom.within(ROOT) {
            let is_ld = dom.name(id) == "script"
                && dom.attribute(id, "type").is_some_and(|t| t.to_ascii_lowercase().contains("ld+json"));
            if is_ld {
                let text: String = dom.children(id).filter_map(|child| dom.text_of(child)).collect();
                if let Some(value) = parse(&text) {
                    linked.collect(value, 0);
                }
            }
        }
        linked
    }

    fn collect(&mut self, value: Value, depth: usize) {
        if depth > DEPTH || self.objects.len() >= OBJECTS {
            return;
        }
        match value {
            Value::Array(all) => all.into_iter().for_each(|value| self.collect(value, depth + 1)),
            Value::Object(object) => {
                let inner = ["@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item"]
                    .map(|key| object.get(key).cloned());
                self.objects.push(object);
                inner
                    .into_iter()
                    .flatten()
                    .filter(|value| !value.is_string())
                    .for_each(|value| self.collect(value, depth + 1));
            }
            _ => {}
        }
    }

    /// The article: of those that there are the one with one of these titles, else the first.
    pub(super) fn article(&self, titles: &[String]) -> Option<(&str, &Map<String, Value>)> {
        let articles: Vec<_> = self
            .objects
            .iter()
            .filter_map(|object| Some((kind(object).filter(|kind| is_article(kind))?, object)))
            .collect();
        let same = |object: &Map<String, Value>| {
            text(object, "headline")
                .or_else(|| text(object, "name"))
                .is_some_and(|headline| titles.iter().any(|title| alike(title, &headline)))
        };
        articles.iter().find(|(_, object)| same(object)).or_else(|| articles.first()).copied()
    }

    /// The page itself, where it says so.
    pub(super) fn page(&self) -> Option<(&str, &Map<String, Value>)> {
        self.objects.iter().find_map(|object| {
            Some((
                kind(object).filter(|kind| {
                    kind.ends_with("WebPage")
                        || kind.ends_with("Page")
                        || matches!(*kind, "Recipe" | "PodcastEpisode" | "VideoObject" | "Review" | "Book" | "Event")
                })?,
                object,
            ))
        })
    }

    fn by_id(&self, id: &str) -> Option<&Map<String, Value>> {
        self.objects.iter().find(|object| object.get("@id").and_then(Value::as_str) == Some(id) && object.len() > 1)
    }

    /// The names in a value: texts, and the `name` of objects, here or where their `@id` leads.
    pub(super) fn names(&self, value: &Value) -> Vec<String> {
        match value {
            Value::String(name) => vec![clean(name)],
            Value::Array(all) => all
                .iter()
                .take(64)
                .flat_map(|value| if value.is_array() { Vec::new() } else { self.names(value) })
                .collect(),
            Value::Object(object) => {
                let named = |object: &Map<String, Value>| match object.get("name") {
                    Some(Value::Array(all)) => all.iter().take(64).filter_map(Value::as_str).map(clean).collect(),
                    Some(Value::String(name)) => vec![clean(name)],
                    _ => Vec::new(),
                };
                let here = named(object);
                let there = || {
                    object
                        .get("@id")
                        .and_then(Value::as_str)
                        .and_then(|id| self.by_id(id))
                        .map(named)
                        .unwrap_or_default()
                };
                if here.is_empty() { there() } else { here }
            }
            _ => Vec::new(),
        }
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect()
    }
}

/// A text of an object: a string, or the first of some, or the `@value` or `name` of an object.
pub(super) fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    let mut value = object.get(key)?;
    if let Value::Array(all) = value {
        value = all.first()?;
    }
    if let Value::Object(inner) = value {
        value = inner.get("@value").or_else(|| inner.get("name")).or_else(|| inner.get("@id"))?;
    }
    value.as_str().map(clean).filter(|text| !text.is_empty())
}

fn kind(object: &Map<String, Value>) -> Option<&str> {
    let kinds = match object.get("@type")? {
        Value::Array(all) => {
            all.iter().filter_map(Value::as_str).find(|kind| is_article(local(kind))).or_else(|| all.first()?.as_str())
        }
        value => value.as_str(),
    };
    kinds.map(local)
}

fn local(kind: &str) -> &str {
    kind.rsplit(['/', '#', ':']).next().unwrap_or(kind)
}

fn is_article(kind: &str) -> bool {
    kind.ends_with("Article")
        || kind.ends_with("BlogPosting")
        || matches!(
            kind,
            "Report"
                | "SocialMediaPosting"
                | "DiscussionForumPosting"
                | "OpinionNews"
                | "CreativeWork"
                | "Blog"
                | "Posting"
        )
}

/// Whether two titles have the same letters.
pub(super) fn alike(a: &str, b: &str) -> bool {
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (a, b) = (letters(a), letters(b));
    !a.is_empty() && a == b
}

/// A value as text: pages escape what they put there as for HTML.
fn clean(text: &str) -> String {
    super::dom::one_line(&super::entities::decode(text))
}

fn parse(text: &str) -> Option<Value> {
    let text =
        text.trim().trim_start_matches("<!--").trim_start_matches("//<![CDATA[").trim_start_matches("<![CDATA[").trim();
    let text = text.trim_end_matches("-->").trim_end_matches("]]>").trim_end_matches("//").trim().trim_end_matches(';');
    let stream = |text: &str| {
        let all: Vec<Value> =
            serde_json::Deserializer::from_str(text).into_iter::<Value>().map_while(Result::ok).collect();
        if all.is_empty() { None } else { Some(Value::Array(all)) }
    };
    serde_json::from_str(text)
        .ok()
        .or_else(|| serde_json::from_str(&mended(text)).ok())
        .or_else(|| stream(&mended(text)))
}

/// JSON with line breaks in its strings and commas too many, without them.
fn mended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        if quoted {
            let odd = escaped && !matches!(c, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u');
            if odd {
                out.pop();
            }
            out.push(if c.is_control() { ' ' } else { c });
            quoted = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            continue;
        }
        if matches!(c, '}' | ']') {
            while out.ends_with(|c: char| c.is_whitespace()) {
                out.pop();
            }
            if out.ends_with(',') {
                out.pop();
            }
        }
        quoted = c == '"';
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(json: &str, titles: &[&str]) -> Option<(String, String)> {
        let parsed = super::super::parse::parse(&format!("<script type=application/ld+json>{json}</script>"), true);
        let linked = Linked::of(&parsed.dom);
        let titles: Vec<_> = titles.iter().map(|t| (*t).to_owned()).collect();
        let (kind, object) = linked.article(&titles)?;
        Some((kind.to_owned(), text(object, "headline").unwrap_or_default()))
    }

    #[test]
    fn an_article_is_found_wherever_it_is() {
        let found = |kind: &str, headline: &str| Some((kind.to_owned(), headline.to_owned()));
        assert_eq!(article(r#"{"@type":"NewsArticle","headline":"A &amp; B"}"#, &[]), found("NewsArticle", "A & B"));
        assert_eq!(
            article(r#"{"@graph":[{"@type":"WebSite"},{"@type":["Thing","Article"],"headline":"A"}]}"#, &[]),
            found("Article", "A")
        );
        assert_eq!(
            article(r#"[{"@type":"Article","headline":"A"},{"@type":"Article","headline":"B"}]"#, &["B"]),
            found("Article", "B")
        );
        assert_eq!(
            article(r#"{"@type":"WebPage","mainEntity":{"@type":"schema:BlogPosting","headline":"A"}}"#, &[]),
            found("BlogPosting", "A")
        );
    }

    #[test]
    fn broken_json_is_read_as_well_as_can_be() {
        let found = Some(("Article".to_owned(), "A B".to_owned()));
        for json in [
            "{\"@type\":\"Article\",\"headline\":\"A\nB\",}",
            "<!-- {\"@type\":\"Article\",\"headline\":\"A B\"} -->",
            "{\"@type\":\"Article\",\"headline\":\"A\\ B\"};",
            "{\"@type\":\"Article\",\"headline\":\"A B\"}{\"@type\":\"X\"}",
        ] {
            assert_eq!(article(json, &[]), found, "{json}");
        }
        assert_eq!(article("{\"@type\":\"Article\"", &[]), None);
        assert_eq!(article(&"[".repeat(100_000), &[]), None);
    }
}
