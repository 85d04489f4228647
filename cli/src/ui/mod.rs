//! What is printed: results on standard output, everything else on standard error.
//!
//! Whatever comes from an archive goes through [`escape`] before a terminal sees it; JSON is escaped by [`json`].

pub(crate) mod escape;
mod json;
mod progress;
pub(crate) mod words;

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Read, Write};

use anstream::adapter::StripBytes;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use litopys::key::SecretText;
use serde::Serialize;

pub(crate) use json::{to_json, to_json_lines};
pub(crate) use progress::Progress;

use crate::args::Color;
use crate::failure::{Exit, Failure};

/// What holds.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is false.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What deserves attention.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// What matters less.
pub(crate) const DIM: Style = Style::new().dimmed();
/// What matters more.
pub(crate) const BOLD: Style = Style::new().bold();

/// Text in a style; a stream without colour leaves the style out.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Standard output. Where there is no colour, styles are left out before anything is held back: so it goes out in large pieces.
struct Out {
    strip: Option<StripBytes>,
    held: BufWriter<AutoStream<io::Stdout>>,
}

impl Out {
    fn new() -> Self {
        let choice = AutoStream::choice(&io::stdout());
        let strip = (choice == ColorChoice::Never).then(StripBytes::new);
        let choice = if strip.is_some() { ColorChoice::AlwaysAnsi } else { choice };
        Self { strip, held: BufWriter::with_capacity(64 << 10, AutoStream::new(io::stdout(), choice)) }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(strip) = &mut self.strip else { return self.held.write(bytes) };
        strip.strip_next(bytes).try_for_each(|piece| self.held.write_all(piece))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.held.flush()
    }
}

/// Where results and notices go.
pub(crate) struct Ui {
    out: RefCell<Out>,
    quiet: bool,
    json: bool,
}

impl Ui {
    /// Sets colour for both streams.
    pub(crate) fn new(color: Color, quiet: bool, json: bool) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        choice.write_global();
        Self { out: RefCell::new(Out::new()), quiet, json }
    }

    /// Whether only what was asked for is printed.
    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether standard output is shown in colour. Who writes much leaves styles out where it isn't.
    pub(crate) fn is_colored(&self) -> bool {
        self.out.borrow().strip.is_none()
    }

    /// A part of the result, which may end within a line. What comes from an archive must be escaped in it.
    pub(crate) fn part(&self, part: impl Display) -> Result<(), Failure> {
        written(write!(self.out.borrow_mut(), "{part}"))
    }

    /// A line of the result. What comes from an archive must be escaped in it.
    pub(crate) fn line(&self, line: impl Display) -> Result<(), Failure> {
        written(writeln!(self.out.borrow_mut(), "{line}"))
    }

    /// A line of the result that was laid out with [`Ui::is_colored`] in mind: there are no styles in it to be left out.
    pub(crate) fn laid(&self, line: &str) -> Result<(), Failure> {
        let held = &mut self.out.borrow_mut().held;
        written(held.write_all(line.as_bytes()).and_then(|()| held.write_all(b"\n")))
    }

    /// A line of the result that `--quiet` leaves out.
    pub(crate) fn detail(&self, line: impl Display) -> Result<(), Failure> {
        if self.quiet { Ok(()) } else { self.line(line) }
    }

    /// A JSON document on a line of its own. Control, bidi and invisible characters in it are escaped.
    pub(crate) fn json(&self, document: &impl Serialize) -> Result<(), Failure> {
        let mut out = self.out.borrow_mut();
        written(json::write(&mut *out, document).and_then(|()| out.write_all(b"\n")))
    }

    /// JSON that was written elsewhere, on a line of its own; what is hidden in it is escaped.
    pub(crate) fn json_text(&self, document: &str) -> Result<(), Failure> {
        let mut out = self.out.borrow_mut();
        written(json::make_visible(&mut *out, document.trim_end()).and_then(|()| out.write_all(b"\n")))
    }

    /// Lines of the result that were kept aside.
    pub(crate) fn copy(&self, lines: &mut dyn Read) -> Result<(), Failure> {
        written(io::copy(lines, &mut *self.out.borrow_mut()).map(drop))
    }

    /// Writes bytes to standard output as they are, after all that was printed before.
    pub(crate) fn raw(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        self.finish()?;
        let mut out = io::stdout().lock();
        written(write(&mut out).and_then(|()| out.flush()))
    }

    /// A notice on standard error, which `--quiet` leaves out.
    pub(crate) fn note(&self, line: impl Display) {
        if !self.quiet {
            self.stderr(line);
        }
    }

    /// A warning on standard error, which `--quiet` leaves out. It is escaped here.
    pub(crate) fn warn(&self, line: impl Display) {
        self.note(format_args!("{} {}", paint(WARN, "warning:"), escape::line(&line.to_string())));
    }

    /// One of several things that went wrong, on standard error. What comes from outside must be escaped in it.
    pub(crate) fn complain(&self, line: impl Display) {
        self.stderr(format_args!("{} {line}", paint(BAD, "error:")));
    }

    /// What belongs to the complaint before it. What comes from outside must be escaped in it.
    pub(crate) fn below(&self, line: impl Display) {
        self.stderr(format_args!("         {line}"));
    }

    /// An error on standard error, with its hints. It is escaped here.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.stderr(format_args!("{} {}", paint(BAD, "error:"), escape::line(failure.message())));
        failure.hints().iter().for_each(|hint| self.hint(hint));
    }

    /// What may help, on standard error. It is escaped here.
    pub(crate) fn hint(&self, hint: &str) {
        self.stderr(format_args!("{} {}", paint(BOLD, "hint:"), escape::line(hint)));
    }

    /// A bar on standard error for something that may take long. It shows itself after a second, on a terminal only.
    pub(crate) fn progress(&self, what: &'static str) -> Progress {
        Progress::new(what, !self.quiet && !self.json && io::stderr().is_terminal())
    }

    /// Prints what is still held back.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        written(self.out.borrow_mut().flush())
    }

    fn stderr(&self, line: impl Display) {
        // In the order in which it happened; a closed stream is no reason to stop.
        let _ = self.out.borrow_mut().flush();
        let _ = writeln!(anstream::stderr(), "{line}");
    }
}

/// Whether somebody is there to see where things are and to decide.
pub(crate) fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a secret on the terminal, without showing it; nothing if there is no terminal.
pub(crate) fn ask_secret(prompt: &str) -> io::Result<Option<SecretText>> {
    if !io::stderr().is_terminal() {
        return Ok(None);
    }
    rpassword::prompt_password(format!("{prompt}: ")).map(|secret| Some(secret.into()))
}

/// Says what deserves attention, where no command is at hand to say it.
#[cfg(unix)]
pub(crate) fn caution(text: impl Display) {
    anstream::eprintln!("{} {text}", paint(WARN, "warning:"));
}

fn written(result: io::Result<()>) -> Result<(), Failure> {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::pipe(),
        _ => Failure::of(Exit::Unable, &error).at("standard output"),
    })
}
