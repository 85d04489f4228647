//! `litopys timestamp`: has independent clocks date an archive.

mod http;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args, value_parser};
use litopys::charter::KeyRole;
use litopys::check::{self, CheckOptions, Files, Signatures, Trust};
use litopys::layout::Member;
use litopys::log::checkpoint::SignedCheckpoint;
use litopys::report::{Code, Severity};
use litopys::store::Store;
use litopys::store::folder::{FolderStore, FolderWriter};
use litopys::timestamps::Judgement;
use litopys::view::View;
use litopys::{FileDigest, limits};
use litopys_time::{Request, Token};
use serde_json::{Value, json};

use crate::clock;
use crate::clocks::{ClockArgs, Clocks, read_bounded};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::open;
use crate::staging;
use crate::ui::words::count;
use crate::ui::{DIM, GOOD, WARN, escape, paint};

/// Have independent clocks date an archive: everything in it so far existed before then
///
/// Asks timestamp authorities (RFC 3161) for tokens over the newest checkpoint, which dates every statement up to it at once: an upper bound, no
/// more. An authority learns a hash and when it was asked, nothing of the archive. The tokens are kept below `time/` in the archive's folder and go along
/// into bundles; no id changes. Authorities are many: ask several that don't depend on each other.
///
/// On a machine without network, --request writes what to send to an authority, and --response takes its answer in.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("how").required(true).multiple(true).args(["tsa", "request", "response"])), after_help = "\
Examples:
  litopys timestamp my-archive --tsa http://timestamp.digicert.com --tsa https://freetsa.org/tsr
  litopys timestamp my-archive --request ask.tsq
  curl -H 'Content-Type: application/timestamp-query' --data-binary @ask.tsq URL > answer.tsr
  litopys timestamp my-archive --response answer.tsr --tsa-root roots.pem

Exit codes: 0 done; 1 an answer is no timestamp of this archive; 2 no answer; 4 not from all authorities.")]
pub(crate) struct Timestamp {
    /// The archive's folder
    archive: PathBuf,
    /// Ask the authority at this address
    #[arg(long, value_name = "URL")]
    tsa: Vec<String>,
    /// Write a request for an authority into this file, and the checkpoint that it is over into FILE.checkpoint
    #[arg(long, value_name = "FILE", conflicts_with_all = ["tsa", "response"])]
    request: Option<PathBuf>,
    /// Take in what an authority answered
    #[arg(long, value_name = "FILE", conflicts_with = "tsa")]
    response: Vec<PathBuf>,
    /// The checkpoint that the answers are over, where the archive has grown since
    #[arg(long, value_name = "FILE", requires = "response")]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    clocks: ClockArgs,
    /// Go through this proxy: http://, socks is not known [default: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY]
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// How long to wait for each authority
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// How long to wait for another writer
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
}

/// A timestamp that was got, and what it is worth to this user.
struct Got {
    from: String,
    response: Vec<u8>,
    judgement: Judgement,
}

impl Timestamp {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let folder = open::folder(&self.archive)?;
        let opened = open::open(&self.archive)?;
        let view = open::view(context, &self.archive, &opened)?;
        let store = FolderStore::new(&folder);
        let checkpoint = self.checkpoint(context, &view, &store)?;
        if let Some(path) = &self.request {
            return write_request(context, path, &checkpoint);
        }
        let clocks = Clocks::read(context, &self.clocks)?;
        let (mut got, mut failures) = (Vec::new(), Vec::new());
        for (from, answer) in self.answers(&checkpoint) {
            match answer.and_then(|(request, response)| judge(&clocks, &checkpoint, request, response)) {
                Ok((response, judgement)) => got.push(Got { from, response, judgement }),
                Err(failure) => failures.push(failure.at(&from)),
            }
        }
        let writer = FolderWriter::lock(folder, Duration::from_secs(self.wait))?;
        let mut rows = Vec::new();
        for got in &got {
            let token = writer.keep_timestamp(&checkpoint, &got.response)?;
            rows.push(told(context, &checkpoint, got, token)?);
        }
        // Without any, what is printed is the error.
        if context.json && !got.is_empty() {
            let size = checkpoint.claimed_size();
            let failed: Vec<_> = failures.iter().map(|failure| failure.message()).collect();
            context.ui.json(&json!({"schema": 1, "size": size, "timestamps": rows, "failed": failed}))?;
        }
        done(context, failures, got.is_empty())
    }

    /// The checkpoint that is to be dated: the newest, or the one that was said, which must be of this archive.
    fn checkpoint(&self, context: &Context, view: &View<'_>, store: &dyn Store) -> Result<SignedCheckpoint, Failure> {
        let Some(path) = &self.checkpoint else {
            let bytes = store.read(Member::Checkpoint, limits::CHECKPOINT)?;
            return SignedCheckpoint::parse(&bytes).map_err(|error| Failure::of(Exit::False, &error));
        };
        let at = |failure: Failure| failure.at(path.display());
        let of = |error: &dyn std::error::Error| at(Failure::of(Exit::False, error));
        let signed = SignedCheckpoint::parse(&read_bounded(path, limits::CHECKPOINT)?).map_err(|error| of(&error))?;
        let keys = view.keys_at(KeyRole::Log, signed.claimed_size());
        signed.verify(&view.charter().origin, &keys.iter().collect::<Vec<_>>()).map_err(|error| of(&error))?;
        let Some(id) = view.report().archive else { return Ok(signed) };
        let trust = Trust { seen: vec![(id, signed.claimed_head())], ..Trust::default() };
        let threads = context.threads().get();
        let options = CheckOptions { files: Files::None, trust, signatures: Signatures::None, threads };
        let report = check::check(store, &options, &mut ())?;
        let of_log = |code| matches!(code, Code::RolledBack | Code::Forked);
        match report.findings.iter().find(|finding| of_log(finding.code) && finding.code.severity() == Severity::Error)
        {
            Some(finding) => Err(at(Failure::new(Exit::False, &finding.detail))),
            None => Ok(signed),
        }
    }

    /// What authorities answered, each with whence it came and what was asked, if that is known.
    fn answers(&self, checkpoint: &SignedCheckpoint) -> Vec<(String, Result<Answer, Failure>)> {
        let files = self.response.iter().map(|path| {
            let read = read_bounded(path, limits::TOKEN).map_err(|failure| bare(path, &failure));
            (path.display().to_string(), read.map(|response| (None, response)))
        });
        let asked = self.tsa.iter().map(|url| {
            let answer = clock::random_bytes().and_then(|nonce| {
                let request = Request::of(checkpoint.text(), Some(nonce));
                let wait = Duration::from_secs(self.timeout);
                let response = http::post(url, &request.to_der(), self.proxy.as_deref(), wait)?;
                Ok((Some(request), response))
            });
            (url.clone(), answer)
        });
        files.chain(asked).collect()
    }
}

