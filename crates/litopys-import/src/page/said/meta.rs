//! `meta` elements, and the keys by which a field is looked up: the first that is there says it.

use crate::page::dom::{Dom, ROOT, one_line};
use crate::page::entities;

/// A `meta` element, by its key in lower case.
#[derive(Debug)]
pub(in crate::page) struct Meta {
    pub(in crate::page) key: String,
    /// `meta property article:published_time`, as it stands in the page.
    pub(in crate::page) told: String,
    pub(in crate::page) content: String,
}

pub(super) const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "og:published_time",
    "datepublished",
    "date_published",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "dcterms.date",
    "dc.date",
    "dc:date",
    "dc:created",
    "citation_publication_date",
    "citation_online_date",
    "citation_date",
    "rnews:datepublished",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "publication_date",
    "published_time",
    "publisheddate",
    "article.published",
    "article_date_original",
    "date",
    "article.created",
    "originalpublicationdate",
    "datecreated",
    "bt:pubdate",
    "weibo:article:create_at",
    "created",
    "release_date",
];

pub(super) const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "article:modified",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
    "lastmod",
    "article.updated",
    "modified",
    "revised",
    "weibo:article:update_at",
];

pub(super) const SITE: &[&str] = &[
    "og:site_name",
    "dc.publisher",
    "dcterms.publisher",
    "citation_publisher",
    "publisher",
    "article:publisher",
    "application-name",
    "apple-mobile-web-app-title",
];

pub(super) const SUMMARY: &[&str] = &[
    "og:description",
    "description",
    "dc.description",
    "dcterms.abstract",
    "twitter:description",
    "sailthru.description",
];

pub(super) const AUTHOR: &[&str] = &[
    "dc.creator",
    "dc:creator",
    "dcterms.creator",
    "dc.creator.personalname",
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "citation_author",
    "byl",
    "article.author",
    "rnews:author",
    "article:author_name",
    "authors",
    "creator",
];

pub(super) fn metas(dom: &Dom) -> Vec<Meta> {
    let mut metas = Vec::new();
    for id in dom.within(ROOT).filter(|id| dom.name(*id) == "meta").take(2_000) {
        let content = dom.attribute(id, "content").or_else(|| dom.attribute(id, "value")).unwrap_or_default();
        let content = one_line(&entities::decode(content));
        if content.is_empty() {
            continue;
        }
        for name in ["property", "name", "itemprop", "http-equiv"] {
            for key in dom.attribute(id, name).unwrap_or_default().split_whitespace().take(8) {
                let key: String = key.chars().take(100).collect();
                metas.push(Meta {
                    told: format!("meta {name} {key}"),
                    key: key.to_lowercase(),
                    content: content.clone(),
                });
            }
        }
    }
    metas
}
