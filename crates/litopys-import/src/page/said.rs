//! What a page says of itself, and where: each field from the first source that has it.

mod meta;

use litopys::{Edtf, Metadata};
use serde_json::{Map, Value};
use url::Url;

use meta::{AUTHOR, MODIFIED, Meta, PUBLISHED, SITE, SUMMARY, metas};

use super::byline;
use super::dateline;
use super::dom::{Dom, Id, ROOT};
use super::hints::Hint;
use super::jsonld::{self, Linked};
use super::measure::Measures;
use super::title;
use super::when;
use crate::limits;

/// The sources of a page.
pub(super) struct Said<'a> {
    pub(super) dom: &'a Dom,
    pub(super) all: &'a Measures,
    pub(super) metas: Vec<Meta>,
    pub(super) linked: Linked,
    pub(super) url: Option<&'a Url>,
    pub(super) language: String,
    /// By node: whether it is among readers' comments.
    comments: Vec<bool>,
    /// By node: whether it is, or is in a menu, beside the article, or about other articles.
    pub(super) off: Vec<bool>,
    metadata: Metadata,
}

/// What a source says: the value, and where.
pub(super) type Told = (String, String);

impl<'a> Said<'a> {
    pub(super) fn new(dom: &'a Dom, all: &'a Measures, url: Option<&'a Url>) -> Self {
        let mut said = Self {
            dom,
            all,
            metas: metas(dom),
            linked: Linked::of(dom),
            url,
            language: String::new(),
            comments: Vec::new(),
            off: Vec::new(),
            metadata: Metadata::default(),
        };
        said.mark();
        said.languages();
        said
    }

    pub(super) fn meta(&self, keys: &[&str]) -> impl Iterator<Item = &Meta> {
        keys.iter()
            .flat_map(|key| self.metas.iter().filter(move |meta| meta.key == *key))
            .collect::<Vec<_>>()
            .into_iter()
    }

    fn tell(&mut self, field: &str, told: String) {
        self.metadata.provenance.insert(field.to_owned(), told);
    }

    /// The object that is the article, and how to say so.
    fn article(&self) -> Option<(String, &Map<String, Value>)> {
        let titles = title::candidates(self);
        let (kind, object) = self.linked.article(&titles)?;
        Some((format!("JSON-LD {kind}"), object))
    }

    fn json(&self, keys: &[&str]) -> Vec<(String, &Value)> {
        let page = || self.linked.page().map(|(kind, object)| (format!("JSON-LD {kind}"), object));
        let objects: Vec<_> = self.article().into_iter().chain(page()).collect();
        let mut found = Vec::new();
        for (kind, object) in objects {
            found.extend(keys.iter().filter_map(|key| Some((format!("{kind}.{key}"), object.get(*key)?))));
        }
        found
    }

    fn json_text(&self, keys: &[&str]) -> Option<Told> {
        self.json(keys).into_iter().find_map(|(told, value)| {
            let text = self.linked.names(value).into_iter().next()?;
            Some((text, told))
        })
    }

    pub(super) fn read(mut self) -> Metadata {
        self.titles();
        self.dates();
        self.people();
        self.rest();
        self.metadata
    }

    fn languages(&mut self) {
        let html = self.dom.find("html");
        let attribute = |name: &str| {
            html.and_then(|id| self.dom.attribute(id, name))
                .map(|tag| (tag.to_owned(), format!("{name} attribute of html")))
        };
        let meta = |keys: &[&str]| self.meta(keys).next().map(|meta| (meta.content.clone(), meta.told.clone()));
        let found = attribute("lang")
            .or_else(|| attribute("xml:lang"))
            .into_iter()
            .chain(meta(&["content-language", "language", "dc.language", "og:locale", "inlanguage"]))
            .chain(self.json_text(&["inLanguage"]))
            .find_map(|(tag, told)| Some((language(&tag)?, told)));
        if let Some((tag, told)) = found {
            self.language = tag.to_lowercase();
            self.metadata.language = Some(tag);
            self.tell("language", told);
        }
    }

    fn titles(&mut self) {
        let headline = self.json_text(&["headline"]);
        if let Some((title, told)) = title::pick(self, headline).filter(|(title, _)| title.len() <= limits::TITLE) {
            self.metadata.title = Some(title);
            self.tell("title", told);
        }
    }

