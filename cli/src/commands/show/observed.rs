//! An observation: what was found, and the evidence for it.

use litopys::manifest::Manifest;
use litopys::view::{Article, ObservationRef, View};
use serde::Serialize;

use super::human::{field, files, provenance, section};
use super::machine::{FileRow, Metadata, ObservationRow, Signer};
use crate::context::Context;
use crate::failure::Failure;
use crate::render::metadata;
use crate::select::short_id;
use crate::ui::{BAD, BOLD, DIM, WARN, escape, paint};
use crate::withheld::Grounds;

/// An observation as JSON.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: u32,
    archive: Option<String>,
    article: String,
    #[serde(flatten)]
    observation: ObservationRow,
    /// Null where its evidence is withheld, as what follows is.
    subject: Option<&'a str>,
    metadata: Option<Metadata<'a>>,
    files: Option<Vec<FileRow<'a>>>,
    provenance: Option<&'a litopys::manifest::TextMap>,
}

/// Prints an observation.
pub(super) fn show(context: &Context, view: &View<'_>, observation: &ObservationRef) -> Result<(), Failure> {
    let entry = observation.entry();
    let manifest = entry.withheld.is_none().then(|| view.manifest(&entry)).transpose()?;
    if context.json {
        let row = |file| FileRow::of(view, entry.index, file);
        let signer = Some(Signer::of_version(view, &entry));
        return context.ui.json(&Document {
            schema: 1,
            archive: view.report().archive.map(|id| id.to_hex()),
            article: observation.article.to_string(),
            observation: ObservationRow::signed(observation, signer),
            subject: manifest.as_ref().map(|manifest| manifest.subject.as_str()),
            metadata: manifest.as_ref().map(Metadata::from),
            files: manifest.as_ref().map(|manifest| manifest.files.iter().map(row).collect()),
            provenance: manifest.as_ref().map(|manifest| &manifest.provenance),
        });
    }
    human(context, view, observation, manifest.as_ref())
}

fn human(
    context: &Context,
    view: &View<'_>,
    observation: &ObservationRef,
    manifest: Option<&Manifest>,
) -> Result<(), Failure> {
    let (ui, entry) = (&context.ui, observation.entry());
    let ObservationRef { article, outcome, at, version: (_, of), .. } = observation;
    let label = view.article(article).map_or_else(|| article.to_string(), Article::label);
    ui.line(paint(BOLD, escape::line(&label)))?;
    section(ui, "observation")?;
    let found = paint(WARN, outcome.as_str());
    field(ui, "observed", format_args!("{found} at {at}, by the signer's word, against version {of}"))?;
    field(ui, "article", article)?;
    field(ui, "statement", format_args!("{}  {}", observation.index, paint(DIM, short_id(&observation.id))))?;
    let signer = Signer::of_version(view, &entry);
    let (name, key) = (signer.named(view), paint(DIM, &signer.key));
    let Some(manifest) = manifest else {
        field(ui, "signed", format_args!("{name}  {key}"))?;
        let grounds = Grounds::of_manifest(view, entry.index).map(|grounds| grounds.sentence());
        return ui.line(format_args!("  {}", paint(BAD, grounds.unwrap_or_default())));
    };
    field(ui, "signed", format_args!("{}, {name}  {key}", manifest.signed_at))?;
    field(ui, "subject", escape::line(&manifest.subject))?;
    metadata::fields(manifest, &mut |label, value| field(ui, label, value))?;
    files(ui, view, entry.index, manifest)?;
    if manifest.provenance.is_empty() { Ok(()) } else { provenance(ui, manifest) }
}
