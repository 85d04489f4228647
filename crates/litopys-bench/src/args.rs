//! The command line.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Measure litopys beside its peers
#[derive(Debug, Parser)]
#[command(name = "litopys-bench", version)]
pub(crate) struct Args {
    /// What to measure: everything by default
    #[arg(value_name = "JOB")]
    jobs: Vec<Job>,

    /// Folder for workloads and everything made of them: several GB at full size
    #[arg(long, value_name = "DIR", default_value = "target/bench")]
    pub(crate) work: PathBuf,

    /// The litopys to measure [default: the one beside this program]
    #[arg(long, value_name = "PATH")]
    pub(crate) litopys: Option<PathBuf>,

    /// The p2panda peer [default: p2p in PATH, else the one built in peers/p2panda]
    #[arg(long, value_name = "PATH")]
    pub(crate) p2p: Option<PathBuf>,

    /// Use the folders W1, W2 and W3 in here, as gen.py makes them, instead of making them
    #[arg(long, value_name = "DIR", conflicts_with = "scale")]
    pub(crate) workloads: Option<PathBuf>,

    /// Pairs of runs a row; ten times as many where a pair takes less than 0.2 s
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) runs: u16,

    /// Only the rows that are held against a target: some ten minutes with --runs 3
    #[arg(long)]
    pub(crate) targets: bool,

    /// Size of the workloads, as a fraction of the full one: a smoke test, no measurement
    #[arg(long, value_name = "1/N", default_value = "1")]
    pub(crate) scale: Scale,

    /// Seconds that one command may take
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    timeout: u64,
}

impl Args {
    /// The jobs asked for, in the order they are listed in.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        let asked = |job: &Job| self.jobs.is_empty() || self.jobs.contains(job);
        Job::value_variants().iter().copied().filter(asked).collect()
    }

    /// How long one command may take.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// Something to measure: some rows of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Job {
    /// Check 10,000 articles of 3 versions
    VerifyW1,
    /// Check 100,000 articles
    VerifyW2,
    /// Check 20 files of 50 MiB
    VerifyW3,
    /// Archive 10,000 articles in three rounds
    CreateW1,
    /// Archive 100,000 articles
    CreateW2,
    /// Bytes of a bundle
    Size,
    /// Peak memory of verify and create
    Memory,
    /// Names of 10,000 changed articles
    #[value(name = "diff-10k-names")]
    Diff10kNames,
    /// Text of 10,000 changed articles
    #[value(name = "diff-10k-text")]
    Diff10kText,
    /// 10 changed articles of 100,000
    #[value(name = "diff-100k")]
    Diff100k,
    /// Check a bundle of one article
    VerifyOne,
    /// What hashing, and one signature a statement, cost in any case
    Limit,
}

impl Job {
    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// A fraction: the workloads have a `1/divisor` of their full size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scale {
    divisor: u64,
}

impl Scale {
    /// `full`, scaled down; never nothing.
    pub(crate) fn of(self, full: u64) -> u64 {
        (full / self.divisor).max(1)
    }

    /// Whether the workloads have their full size.
    pub(crate) fn is_full(self) -> bool {
        self.divisor == 1
    }

    /// As part of a folder's name.
    pub(crate) fn slug(self) -> String {
        format!("1of{}", self.divisor)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1/{}", self.divisor)
    }
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let divisor = if text == "1" { "1" } else { text.strip_prefix("1/").unwrap_or_default() };
        match divisor.parse() {
            Ok(divisor @ 1..=1000) => Ok(Self { divisor }),
            _ => Err("1, or 1/N with N up to 1000".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_one_or_a_fraction_of_it() {
        assert_eq!("1/100".parse::<Scale>().unwrap().of(10_000), 100);
        assert!("1".parse::<Scale>().unwrap().is_full());
        for text in ["", "0", "2", "1/0", "1/x", "2/3", "/3"] {
            assert!(text.parse::<Scale>().is_err(), "{text}");
        }
    }

    #[test]
    fn no_job_named_means_all_of_them() {
        let names: Vec<_> = Args::parse_from(["bench"]).jobs().into_iter().map(Job::name).collect();
        assert_eq!(names.len(), 12);
        assert!(names.contains(&"diff-10k-names".to_owned()));
        assert_eq!(Args::parse_from(["bench", "size", "verify-w1"]).jobs(), [Job::VerifyW1, Job::Size]);
    }
}
