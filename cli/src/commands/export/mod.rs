//! `litopys export`: an archive as files that people read, and that tools check which know nothing of it.

mod folder;
mod metadata;
mod names;
mod statements;
mod times;
mod versions;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use litopys::TreeHead;
use litopys::prove::Prover;
use litopys::store::Store;
use litopys::view::{ObservationRef, View};
use serde::Serialize;

use crate::commands::show::is_false;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::select::select;
use crate::ui::words::count;
use crate::ui::{GOOD, escape, paint, to_json};
use crate::withheld::Grounds;
use folder::Folder;
use versions::{Exporter, Row, article_folder};

/// Write an archive as readable files, with checksums and signed statements
///
/// Each version of an article has a folder, articles/UUID/vN, and each observation one, articles/UUID/observed-N, which never get another name: its files below
/// files/, under their own names where every system takes them, else below renamed/; metadata.json says what is what, and manifest.cbor
/// is what the statement signs. The statements are in statements/ as COSE_Sign1, timestamps in time/. SHA256SUMS is written last: an export without it is not
/// whole.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  litopys export my.litopys readable && (cd readable && sha256sum -c SHA256SUMS)
  litopys export my-archive newer --since readable/checkpoint
  litopys export my-archive bridge --article https://herald.example/bridge")]
pub(crate) struct Export {
    /// A folder or bundle
    archive: PathBuf,
    /// The folder to write to; empty, or not there yet
    dir: PathBuf,
    /// Only this article and its statements (repeatable): its urn:uuid, its subject, or 8 digits or more of a statement's id
    #[arg(long)]
    article: Vec<String>,
    /// Only what was signed later: a number of statements, or the file of an older checkpoint of the archive
    #[arg(long, value_name = "CHECKPOINT")]
    since: Option<String>,
    /// Write into DIR although it isn't empty, over what is there
    #[arg(long)]
    force: bool,
}

/// What was exported.
#[derive(Serialize)]
struct Summary<'a> {
    schema: u32,
    path: Cow<'a, str>,
    archive: String,
    checkpoint: Checkpoint,
    since: Option<u64>,
    articles: usize,
    versions: usize,
    observations: usize,
    statements: usize,
    renamed: u64,
    /// What was left out, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    withheld: Vec<String>,
    files: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct Checkpoint {
    size: u64,
    root: String,
}

impl From<TreeHead> for Checkpoint {
    fn from(head: TreeHead) -> Self {
        Self { size: head.size(), root: head.root().to_string() }
    }
}

impl Export {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let opened = open::open(&self.archive)?;
        let store = opened.store(&self.archive)?;
        let view = open::view(context, &self.archive, &opened)?;
        let prover = Prover::open(store);
        let mut prover = prover.map_err(|error| Failure::from(error).at(self.archive.display()))?;
        let since = self.since.as_deref().map(|since| statements::since(since, &mut prover)).transpose()?;
        let mut rows = self.rows(&view, since.unwrap_or(0))?;
        // Of what is withheld there is nothing to write.
        let withheld: Vec<_> = rows.extract_if(.., |row| row.version.withheld.is_some()).collect();
        let indexes = self.indexes(&view, &rows, since.unwrap_or(0));

