//! `litopys withdraw`: what must not be kept.

mod wanted;

use std::io::{BufRead, stdin};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum};
use litopys::Signer;
use litopys::archive::{Archive, Grounds};
use litopys::authority::Authority;
use litopys::charter::KeyRole;
use litopys::request::Unsigned;
use litopys::statement::SignedStatement;
use litopys::withdrawal::DataClass;
use serde_json::{Value, json};

use super::add::{Writing, remember};
use super::apart;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::home::keys::Key;
use crate::select::short_id;
use crate::signers::own;
use crate::ui::{GOOD, is_attended, paint};
use wanted::Wanted;

/// Take out of an archive what must not be kept
///
/// A signed statement says what is withheld, what sort of data it is, why, and by which law; then its bytes leave the archive, and every bundle and
/// extract made from then on. The log, and the statements that name it, stay: everything still verifies, and every report discloses what was withdrawn.
///
/// It can't be undone, and it doesn't reach copies that were handed out before. A steward may withdraw anything; an archivist the versions and
/// observations that they signed, and files in them.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).multiple(true).args(["version", "article", "file"])), after_help = "\
Examples:
  litopys withdraw my-archive --version 0f8e2c1a --class personal --reason \"the person named asked for it\" --basis \"GDPR, article 17(1)(a)\"
  litopys withdraw my-archive --file sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --class copyright --reason \"the photographer objects\" --basis \"court order 12 O 34/26\" --yes")]
pub(crate) struct Withdraw {
    /// The archive's folder
    archive: PathBuf,
    /// A version or an observation, by 8 digits or more of its statement's id: its manifest, and its files in it; repeat it for more
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    version: Vec<String>,
    /// All versions of an article and what was observed of it, by its urn:uuid or the beginning of it, or its subject; repeat it for more
    #[arg(long, value_name = "ARTICLE", conflicts_with = "file")]
    article: Vec<String>,
    /// A file, by its SHA-256, in all versions and observations that name it; repeat it for more
    #[arg(long, value_name = "DIGEST")]
    file: Vec<String>,
    /// What sort of data it is
    #[arg(long)]
    class: Class,
    /// Why, for everybody to read, for ever
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The legal basis, likewise
    #[arg(long, value_name = "TEXT")]
    basis: String,
    /// Don't ask; needed where there is no terminal
    #[arg(long)]
    yes: bool,
    /// Say what would be withdrawn, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write what is to be signed to a file, for `litopys sign` on another machine, and withdraw nothing yet. A file is asked of a steward
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    request: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
}

/// A sort of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Class {
    /// Personal data
    Personal,
    /// Special categories of personal data: health, beliefs, convictions
    Sensitive,
    /// What was told or is held in confidence
    Confidential,
    /// A work whose holder of rights objects
    Copyright,
    /// What nobody may hold
    Unlawful,
    /// None of these: the reason says what
    Other,
}

impl From<Class> for DataClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Personal => Self::Personal,
            Class::Sensitive => Self::Sensitive,
            Class::Confidential => Self::Confidential,
            Class::Copyright => Self::Copyright,
            Class::Unlawful => Self::Unlawful,
            Class::Other => Self::Other,
        }
    }
}

