//! The pages with gold, as their benchmarks lay them out.

use std::fs;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// A benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Set {
    Scrapinghub,
    Trafilatura,
    Readability,
}

/// One page, and what should be found in it.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) set: Set,
    pub(crate) name: String,
    pub(crate) url: Option<String>,
    pub(crate) html: Vec<u8>,
    /// The article's text, where the set has it.
    pub(crate) body: Option<String>,
    pub(crate) with: Vec<String>,
    pub(crate) without: Vec<String>,
    pub(crate) title: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) date: Option<String>,
}

impl Case {
    fn new(set: Set, name: String, html: Vec<u8>) -> Self {
        Self {
            set,
            name,
            url: None,
            html,
            body: None,
            with: Vec::new(),
            without: Vec::new(),
            title: None,
            author: None,
            date: None,
        }
    }
}

/// All cases below a folder with `scrapinghub`, `trafilatura-cc` and `readability`, in a fixed order.
pub(crate) fn load(data: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    scrapinghub(&data.join("scrapinghub"), &mut cases)?;
    trafilatura(&data.join("trafilatura-cc"), &mut cases)?;
    readability(&data.join("readability"), &mut cases)?;
    Ok(cases)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn json(path: &Path) -> Result<Value, String> {
    serde_json::from_slice(&read(path)?).map_err(|e| format!("{}: {e}", path.display()))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn scrapinghub(folder: &Path, cases: &mut Vec<Case>) -> Result<(), String> {
    if !folder.is_dir() {
        return Ok(());
    }
    for (name, gold) in entries(&json(&folder.join("ground-truth.json"))?) {
        let packed = read(&folder.join("html").join(format!("{name}.html.gz")))?;
        let mut html = Vec::new();
        flate2::read::MultiGzDecoder::new(packed.as_slice())
            .read_to_end(&mut html)
            .map_err(|e| format!("{name}: {e}"))?;
        let mut case = Case::new(Set::Scrapinghub, name.clone(), html);
        case.url = text(gold, "url");
        case.body = Some(text(gold, "articleBody").unwrap_or_default());
        cases.push(case);
    }
    Ok(())
}

fn trafilatura(folder: &Path, cases: &mut Vec<Case>) -> Result<(), String> {
    if !folder.is_dir() {
        return Ok(());
    }
    for (url, gold) in entries(&json(&folder.join("evaldata.json"))?) {
        let file = text(gold, "file").ok_or_else(|| format!("{url}: no file"))?;
        let html = read(&folder.join("pages").join(&file))?;
        let mut case = Case::new(Set::Trafilatura, file, html);
        case.url = Some(url.clone());
        (case.with, case.without) = (texts(gold, "with"), texts(gold, "without"));
        (case.title, case.author, case.date) = (text(gold, "title"), text(gold, "author"), text(gold, "date"));
        cases.push(case);
    }
    Ok(())
}

fn readability(folder: &Path, cases: &mut Vec<Case>) -> Result<(), String> {
    if !folder.is_dir() {
        return Ok(());
    }
    let list = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<_> = list.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    for name in names.into_iter().filter(|name| folder.join(name).is_dir()) {
        let page = folder.join(&name);
        let gold = json(&page.join("expected-metadata.json"))?;
        let mut case = Case::new(Set::Readability, name, read(&page.join("source.html"))?);
        case.body = Some(crate::plain::of_html(&String::from_utf8_lossy(&read(&page.join("expected.html"))?)));
        (case.title, case.author) = (text(&gold, "title"), text(&gold, "byline"));
        case.date = text(&gold, "publishedTime");
        cases.push(case);
    }
    Ok(())
}