        let mut folder = Folder::open(&self.dir, self.force)?;
        let incomplete =
            |failure: Failure| failure.hint(format_args!("{} is not whole: it has no SHA256SUMS", self.dir.display()));
        let renamed = self.write(context, &view, (store, &mut prover), (&rows, &indexes, &withheld), &mut folder);
        let (renamed, files) = renamed.map_err(incomplete)?;
        let summary = Summary {
            schema: 1,
            path: self.dir.to_string_lossy(),
            archive: id(&view),
            checkpoint: view.head().into(),
            since,
            articles: rows.iter().map(|row| row.article.urn).collect::<HashSet<_>>().len(),
            versions: rows.iter().filter(|row| row.observation.is_none()).count(),
            observations: rows.iter().filter(|row| row.observation.is_some()).count(),
            statements: indexes.len(),
            renamed,
            withheld: withheld.iter().filter_map(|row| left_out(&view, row)).chain(files).collect(),
            files: folder.files,
            bytes: folder.bytes,
        };
        folder.finish().map_err(incomplete)?;
        done(context, &summary)
    }

    /// The versions that are asked for, in the order of the log.
    fn rows<'a>(&self, view: &'a View<'_>, since: u64) -> Result<Vec<Row<'a>>, Failure> {
        let mut articles = Vec::new();
        if self.article.is_empty() {
            articles.extend(view.articles());
        } else {
            let mut seen = HashSet::new();
            for selector in &self.article {
                let article = select(view, selector)?.article;
                if seen.insert(article.urn) {
                    articles.push(article);
                }
            }
        }
        let rows = articles.iter().flat_map(|article| {
            let versions = article.versions.iter().filter(|version| version.index >= since);
            let versions = versions.map(|version| Row { article, version: *version, observation: None });
            let observations = view.observations_of(article.urn).filter(|observation| observation.index >= since);
            let observed = |observation| Row {
                article,
                version: ObservationRef::entry(observation),
                observation: Some(observation),
            };
            versions.chain(observations.map(observed))
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_unstable_by_key(|row| row.version.index);
        Ok(rows)
    }

    /// The statements that go with them: the charter always; of an archive void ones too, unless articles were asked for.
    fn indexes(&self, view: &View<'_>, rows: &[Row<'_>], since: u64) -> Vec<u64> {
        let charter = [0].into_iter();
        if self.article.is_empty() && !view.report().extract {
            charter.chain(since.max(1)..view.head().size()).collect()
        } else {
            charter.chain(rows.iter().map(|row| row.version.index)).collect()
        }
    }

    /// Writes all but the checksums, and returns how many files couldn't keep their names.
    fn write(
        &self,
        context: &Context,
        view: &View<'_>,
        (store, prover): (&dyn Store, &mut Prover<'_>),
        (rows, indexes, withheld): (&[Row<'_>], &[u64], &[Row<'_>]),
        folder: &mut Folder,
    ) -> Result<(u64, Vec<String>), Failure> {
        let mut progress = context.ui.progress("exporting");
        statements::write(prover, indexes, folder)?;
        let mut exporter = Exporter { view, folder: &mut *folder, renamed: 0, withheld: Vec::new() };
        exporter.write(rows, &mut progress)?;
        let (renamed, files) = (exporter.renamed, exporter.withheld);
        index(view, rows, withheld, folder)?;
        folder.write("checkpoint", prover.checkpoint().bytes())?;
        times::write(store, prover, folder)?;
        folder.write("README.txt", readme(view).as_bytes())?;
        Ok((renamed, files))
    }
}

/// How much of what was left out is named.
const LISTED: usize = 50;

/// A version or observation that was left out, and why.
fn left_out(view: &View<'_>, row: &Row<'_>) -> Option<String> {
    let grounds = Grounds::of_manifest(view, row.version.index)?;
    Some(format!("{}: {}", row.folder(), grounds.sentence()))
}

fn done(context: &Context, summary: &Summary<'_>) -> Done {
    if context.json {
        context.ui.json(summary)?;
        return Ok(Exit::Ok);
    }
    let n = |n: usize, what| count(n as u64, what);
    let mut parts = vec![n(summary.articles, "article"), n(summary.versions, "version")];
    parts.extend((summary.observations > 0).then(|| n(summary.observations, "observation")));
    parts.push(n(summary.statements, "statement"));
    for one in summary.withheld.iter().take(LISTED) {
        context.ui.warn(format_args!("left out: {one}"));
    }
    if let Some(more) = summary.withheld.len().checked_sub(LISTED).filter(|more| *more > 0) {
        context
            .ui
            .warn(format_args!("and {} left out: index.json and metadata.json name them", count(more as u64, "more")));
    }
    context.ui.detail(format_args!("{} {}: {}", paint(GOOD, "made"), escape::line(&summary.path), parts.join(", ")))?;
    if summary.renamed > 0 {
        let files = count(summary.renamed, "file");
        context.ui.note(format_args!("{files} could not keep their names: metadata.json has them"));
    }
    Ok(Exit::Ok)
}

#[derive(Serialize)]
struct IndexRow<'a> {
    article: String,
    subject: &'a str,
    title: Option<&'a str>,
    path: String,
    versions: &'a [u64],
    /// Versions and observations that were left out, and by which withdrawals.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    withheld: &'a [LeftOut],
}