impl Withdraw {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        let archive = self.writing.open(context, &self.archive)?;
        let wanted = Wanted::find(context, &archive, (&self.version, &self.article, &self.file))?;
        if let Some(out) = &self.request {
            wanted.say(context);
            return self.ask(context, &archive, &wanted, out);
        }
        let key = self.key(context, archive.authority())?;
        let steward = archive.authority().holder(key.public_key().as_bytes());
        let steward = steward.is_some_and(|holder| holder.may(KeyRole::Steward));
        wanted.say(context);
        context.ui.warn("this can't be undone, and copies that were handed out before stay as they are");
        if self.dry_run {
            context.ui.note("nothing was written");
            if context.json {
                context.ui.json(&self.document(&wanted, json!({"dry_run": true, "statements": []})))?;
            }
            return Ok(Exit::Ok);
        }
        if !self.yes && !is_attended() {
            return Err(Failure::new(Exit::False, "nothing was withdrawn: there is no terminal to ask on")
                .hint("--yes withdraws it without being asked"));
        }
        if !self.yes && !confirmed(context) {
            return Err(Failure::new(Exit::False, "nothing was withdrawn"));
        }
        let statements = self.sign(&archive, &wanted, &key, steward)?;
        let log = self.log_key(context, archive.authority(), &key)?;
        let before = archive.head().size();
        let archive = archive.append(&statements, log.as_ref().unwrap_or(&key))?;
        remember(context, &archive);
        self.print(context, &statements, before, &wanted)
    }

    /// The key that was named; else one of a steward, or else of an archivist.
    fn key(&self, context: &Context, authority: &Authority) -> Result<Key, Failure> {
        match &self.writing.key {
            Some(key) => context.home()?.read_key(key),
            None => own(context, authority, KeyRole::Steward).or_else(|_| own(context, authority, KeyRole::Archivist)),
        }
    }

    fn log_key(&self, context: &Context, authority: &Authority, key: &Key) -> Result<Option<Key>, Failure> {
        let holds_log = authority.holder(key.public_key().as_bytes()).is_some_and(|holder| holder.may(KeyRole::Log));
        match &self.writing.log_key {
            Some(key) => context.home()?.read_key(key).map(Some),
            None if holds_log => Ok(None),
            None => own(context, authority, KeyRole::Log).map(Some),
        }
    }

    fn grounds(&self) -> Grounds {
        Grounds { class: self.class.into(), reason: self.reason.clone(), basis: self.basis.clone() }
    }

    fn sign(
        &self,
        archive: &Archive,
        wanted: &Wanted,
        key: &Key,
        steward: bool,
    ) -> Result<Vec<SignedStatement>, Failure> {
        let sign = |scope| Ok(archive.withdrawal(scope, self.grounds(), key)?);
        wanted.scopes(steward).into_iter().map(sign).collect()
    }

    /// Writes a request for it.
    fn ask(&self, context: &Context, archive: &Archive, wanted: &Wanted, out: &Path) -> Done {
        let unsigned = |scope| {
            let payload = archive.lay_out_withdrawal(scope, self.grounds());
            Unsigned::new(payload, None).map_err(|(_, detail)| Failure::new(Exit::Unable, detail))
        };
        let statements = wanted.scopes(true).into_iter().map(unsigned).collect::<Result<_, _>>()?;
        apart::write(&apart::request(archive, statements)?, out)?;
        if context.json {
            let became = json!({"statements": [], "request": out.to_string_lossy()});
            context.ui.json(&self.document(wanted, became))?;
        } else {
            context.ui.detail(format_args!("{} to withdraw {}", paint(GOOD, "asked:"), wanted.sentence()))?;
            apart::note(context, out, "");
        }
        Ok(Exit::Ok)
    }

    /// What is said as JSON, with what became of it.
    fn document(&self, wanted: &Wanted, became: Value) -> Value {
        let (versions, observations) = (wanted.ids(false), wanted.ids(true));
        let files: Vec<_> = wanted.files.keys().map(ToString::to_string).collect();
        let mut document = json!({
            "schema": 1, "versions": versions, "observations": observations, "files": files,
            "class": DataClass::from(self.class).as_str(), "reason": self.reason, "basis": self.basis,
        });
        if let (Value::Object(document), Value::Object(became)) = (&mut document, became) {
            document.extend(became);
        }
        document
    }

    fn print(&self, context: &Context, statements: &[SignedStatement], before: u64, wanted: &Wanted) -> Done {
        if context.json {
            let ids: Vec<_> = statements.iter().map(|statement| statement.id().to_hex()).collect();
            context.ui.json(&self.document(wanted, json!({"statements": ids, "index": before})))?;
        } else {
            let by = statements.first().map(|statement| short_id(&statement.id())).unwrap_or_default();
            let what = wanted.sentence();
            context.ui.detail(format_args!("{} {what}, by statement {by}", paint(GOOD, "withdrawn:")))?;
            context.ui.note(COPIES);
        }
        Ok(Exit::Ok)
    }
}

/// What is left to do once something is withdrawn.
pub(crate) const COPIES: &str =
    "bundles and extracts made before have it still: make new ones, and ask whoever has the old ones";

/// Asks on the terminal.
fn confirmed(context: &Context) -> bool {
    context.ui.note("type \"yes\" to withdraw it");
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}
