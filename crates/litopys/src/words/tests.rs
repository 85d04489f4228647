use crate::manifest::{Change, Derivation, Role};
use crate::observation::Observed;
use crate::report::Claim;

fn written(of: impl serde::Serialize) -> String {
    serde_json::to_value(of).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn words_are_those_that_are_written() {
    use Change::{Correction, Extraction, First, Observation, Recapture, Source};
    for change in [Correction, Extraction, First, Observation, Recapture, Source] {
        assert_eq!(written(change), change.as_str());
    }
    for role in [Role::Attachment, Role::Capture, Role::Media, Role::Text] {
        assert_eq!(written(role), role.as_str());
    }
    use Derivation::{Ocr, Redaction, Transcription, Translation};
    for derivation in [Ocr, Redaction, Transcription, Translation] {
        assert_eq!(written(derivation), derivation.as_str());
    }
    for observed in [Observed::Changed, Observed::Gone, Observed::Moved, Observed::Unchanged] {
        assert_eq!(written(observed), observed.as_str());
    }
}

#[test]
fn words_keep_to_a_width() {
    assert_eq!(format!("{:<7}|{}", Claim::Holds, Claim::NotApplicable), "holds  |not_applicable");
}
