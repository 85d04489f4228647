//! Translations by their names: `post.uk.md` beside `post.md`.

use std::fs;

use litopys::manifest::Derivation;
use litopys::{Original, Role};

use crate::kind::ByName;
use crate::load::{Loaded, load};
use crate::{InputFile, Options};

/// The codes of ISO 639-1: languages with two letters.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv \
dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja \
jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl \
nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te \
tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// The name of the original and the language, of a name that has a language before its extension: `post.md` and `uk` of
/// `post.uk.md`, `zh-Hans` of `post.zh-Hans.md`.
fn split(name: &str) -> Option<(String, String)> {
    let (rest, extension) = name.rsplit_once('.')?;
    let (stem, tag) = rest.rsplit_once('.')?;
    let tag = tag.replace('_', "-");
    let (language, region) = tag.split_once('-').map_or((tag.as_str(), None), |(tag, region)| (tag, Some(region)));
    let known = language.len() == 2 && LANGUAGES.split_ascii_whitespace().any(|known| known == language);
    let good = known && region.is_none_or(|region| is_country(region) || is_script(region));
    (good && !stem.is_empty()).then(|| (format!("{stem}.{extension}"), tag.clone()))
}

fn is_country(tag: &str) -> bool {
    tag.len() == 2 && tag.bytes().all(|c| c.is_ascii_uppercase())
}

fn is_script(tag: &str) -> bool {
    let [first, rest @ ..] = tag.as_bytes() else { return false };
    tag.len() == 4 && first.is_ascii_uppercase() && rest.iter().all(u8::is_ascii_lowercase)
}

/// The original of a file that is a translation by its name, if there is such a file beside it.
fn original(file: &InputFile) -> Option<(InputFile, String)> {
    let (name, language) = split(&file.name())?;
    let original = file.beside(&name);
    let is_file = fs::symlink_metadata(original.real_path()).is_ok_and(|metadata| metadata.is_file());
    is_file.then_some((original, language))
}

/// Whether a file is a translation by its name: then it is read after all originals.
pub(crate) fn is_translation(file: &InputFile, options: &Options) -> bool {
    let data = matches!(file.kind(options.from), ByName::Data(media_type) if !media_type.contains("html"));
    !data && original(file).is_some()
}

/// Says what a translation was made from, unless that is known already, or its language is another than its name says.
pub(crate) fn relate(file: &InputFile, loaded: &mut Loaded, options: &Options) {
    let draft = &mut loaded.draft;
    let m = &mut draft.metadata;
    let has_text = draft.files.iter().any(|file| file.role == Role::Text);
    if !has_text || m.derived_from.is_some() || draft.original.is_some() || options.overrides.subject.is_some() {
        return;
    }
    let Some((beside, language)) = original(file) else { return };
    let primary = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    if m.language.as_deref().is_some_and(|said| primary(said) != primary(&language)) {
        return;
    }
    let Ok(original) = load(&beside, options) else { return };
    if original.draft.metadata.language.as_deref().is_some_and(|said| primary(said) == primary(&language)) {
        return;
    }
    if m.language.is_none() {
        m.language = Some(language);
        m.provenance.insert("language".to_owned(), "file name".to_owned());
    }
    m.provenance.insert("derived_from".to_owned(), format!("file name, beside {}", beside.name()));
    draft.original = Some(Original {
        subject: original.draft.subject,
        language: original.draft.metadata.language,
        kind: Derivation::Translation,
        tool: None,
        required: false,
    });
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;

    use super::*;
    use crate::drafts;

    #[test]
    fn only_names_with_a_language_before_the_extension_are_translations() {
        for (name, original, language) in [
            ("post.uk.md", "post.md", "uk"),
            ("a.b.ar.html", "a.b.html", "ar"),
            ("post.pt-BR.md", "post.md", "pt-BR"),
            ("post.zh_Hans.txt", "post.txt", "zh-Hans"),
        ] {
            assert_eq!(split(name), Some((original.to_owned(), language.to_owned())));
        }
        for other in [
            "post.md",
            "uk.md",
            ".uk.md",
            "post.min.js",
            "post.UK.md",
            "post.xx.md",
            "post.uk",
            "post.uk-x.md",
            "post-uk.md",
            "post.ж.md",
        ] {
            assert_eq!(split(other), None, "{other}");
        }
    }

    #[test]
    fn a_translation_comes_after_its_original_and_names_its_subject() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("index.ar.md", "كلمة"),
            ("index.md", "---\nurl: https://example.org/a\nlang: en\n---\nword"),
            ("index.uk.md", "---\nurl: https://example.org/a\n---\nслово"),
            ("index.fr.md", "---\nlang: de\n---\nWort"),
            ("index.en.md", "word"),
            ("alone.uk.md", "слово"),
            ("notes.uk.txt", "слово"),
            ("notes.txt", "word"),
            ("photo.is.jpg", "x"),
            ("photo.jpg", "y"),
        ] {
            fs::write(dir.path().join(name), text).unwrap();
        }
        let (options, inputs) = (Options::default(), [dir.path().to_owned()]);
        let all: Vec<_> = drafts(&inputs, &options, NonZero::<usize>::MIN).flatten().map(Result::unwrap).collect();
        let order: Vec<_> = all.iter().map(|l| l.input.file_name().unwrap().to_str().unwrap()).collect();
        let documents = ["alone.uk.md", "index.md", "index.ar.md", "index.en.md", "index.fr.md", "index.uk.md"];
        assert_eq!(order[..6], documents);
        assert_eq!(order[6..], ["notes.txt", "photo.is.jpg", "photo.jpg", "notes.uk.txt"]);
        let related: Vec<_> = all
            .iter()
            .filter_map(|l| {
                let original = l.draft.original.as_ref()?;
                let language = l.draft.metadata.language.as_deref()?;
                Some((l.draft.subject.as_str(), language, original.subject.as_str(), original.language.as_deref()))
            })
            .collect();
        assert_eq!(
            related,
            [
                ("index.ar.md", "ar", "https://example.org/a", Some("en")),
                ("https://example.org/a", "uk", "https://example.org/a", Some("en")),
                ("notes.uk.txt", "uk", "notes.txt", None),
            ]
        );
        assert_eq!(all[2].draft.metadata.provenance["derived_from"], "file name, beside index.md");
        assert_eq!(all[2].draft.metadata.provenance["language"], "file name");
    }
}