/// What was asked, and the answer.
type Answer = (Option<Request>, Vec<u8>);

/// A failure about a file, without the file's name, which is said of every answer.
fn bare(path: &Path, failure: &Failure) -> Failure {
    let prefix = format!("{}: ", path.display());
    Failure::new(failure.exit(), failure.message().strip_prefix(&prefix).unwrap_or_else(|| failure.message()))
}

/// Refuses what is no timestamp of this checkpoint, whoever looks.
fn judge(
    clocks: &Clocks,
    checkpoint: &SignedCheckpoint,
    request: Option<Request>,
    response: Vec<u8>,
) -> Result<(Vec<u8>, Judgement), Failure> {
    let fault = |error| Failure::of(Exit::False, &error);
    let token = Token::from_response(&response).map_err(fault)?;
    if let Some(request) = request {
        request.answered_by(&token).map_err(fault)?;
    }
    match clocks.judge(checkpoint.text(), &response) {
        Judgement::False { detail } => {
            let failure = Failure::new(Exit::False, detail);
            Err(failure.hint("if the archive has grown since it was asked for, --checkpoint FILE says what it is over"))
        }
        judgement => Ok((response, judgement)),
    }
}

fn write_request(context: &Context, path: &Path, checkpoint: &SignedCheckpoint) -> Done {
    let request = Request::of(checkpoint.text(), Some(clock::random_bytes()?));
    let beside = PathBuf::from(format!("{}.checkpoint", path.display()));
    let files: [(&Path, &[u8]); 2] = [(path, &request.to_der()), (&beside, checkpoint.bytes())];
    for (path, bytes) in files {
        staging::write_file(path, false, |mut file| {
            std::io::Write::write_all(&mut file, bytes).map_err(|error| Failure::io(path, &error))
        })?;
    }
    let (request, size) = (path.to_string_lossy(), checkpoint.claimed_size());
    if context.json {
        let beside = beside.to_string_lossy();
        context.ui.json(&json!({"schema": 1, "size": size, "request": request, "checkpoint": beside}))?;
    } else {
        let (what, over) = (escape::line(&request), count(size, "statement"));
        context.ui.detail(format_args!("{} {what}: over {over}", paint(GOOD, "wrote")))?;
        context
            .ui
            .note("send it to an authority as application/timestamp-query, and take its answer in with --response");
    }
    Ok(Exit::Ok)
}

/// Says what a timestamp is worth; as JSON, too.
fn told(context: &Context, checkpoint: &SignedCheckpoint, got: &Got, token: FileDigest) -> Result<Value, Failure> {
    let size = checkpoint.claimed_size();
    let file = format!("time/{size}/{}.tsr", token.to_hex());
    let (verdict, line) = match &got.judgement {
        Judgement::Holds(clock) => {
            let authority = escape::short(&clock.authority, 120);
            ("holds", format!("{} {}, by the clock of {authority}", paint(GOOD, "existed before"), clock.before))
        }
        Judgement::Open { claimed_time, claimed_authority, detail } => {
            let time = claimed_time.as_ref().map(ToString::to_string).unwrap_or_default();
            let authority = claimed_authority.as_deref().unwrap_or("somebody");
            let who = escape::short(authority, 120);
            let detail = escape::line(detail);
            (
                "open",
                format!("{} {time}, says {who}, whom you have no reason to believe: {detail}", paint(WARN, "kept:")),
            )
        }
        _ => ("false", String::new()),
    };
    if context.json {
        return Ok(json!({"from": got.from, "file": file, "verdict": verdict}));
    }
    context.ui.detail(format_args!("{} {line}", count(size, "statement")))?;
    context.ui.detail(paint(DIM, format_args!("    {}", escape::line(&file))))?;
    Ok(Value::Null)
}

fn done(context: &Context, failures: Vec<Failure>, none: bool) -> Done {
    let mut failures = failures.into_iter();
    let Some(first) = failures.next() else { return Ok(Exit::Ok) };
    if none {
        failures.for_each(|failure| context.ui.failure(&failure));
        return Err(first);
    }
    [first].into_iter().chain(failures).for_each(|failure| context.ui.failure(&failure));
    Ok(Exit::Partial)
}
