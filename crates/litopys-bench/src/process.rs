//! Running a command: how long it took, how much memory it had at its peak, and what it said when it failed.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// A command line: the program, its arguments, where it runs and what it is told by its environment.
#[derive(Debug, Clone)]
pub(crate) struct Cmd {
    program: PathBuf,
    args: Vec<OsString>,
    envs: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
    input: Option<PathBuf>,
    accepted: &'static [i32],
}

impl Cmd {
    /// The program, without arguments, that succeeds by exiting with 0.
    pub(crate) fn new(program: &Path) -> Self {
        let program = program.to_owned();
        Self { program, args: Vec::new(), envs: Vec::new(), dir: None, input: None, accepted: &[0] }
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds words as arguments.
    pub(crate) fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.args.extend(args.into_iter().map(OsString::from));
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.envs.push((name.into(), value.into()));
        self
    }

    /// Sets the folder that it runs in.
    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.dir = Some(dir.to_owned());
        self
    }

    /// Sets the file that it reads as its standard input.
    pub(crate) fn input(mut self, file: &Path) -> Self {
        self.input = Some(file.to_owned());
        self
    }

    /// Sets the exit codes that mean success.
    pub(crate) fn accept(mut self, codes: &'static [i32]) -> Self {
        self.accepted = codes;
        self
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).envs(self.envs.iter().map(|(name, value)| (name, value)));
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command.stdin(match &self.input {
            Some(file) => Stdio::from(File::open(file)?),
            None => Stdio::null(),
        });
        Ok(command)
    }

    fn describe(&self) -> String {
        let words = std::iter::once(self.program.as_os_str()).chain(self.args.iter().map(OsString::as_os_str));
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }
}

/// Runs commands, each for a limited time.
pub(crate) struct Runner {
    timeout: Duration,
    /// What a command writes to its standard error goes here: a file can't fill up and stop it, as a pipe can.
    stderr: PathBuf,
    /// GNU time, which reads the peak from the kernel when the command ends.
    time: Option<PathBuf>,
}

impl Runner {
    /// A runner that keeps its scratch files in `dir`.
    pub(crate) fn new(dir: &Path, timeout: Duration) -> Self {
        let time = Some(PathBuf::from("/usr/bin/time")).filter(|path| path.exists());
        Self { timeout, stderr: dir.join("stderr.txt"), time }
    }

    /// Runs the command; its time.
    pub(crate) fn run(&self, cmd: &Cmd) -> Result<Duration> {
        self.finish(cmd, cmd.command()?)
    }

    /// Runs the command; its peak of resident memory, in bytes.
    pub(crate) fn peak(&self, cmd: &Cmd) -> Result<u64> {
        let Some(time) = &self.time else {
            return Err("peak memory is measured with GNU time (/usr/bin/time), which is not installed".into());
        };
        let report = self.stderr.with_extension("peak");
        let mut wrapped =
            Cmd { program: time.clone(), args: vec!["-f".into(), "%M".into(), "-o".into()], ..cmd.clone() };
        wrapped.args.extend([report.clone().into_os_string(), cmd.program.clone().into_os_string()]);
        wrapped.args.extend(cmd.args.iter().cloned());
        self.finish(cmd, wrapped.command()?)?;
        let text = fs::read_to_string(&report)?;
        let kib: u64 = text.lines().last().unwrap_or_default().trim().parse()?;
        Ok(kib * 1024)
    }

    /// Runs the command; what it wrote to its standard output.
    pub(crate) fn output(&self, cmd: &Cmd) -> Result<String> {
        let file = self.stderr.with_extension("stdout");
        let mut command = cmd.command()?;
        command.stdout(File::create(&file)?);
        self.finish_with(cmd, command)?;
        Ok(String::from_utf8_lossy(&fs::read(&file)?).into_owned())
    }

    fn finish(&self, cmd: &Cmd, mut command: Command) -> Result<Duration> {
        command.stdout(Stdio::null());
        self.finish_with(cmd, command)
    }

    fn finish_with(&self, cmd: &Cmd, mut command: Command) -> Result<Duration> {
        command.stderr(File::create(&self.stderr)?);
        let start = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", cmd.describe()))?;
        let status = wait(&mut child, self.timeout)?;
        let took = start.elapsed();
        match status {
            Some(status) if status.code().is_some_and(|code| cmd.accepted.contains(&code)) => Ok(took),
            Some(status) => Err(format!("{} ended with {status}\n{}", cmd.describe(), self.last_words()).into()),
            None => Err(format!("{} took more than {} s", cmd.describe(), self.timeout.as_secs()).into()),
        }
    }

    /// The end of what the command wrote to its standard error.
    fn last_words(&self) -> String {
        let text = fs::read(&self.stderr).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

/// Waits for the child, and kills it when the time is over.
#[cfg(target_os = "linux")]
fn wait(child: &mut Child, timeout: Duration) -> Result<Option<ExitStatus>> {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

    let pid = Pid::from_child(child);
    let handle = pidfd_open(pid, PidfdFlags::empty())?;
    let ended = |limit: Duration| -> Result<bool> {
        Ok(poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&limit.try_into()?))? > 0)
    };
    if ended(timeout)? {
        return Ok(Some(child.wait()?));
    }
    // Interrupted first: so a program with workers takes them along.
    pidfd_send_signal(&handle, Signal::INT)?;
    if !ended(Duration::from_secs(5))? {
        child.kill()?;
    }
    child.wait()?;
    Ok(None)
}

/// Waits for the child, and kills it when the time is over.
#[cfg(not(target_os = "linux"))]
fn wait(child: &mut Child, timeout: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < timeout {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool;

    fn runner(timeout: Duration) -> Runner {
        let dir = std::env::temp_dir().join(format!("litopys-bench-{}-{}", std::process::id(), timeout.as_millis()));
        fs::create_dir_all(&dir).unwrap();
        Runner::new(&dir, timeout)
    }

    fn shell(script: &str) -> Cmd {
        Cmd::new(&tool::find("sh").unwrap()).arg("-c").arg(script)
    }

    #[test]
    fn a_failure_says_what_the_command_said() {
        let runner = runner(Duration::from_secs(20));
        let error = runner.run(&shell("echo no such luck >&2; exit 4")).unwrap_err().to_string();
        assert!(error.contains("no such luck"), "{error}");
        assert!(runner.run(&shell("exit 3").accept(&[0, 3])).is_ok());
        assert_eq!(runner.output(&shell("echo out")).unwrap(), "out\n");
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let error = runner(Duration::from_millis(100)).run(&shell("exec sleep 60")).unwrap_err().to_string();
        assert!(error.contains("took more than"), "{error}");
    }
}