    fn date(&self, json: &[&str], keys: &[&str], property: &str) -> Option<(Edtf, String)> {
        let read = |text: &str, told: String| {
            let date = when::of_value(text, &self.language)?;
            let same = date.as_str() == text;
            Some((
                date,
                if same { told } else { format!("{told}: {}", text.chars().take(limits::DATE).collect::<String>()) },
            ))
        };
        let of_json = self.json(json).into_iter().find_map(|(told, value)| read(value.as_str()?.trim(), told));
        let of_meta = || self.meta(keys).find_map(|meta| read(&meta.content, meta.told.clone()));
        let of_items = || {
            self.items(property).find_map(|id| {
                let value = ["datetime", "content", "title"].into_iter().find_map(|name| self.dom.attribute(id, name));
                let value = value.map_or_else(|| self.dom.line(id), str::to_owned);
                read(value.trim(), format!("{} {property} ({} element)", self.item_attribute(id), self.dom.name(id)))
            })
        };
        of_json.or_else(of_meta).or_else(of_items)
    }

    /// Elements with this property, microdata's or RDFa's, not below readers' comments.
    fn items(&self, property: &str) -> impl Iterator<Item = Id> {
        let wanted = property.to_ascii_lowercase();
        let has = |id: Id, name: &str| {
            self.dom.attribute(id, name).is_some_and(|said| {
                said.split_whitespace()
                    .any(|word| word.to_ascii_lowercase().rsplit(':').next() == Some(wanted.as_str()))
            })
        };
        let found: Vec<Id> = self
            .dom
            .within(ROOT)
            .filter(|id| self.dom.name(*id) != "meta" || self.dom.attribute(*id, "itemprop").is_some())
            .filter(|id| has(*id, "itemprop") || has(*id, "property") && self.dom.name(*id) != "meta")
            .take(64)
            .collect();
        found.into_iter().filter(|id| !self.in_comments(*id))
    }

