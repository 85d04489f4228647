//! The versions of articles: metadata, manifest and files of each.

use std::collections::HashMap;
use std::io::{BufWriter, Write};

use litopys::manifest::FileEntry;
use litopys::view::{Article, ObservationRef, VersionRef, View, stretches};
use litopys::{FileDigest, Manifest};

use super::folder::Folder;
use super::metadata;
use super::names::Names;
use crate::failure::{Exit, Failure};
use crate::ui::{Progress, escape, to_json_lines};
use crate::withheld::Grounds;

/// A version that is to be exported.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) article: &'a Article,
    pub(super) version: VersionRef,
    /// Of an observation, in place of a version.
    pub(super) observation: Option<&'a ObservationRef>,
}

impl Row<'_> {
    /// Its folder: by the article's name and its number in the log, which never change.
    pub(super) fn folder(&self) -> String {
        match self.observation {
            None => format!("{}/v{}", article_folder(self.article), self.version.version),
            Some(observation) => format!("{}/observed-{:08}", article_folder(self.article), observation.index),
        }
    }
}

/// An article's folder.
pub(super) fn article_folder(article: &Article) -> String {
    let urn = article.urn.to_string();
    format!("articles/{}", urn.strip_prefix("urn:uuid:").unwrap_or(&urn))
}

/// What is exported of an archive.
pub(super) struct Exporter<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) folder: &'a mut Folder,
    /// How many files couldn't keep their names.
    pub(super) renamed: u64,
    /// Files that were left out, and why.
    pub(super) withheld: Vec<String>,
}

impl Exporter<'_> {
    /// Writes versions, in ascending order of their indexes: each tile is read once.
    pub(super) fn write(&mut self, rows: &[Row<'_>], progress: &mut Progress) -> Result<(), Failure> {
        let mut done = 0;
        for stretch in stretches(rows, |row| Some(&row.version)) {
            self.write_some(stretch)?;
            done += stretch.len() as u64;
            progress.set(done, rows.len() as u64);
        }
        Ok(())
    }

    fn write_some(&mut self, rows: &[Row<'_>]) -> Result<(), Failure> {
        let refs: Vec<_> = rows.iter().map(|row| row.version).collect();
        let mut manifests: Vec<(VersionRef, Manifest)> = Vec::with_capacity(rows.len());
        self.view.manifests(&refs, &mut |version, manifest| manifests.push((*version, manifest)))?;
        let mut places = Vec::with_capacity(rows.len());
        for (row, (_, manifest)) in rows.iter().zip(&manifests) {
            places.push(self.describe(row, manifest)?);
        }
        self.small(rows, &manifests, &places)?;
        for (row, ((version, manifest), places)) in rows.iter().zip(manifests.iter().zip(&places)) {
            let shown = |file: &FileEntry| self.view.withheld().of_file(version.index, &file.sha256).is_none();
            let large = manifest.files.iter().zip(places).filter(|(file, _)| !file.is_small() && shown(file));
            for (file, place) in large {
                let name = format!("{}/{place}", row.folder());
                let mut out = BufWriter::with_capacity(256 << 10, self.folder.create(&name)?);
                self.view.copy_file(version, manifest, file, &mut out)?;
                out.flush().map_err(|error| Failure::of(Exit::Unable, &error).at(&name))?;
                self.folder.sum(&name, file.size, file.sha256)?;
            }
        }
        Ok(())
    }

    /// Writes a version's metadata and manifest, and says where its files go.
    fn describe(&mut self, row: &Row<'_>, manifest: &Manifest) -> Result<Vec<String>, Failure> {
        let mut names = Names::default();
        let files = manifest.files.iter().enumerate();
        let places: Vec<_> = files.map(|(nth, file)| names.place(nth, &file.path)).collect();
        self.renamed += places.iter().filter(|place| place.starts_with("renamed/")).count() as u64;
        let folder = row.folder();
        for file in &manifest.files {
            if let Some(grounds) = Grounds::of_file(self.view, row.version.index, &file.sha256) {
                self.withheld.push(format!("{folder}, {}: {}", escape::line(&file.path), grounds.sentence()));
            }
        }
        let document = to_json_lines(&metadata::of(self.view, row, manifest, &places));
        self.folder.write(&format!("{folder}/metadata.json"), document.as_bytes())?;
        let bytes = manifest.encode().map_err(|error| Failure::of(Exit::False, &error))?;
        self.folder.write(&format!("{folder}/manifest.cbor"), &bytes)?;
        Ok(places)
    }

    /// Writes the small files of versions of one tile.
    fn small(
        &mut self,
        rows: &[Row<'_>],
        manifests: &[(VersionRef, Manifest)],
        places: &[Vec<String>],
    ) -> Result<(), Failure> {
        let mut by_digest: Vec<HashMap<FileDigest, Vec<&str>>> = Vec::with_capacity(rows.len());
        for ((version, manifest), places) in manifests.iter().zip(places) {
            let shown = |file: &FileEntry| self.view.withheld().of_file(version.index, &file.sha256).is_none();
            let mut map: HashMap<_, Vec<&str>> = HashMap::new();
            let small = manifest.files.iter().zip(places).filter(|(file, _)| file.is_small() && shown(file));
            for (file, place) in small {
                map.entry(file.sha256).or_default().push(place);
            }
            by_digest.push(map);
        }
        let (folder, mut written) = (&mut *self.folder, Ok(()));
        self.view.small_files(manifests, &mut |nth, digest, bytes| {
            let (Some(row), Some(places)) = (rows.get(nth), by_digest.get_mut(nth)) else { return };
            for place in places.remove(&digest).unwrap_or_default() {
                if written.is_ok() {
                    written = folder.write_known(&format!("{}/{place}", row.folder()), bytes, digest);
                }
            }
        })?;
        written?;
        match by_digest.iter().flat_map(HashMap::keys).next() {
            None => Ok(()),
            Some(digest) => Err(Failure::new(Exit::False, format_args!("{digest} is missing from its pack"))
                .hint("`litopys verify` lists all that is wrong")),
        }
    }
}