#[derive(Serialize)]
struct LeftOut {
    version: u64,
    index: u64,
    #[serde(skip_serializing_if = "is_false")]
    observation: bool,
    withheld: Grounds,
}

/// Writes `index.json`, a line an article.
fn index(view: &View<'_>, rows: &[Row<'_>], withheld: &[Row<'_>], folder: &mut Folder) -> Result<(), Failure> {
    const NAME: &str = "index.json";
    let mut exported: HashMap<_, (Vec<u64>, Vec<LeftOut>)> = HashMap::new();
    for row in rows {
        let (versions, _) = exported.entry(row.article.urn).or_default();
        versions.extend(row.observation.is_none().then_some(row.version.version));
    }
    for row in withheld {
        let Some(grounds) = Grounds::of_manifest(view, row.version.index) else { continue };
        let (version, index, observation) = (row.version.version, row.version.index, row.observation.is_some());
        let (_, left) = exported.entry(row.article.urn).or_default();
        left.push(LeftOut { version, index, observation, withheld: grounds });
    }
    let failed = |error| Failure::of(Exit::Unable, &error).at(NAME);
    let mut out = BufWriter::new(folder.create(NAME)?);
    let checkpoint = to_json(&Checkpoint::from(view.head()));
    write!(out, r#"{{"schema":1,"archive":"{}","checkpoint":{checkpoint},"articles":["#, id(view)).map_err(failed)?;
    let mut comma = "";
    for article in view.articles() {
        let Some((versions, withheld)) = exported.get(&article.urn) else { continue };
        let row = to_json(&IndexRow {
            article: article.urn.to_string(),
            subject: &article.subject,
            title: article.title.as_deref(),
            path: article_folder(article),
            versions,
            withheld,
        });
        write!(out, "{comma}\n{row}").map_err(failed)?;
        comma = ",";
    }
    out.write_all(b"\n]}\n").map_err(failed)?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    folder.sum_of(NAME, file)
}

fn id(view: &View<'_>) -> String {
    view.report().archive.map(|id| id.to_hex()).unwrap_or_default()
}

fn readme(view: &View<'_>) -> String {
    let id = id(view);
    let title = escape::short(&view.charter().title, 200);
    let size = view.head().size();
    format!(
        "\
An export of the signed archive that calls itself \"{title}\", as of {size} statements.

Its id is {id}.

  articles/<uuid>/v<n>/      a version of an article
    files/                   its files: text.md is its text, the capture is what was received
    renamed/                 files whose names not every system takes
    metadata.json            title, dates, who signed it, which file is what
    manifest.cbor            the same in the bytes that the statement commits to
  articles/<uuid>/observed-<n>/  what its source answered, by the statement's number: the same files
  statements/<n>.cose        what was signed, as COSE_Sign1 (RFC 9052); number 0 is the charter
  checkpoint                 the signed root of all statements (C2SP tlog-checkpoint)
  time/<n>/                  where there are timestamps (RFC 3161): the checkpoint of the first <n> statements, which they are
                             over, and the proof that the log extends it
  index.json                 which article is where
  SHA256SUMS                 written last; `sha256sum -c SHA256SUMS` checks that the files are whole

Checksums don't show that nobody replaced files and checksums together. The archive itself does: `litopys verify`.
"
    )
}
