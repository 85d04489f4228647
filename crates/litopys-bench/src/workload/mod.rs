//! The workloads, on disk: made here from a seed, or found where `gen.py` made them.

mod prng;
mod text;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use self::prng::Prng;
use self::text::Vocabulary;
use crate::Result;
use crate::args::Scale;
use crate::disk;

/// The folders of W1, in the order in which they are archived.
pub(crate) const ROUNDS: [&str; 3] = ["r1", "r2", "r3"];
const MIB: usize = 1 << 20;

/// The folders with the workloads, each made when it is first asked for.
pub(crate) struct Workloads {
    dir: PathBuf,
    scale: Scale,
    /// Where `gen.py` made them, if it did.
    made: Option<PathBuf>,
}

impl Workloads {
    /// Workloads of this scale in `dir`, or those already `made`.
    pub(crate) fn new(dir: PathBuf, scale: Scale, made: Option<PathBuf>) -> Self {
        Self { dir, scale, made }
    }

    /// W1: 10,000 articles in three rounds, `r1/00/a00000.md` and so on: one file an article and round.
    pub(crate) fn w1(&self) -> Result<PathBuf> {
        disk::prepared(&self.dir.join("W1"), |dir| match &self.made {
            Some(made) => lay_out_rounds(&made.join("W1"), dir),
            None => self.make_w1(dir),
        })
    }

    /// W2: 100,000 articles, `000/a000000.md` and so on.
    pub(crate) fn w2(&self) -> Result<PathBuf> {
        if let Some(made) = &self.made {
            return existing(made.join("W2"));
        }
        disk::prepared(&self.dir.join("W2"), |dir| self.make_w2(dir))
    }

    /// W3: 20 files of 50 MiB of noise.
    pub(crate) fn w3(&self) -> Result<PathBuf> {
        if let Some(made) = &self.made {
            return existing(made.join("W3"));
        }
        let blocks = self.scale.of(50 * 16);
        disk::prepared(&self.dir.join("W3"), |dir| {
            let mut block = vec![0; MIB / 16];
            for number in 0..20 {
                let mut prng = Prng::new(3, number);
                let mut file = fs::File::create_new(dir.join(format!("att{number:02}.bin")))?;
                for _ in 0..blocks {
                    prng.fill(&mut block);
                    file.write_all(&block)?;
                }
            }
            Ok(())
        })
    }

    /// Ten articles of W2 with another text, under the same paths.
    pub(crate) fn w2_changed(&self) -> Result<PathBuf> {
        let w2 = self.w2()?;
        disk::prepared(&self.dir.join("W2-changed"), |dir| {
            let files = disk::files(&w2)?;
            let step = (files.len() / 10).max(1);
            for path in files.iter().step_by(step).take(10) {
                let mut text = fs::read(w2.join(path))?;
                text.extend_from_slice(b"\nA correction, added later.\n");
                disk::write(&dir.join(path), &text)?;
            }
            Ok(())
        })
    }

    /// The first `count` articles of W1's first round: for what is measured on few articles.
    pub(crate) fn few(&self, count: usize) -> Result<PathBuf> {
        let from = self.w1()?.join(ROUNDS[0]);
        disk::prepared(&self.dir.join(format!("few-{count}")), |dir| {
            for path in disk::files(&from)?.iter().take(count) {
                disk::write(&dir.join(path), &fs::read(from.join(path))?)?;
            }
            Ok(())
        })
    }

    fn make_w1(&self, dir: &Path) -> Result<()> {
        let vocabulary = Vocabulary::new();
        for number in 0..self.scale.of(10_000) {
            let mut prng = Prng::new(1, number);
            let mut article = vocabulary.article(&mut prng, number);
            for round in ROUNDS {
                let path = format!("{round}/{:02}/a{number:05}.md", number / 100);
                disk::write(&dir.join(path), article.render().as_bytes())?;
                vocabulary.edit(&mut prng, &mut article);
            }
        }
        Ok(())
    }

    fn make_w2(&self, dir: &Path) -> Result<()> {
        let vocabulary = Vocabulary::new();
        for number in 0..self.scale.of(100_000) {
            let text = vocabulary.article(&mut Prng::new(2, number), number).render();
            disk::write(&dir.join(format!("{:03}/a{number:06}.md", number / 1000)), text.as_bytes())?;
        }
        Ok(())
    }
}

fn existing(dir: PathBuf) -> Result<PathBuf> {
    if dir.is_dir() { Ok(dir) } else { Err(format!("no folder {}", dir.display()).into()) }
}

/// Turns `00/a00000/v1.md`, as `gen.py` writes it, into `r1/00/a00000.md`.
fn lay_out_rounds(from: &Path, dir: &Path) -> Result<()> {
    for path in disk::files(&existing(from.to_owned())?)? {
        let version = path.file_stem().and_then(|stem| stem.to_str()?.strip_prefix('v'));
        let (Some(version), Some(article)) = (version, path.parent()) else {
            return Err(format!("not a file of W1: {}", path.display()).into());
        };
        let to = dir.join(format!("r{version}")).join(article.with_extension("md"));
        disk::write(&to, &fs::read(from.join(&path))?)?;
    }
    Ok(())
}