    fn item_attribute(&self, id: Id) -> &'static str {
        if self.dom.attribute(id, "itemprop").is_some() { "microdata itemprop" } else { "RDFa property" }
    }

    pub(super) fn in_comments(&self, id: Id) -> bool {
        self.comments.get(id).copied().unwrap_or_default()
    }

    #[allow(clippy::indexing_slicing, reason = "all vectors have an entry a node")]
    fn mark(&mut self) {
        let (mut comments, mut off) = (vec![false; self.dom.len()], vec![false; self.dom.len()]);
        let body = self.all.order.first().map(|id| self.all.sums[*id]).unwrap_or_default();
        for id in self.all.order.iter().copied() {
            let above = self.dom.node(id).parent;
            let sum = self.all.sums[id];
            // What holds half of the page is not beside it, whatever it is called.
            let small = sum.prose * 10 < body.prose * 4 && sum.text * 10 < body.text * 5;
            let hint = self.all.hints[id];
            comments[id] = above.is_some_and(|up| comments[up])
                || hint == Hint::Comments && (small || body.prose.saturating_sub(sum.prose) > 250);
            let beside = hint == Hint::Furniture && small && sum.text > 250
                || matches!(self.dom.name(id), "nav" | "aside") && small;
            off[id] = above.is_some_and(|up| off[up]) || comments[id] || beside;
        }
        (self.comments, self.off) = (comments, off);
    }

    fn dates(&mut self) {
        let published = self
            .date(&["datePublished", "dateCreated", "uploadDate"], PUBLISHED, "datePublished")
            .or_else(|| dateline::date(self));
        if let Some((date, told)) = published {
            self.metadata.published = Some(date);
            self.tell("published", told);
        }
        if let Some((date, told)) = self.date(&["dateModified"], MODIFIED, "dateModified") {
            self.metadata.modified = Some(date);
            self.tell("modified", told);
        }
    }

    fn people(&mut self) {
        if let Some((name, told)) = self.publisher() {
            self.metadata.publisher = Some(name);
            self.tell("publisher", told);
        }
        if let Some((authors, told)) = self.authors() {
            self.metadata.authors = authors;
            self.tell("authors", told);
        }
    }

    fn publisher(&self) -> Option<Told> {
        let name = |text: &str| {
            Some(text.trim())
                .filter(|text| !text.is_empty() && text.len() < 200 && !text.contains("://"))
                .map(str::to_owned)
        };
        let json =
            self.json_text(&["publisher", "sourceOrganization"]).and_then(|(text, told)| Some((name(&text)?, told)));
        let meta = || self.meta(SITE).find_map(|meta| Some((name(&meta.content)?, meta.told.clone())));
        let item = || {
            self.items("publisher").find_map(|id| {
                let inner = self.dom.within(id).find(|at| self.dom.attribute(*at, "itemprop") == Some("name"));
                let value = inner
                    .map(|at| self.dom.attribute(at, "content").map_or_else(|| self.dom.line(at), str::to_owned))?;
                Some((name(&value)?, format!("{} publisher", self.item_attribute(id))))
            })
        };
        json.or_else(meta).or_else(item)
    }

    fn authors(&self) -> Option<(Vec<String>, String)> {
        let site = self.metadata.publisher.as_deref();
        let names = |all: Vec<String>| {
            let mut kept: Vec<String> = Vec::new();
            for name in all.iter().flat_map(|name| byline::names(name)) {
                if !kept.contains(&name) && kept.len() < 64 {
                    kept.push(name);
                }
            }
            Some(kept).filter(|kept| !kept.is_empty())
        };
        let person = |all: &Vec<String>| !all.iter().all(|name| self.is_site(name, site) || byline::is_login(name));
        let any = |_: &Vec<String>| true;
        let json = |good: &dyn Fn(&Vec<String>) -> bool| {
            self.json(&["author", "creator"])
                .into_iter()
                .find_map(|(told, value)| Some((names(self.linked.names(value)).filter(|all| good(all))?, told)))
        };
        let meta = |good: &dyn Fn(&Vec<String>) -> bool| {
            AUTHOR.iter().find_map(|key| {
                let all: Vec<&Meta> = self.meta(&[key]).collect();
                let told = all.first()?.told.clone();
                Some((names(all.iter().map(|meta| meta.content.clone()).collect()).filter(|all| good(all))?, told))
            })
        };
        let item = || {
            let ids: Vec<Id> = self.items("author").collect();
            let first = *ids.first()?;
            let of = |id: Id| {
                let inner =
                    self.dom.within(id).find(|at| *at != id && self.dom.attribute(*at, "itemprop") == Some("name"));
                let id = inner.unwrap_or(id);
                self.dom.attribute(id, "content").map_or_else(|| self.dom.line(id), str::to_owned)
            };
            Some((
                names(ids.into_iter().map(of).collect()).filter(person)?,
                format!("{} author ({} element)", self.item_attribute(first), self.dom.name(first)),
            ))
        };
        // The site itself, or an account, is an author only where no person is named.
        json(&person)
            .or_else(|| meta(&person))
            .or_else(item)
            .or_else(|| byline::authors(self))
            .or_else(|| json(&any))
            .or_else(|| meta(&any))
    }

    /// Whether a name is the site's.
    fn is_site(&self, name: &str, site: Option<&str>) -> bool {
        let host = self.url.and_then(bare);
        let told = self.meta(&["og:site_name"]).any(|meta| jsonld::alike(&meta.content, name));
        told || site.is_some_and(|site| jsonld::alike(site, name))
            || host.is_some_and(|host| {
                jsonld::alike(host, name) || host.split('.').next().is_some_and(|label| jsonld::alike(label, name))
            })
    }

    fn rest(&mut self) {
        let summary = self
            .meta(SUMMARY)
            .next()
            .map(|meta| (meta.content.clone(), meta.told.clone()))
            .or_else(|| self.json_text(&["description"]));
        if let Some((text, told)) = summary.filter(|(text, _)| text.len() <= limits::EXTRA_VALUE) {
            self.metadata.summary = Some(text);
            self.tell("summary", told);
        }
        if let Some((tags, told)) = self.tags() {
            self.metadata.tags = tags;
            self.tell("tags", told);
        }
        let license =
            self.dom.within(ROOT).find(|id| matches!(self.dom.name(*id), "link" | "a") && self.has_rel(*id, "license"));
        let license = license
            .and_then(|id| self.dom.attribute(id, "href"))
            .map(|href| (href.trim().to_owned(), "rel=license".to_owned()));
        let license = license.map(|(href, told)| {
            (self.url.and_then(|url| url.join(&href).ok()).map_or(href, |url| url.to_string()), told)
        });
        let rights = self
            .json_text(&["license"])
            .or(license)
            .or_else(|| {
                self.meta(&["dc.rights", "dcterms.rights", "dcterms.license", "copyright", "rights", "license"])
                    .next()
                    .map(|meta| (meta.content.clone(), meta.told.clone()))
            })
            .or_else(|| self.json_text(&["copyrightNotice"]));
        if let Some((text, told)) = rights.filter(|(text, _)| text.len() <= limits::EXTRA_VALUE && !text.is_empty()) {
            self.metadata.rights = Some(text);
            self.tell("rights", told);
        }
    }

    pub(super) fn has_rel(&self, id: Id, wanted: &str) -> bool {
        self.dom
            .attribute(id, "rel")
            .is_some_and(|rel| rel.split_whitespace().any(|word| word.eq_ignore_ascii_case(wanted)))
    }

    fn tags(&self) -> Option<(Vec<String>, String)> {
        let split = |text: &str| {
            text.split([',', ';', '、', '،'])
                .map(|tag| tag.trim().to_owned())
                .filter(|tag| !tag.is_empty() && tag.len() <= 100)
                .collect::<Vec<_>>()
        };
        let set = |mut all: Vec<String>| {
            let mut seen = std::collections::HashSet::new();
            all.retain(|tag| seen.insert(tag.clone()));
            all.truncate(100);
            Some(all).filter(|all| !all.is_empty())
        };
        let many = |key: &'static str| {
            let told = self.meta(&[key]).next()?.told.clone();
            Some((set(self.meta(&[key]).flat_map(|meta| split(&meta.content)).collect())?, told))
        };
        let json = || {
            self.json(&["keywords"]).into_iter().find_map(|(told, value)| {
                Some((set(self.linked.names(value).iter().flat_map(|text| split(text)).collect())?, told))
            })
        };
        let links = || {
            let links = self.dom.within(ROOT).filter(|id| self.dom.name(*id) == "a" && self.has_rel(*id, "tag"));
            Some((
                set(links.map(|id| self.dom.line(id)).filter(|tag| !tag.is_empty() && tag.len() <= 100).collect())?,
                "links with rel=tag".to_owned(),
            ))
        };
        many("article:tag")
            .or_else(json)
            .or_else(links)
            .or_else(|| many("news_keywords"))
            .or_else(|| many("parsely-tags"))
            .or_else(|| many("keywords"))
            .or_else(|| many("dc.subject"))
    }

    /// The article's text, where the page tells it to machines.
    pub(super) fn article_text(&self) -> Option<Told> {
        self.json_raw("articleBody")
    }

    /// All that the page gives as its summary.
    pub(super) fn summaries(&self) -> Vec<String> {
        let meta = self.meta(SUMMARY).map(|meta| meta.content.clone());
        let mut all: Vec<String> = meta.chain(self.json_text(&["description"]).map(|(text, _)| text)).collect();
        all.dedup();
        all.truncate(6);
        all
    }

    fn json_raw(&self, key: &str) -> Option<Told> {
        let (kind, object) = self.article()?;
        let text = object.get(key)?.as_str()?;
        let text = super::entities::lines(text);
        Some((text, format!("from {kind}.{key}")))
    }

    /// The URL that the page names as its own: on the host that it was asked for at, where that is known.
    pub(super) fn canonical(&self) -> Option<Told> {
        let link = self.dom.within(ROOT).find(|id| self.dom.name(*id) == "link" && self.has_rel(*id, "canonical"));
        let link = link
            .and_then(|id| self.dom.attribute(id, "href"))
            .map(|href| (href.trim().to_owned(), "link rel=canonical".to_owned()));
        let og = self.meta(&["og:url"]).next().map(|meta| (meta.content.clone(), meta.told.clone()));
        let json = self.json_text(&["url"]);
        link.into_iter().chain(og).chain(json).find_map(|(href, told)| {
            let full = match self.url {
                Some(url) => {
                    url.join(&href).ok().filter(|found| found.host_str().is_some() && bare(found) == bare(url))?
                }
                None => Url::parse(&href).ok()?,
            };
            // A front page is no article: some sites name it as the canonical URL of all their pages.
            let front = full.path() == "/" && full.query().is_none() && self.url.is_none_or(|url| url.path() != "/");
            if front { None } else { Some((full.to_string(), told)) }
        })
    }
}

/// A host without `www`.
fn bare(url: &Url) -> Option<&str> {
    url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host))
}

fn language(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let tag = tag.split([',', ';', ' ']).next().unwrap_or_default();
    let primary = tag.split('-').next().unwrap_or(tag);
    let good = (2..=3).contains(&primary.len())
        && primary.bytes().all(|c| c.is_ascii_alphabetic())
        && tag.len() <= 64
        && tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_alphanumeric()));
    good.then(|| tag.to_owned())
}
