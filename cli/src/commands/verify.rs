//! `litopys verify`.

use std::path::PathBuf;

use clap::Args;
use litopys::check::{self, CheckOptions, Files};

use crate::context::Context;
use crate::failure::{Done, Exit};
use crate::open;

/// Check an archive: every byte, signature and rule
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A folder or bundle
    #[arg(required = true, value_name = "ARCHIVE")]
    archives: Vec<PathBuf>,
}

impl Verify {
    /// Runs it.
    pub(crate) fn run(self, context: &Context) -> Done {
        for path in &self.archives {
            let opened = open::open(path)?;
            let trust = context.home()?.memories()?.trust();
            let threads = context.threads.get();
            let options = CheckOptions { files: Files::All, trust, signatures: true, threads, resume: None };
            let report = check::check(opened.store(path)?, &options, &mut context.ui.progress("verifying"))?;
            context.ui.line(format_args!("{:?}", report.verdict()))?;
        }
        Ok(Exit::Ok)
    }
}
