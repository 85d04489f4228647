//! What the figures were measured on, and with.

use std::fs;
use std::thread;

use crate::bench::Bench;
use crate::tool;

/// The machine and the versions of all programs, as a Markdown list.
pub(crate) fn describe(bench: &Bench) -> String {
    let threads = thread::available_parallelism().map_or(0, usize::from);
    let mut lines = vec![
        format!("- CPU: {}, {threads} threads", field("/proc/cpuinfo", "model name")),
        format!("- memory: {}", field("/proc/meminfo", "MemTotal")),
        format!("- kernel: {}", fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim()),
        format!("- litopys: {}", tool::version(&bench.litopys, "--version").unwrap_or_default()),
        format!("- runs: {} pairs after a warm-up; medians, warm cache", bench.runs),
    ];
    if !bench.scale.is_full() {
        lines.push(format!("- **workloads at scale {}: a smoke test, no measurement**", bench.scale));
    }
    let found = |(name, program, arg): (&str, Option<std::path::PathBuf>, &str)| {
        let version = program.map(|program| tool::version(&program, arg).unwrap_or_else(|| "installed".to_owned()));
        format!("- {name}: {}", version.as_deref().unwrap_or("not installed"))
    };
    lines.push(found(("p2panda", bench.p2p.clone(), "--version")));
    let names = [
        ("git", "--version"),
        ("restic", "version"),
        ("bagit.py", "--version"),
        ("rocfl", "--version"),
        ("minisign", "-v"),
        ("sha256sum", "--version"),
    ];
    lines.extend(names.map(|(name, arg)| found((name, tool::find(name), arg))));
    lines.join("\n") + "\n"
}

/// The first value of this name in a file of `name: value` lines.
fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let value = text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name);
    value.map_or("unknown", |(_, value)| value.trim()).to_owned()
}
