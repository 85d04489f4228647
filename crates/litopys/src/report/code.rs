//! The codes of findings (format.md, section 10): what each weighs, and which claim it speaks against.

use std::fmt;

use crate::words::words;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal $claim:ident;)*) => {
        /// The stable code of a finding; format.md, section 10.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of the format's table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code: a letter and three digits.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            pub(super) const fn subject(self) -> Subject {
                match self { $(Self::$name => Subject::$claim,)* }
            }
        }
    };
}

/// Which claim a finding speaks against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Intact,
    Signed,
    Complete,
    Trusted,
    Current,
    Time,
    Nothing,
}

codes! {
    /// The ZIP structure is not the canonical one.
    ZipStructure = "E001" Intact;
    /// A name that is none of the layout's, or out of its order.
    UnknownMember = "E002" Intact;
    /// A file of the layout is missing.
    MissingMember = "E003" Complete;
    /// A file that the checkpoint doesn't call for.
    ExtraMember = "E004" Intact;
    /// `mimetype` or `README.txt` has other bytes.
    FixedBytes = "E005" Intact;
    /// A member's CRC-32 is not that of its bytes.
    Crc = "E006" Intact;
    /// A file both as it is and compressed.
    TwoForms = "E007" Intact;
    /// The checkpoint is malformed.
    CheckpointForm = "E010" Intact;
    /// The checkpoint is of another origin.
    CheckpointOrigin = "E011" Signed;
    /// The checkpoint isn't signed by a key with the role `log`.
    CheckpointUnsigned = "E012" Signed;
    /// A checkpoint signature by a `log` key doesn't verify.
    CheckpointSignature = "E013" Signed;
    /// A repeated signature line.
    CheckpointRepeated = "E014" Intact;
    /// The root is not that of the statements.
    Root = "E015" Intact;
    /// An inclusion proof is malformed.
    ProofForm = "E016" Intact;
    /// An inclusion proof doesn't lead from the statement at its index to the root.
    Proof = "E017" Intact;
    /// An inclusion proof of another checkpoint.
    ProofCheckpoint = "E018" Intact;
    /// An entry tile is malformed.
    EntryTile = "E020" Intact;
    /// A hash tile is not what the statements give.
    HashTile = "E021" Intact;
    /// A leaf occurs twice.
    RepeatedLeaf = "E022" Intact;
    /// A statement isn't canonical CBOR.
    StatementCbor = "E030" Intact;
    /// A statement has not the shape of one.
    StatementShape = "E031" Intact;
    /// A payload is malformed.
    StatementPayload = "E034" Intact;
    /// A signature doesn't verify.
    Signature = "E040" Signed;
    /// A key is not an acceptable point.
    Key = "E041" Signed;
    /// A manifest is missing.
    ManifestMissing = "E050" Complete;
    /// A manifest has another digest.
    ManifestDigest = "E051" Intact;
    /// A manifest has another size.
    ManifestSize = "E052" Intact;
    /// A manifest is malformed.
    ManifestForm = "E053" Intact;
    /// A file is missing.
    FileMissing = "E054" Complete;
    /// A file has another digest.
    FileDigest = "E055" Intact;
    /// A file has another size.
    FileSize = "E056" Intact;
    /// A Zstandard frame breaks the rules, or doesn't decode.
    Frame = "E060" Intact;
    /// A manifests tile or pack doesn't hold exactly the items that it should.
    PackItems = "E061" Intact;
    /// `authority` is not the governance statement in force.
    Authority = "E070" Signed;
    /// Signed by a key that the archive doesn't know.
    UnknownSigner = "E071" Signed;
    /// Signed by a key without the role.
    WrongRole = "E072" Signed;
    /// A statement of another origin.
    OtherOrigin = "E073" Signed;
    /// A version doesn't continue its article's chain.
    BrokenChain = "E074" Intact;
    /// A second charter.
    SecondCharter = "E075" Signed;
    /// A second version 1 of an article.
    ForkedChain = "E076" Intact;
    /// The charter breaks the rules for charters.
    Charter = "E078" Signed;
    /// Not the archive that is trusted.
    OtherArchive = "E080" Trusted;
    /// The charter isn't signed by the key that is trusted.
    OtherFounder = "E081" Trusted;
    /// Smaller than a checkpoint seen before.
    RolledBack = "E082" Current;
    /// Another history than a checkpoint seen before.
    Forked = "E083" Current;
    /// A line that claims to be a known witness's cosignature doesn't verify.
    Cosignature = "E084" Current;
    /// Fewer witnesses cosigned than whoever checks asked for.
    Quorum = "E085" Current;
    /// Signed by a key that was retired before.
    RetiredSigner = "E090" Signed;
    /// Signed by a key that was revoked before.
    RevokedSigner = "E091" Signed;
    /// A change of keys that can't be made.
    KeyChange = "E092" Signed;
    /// A steward's second approval of the same.
    ApprovedTwice = "E093" Signed;
    /// A new key's proof of possession doesn't hold.
    Possession = "E094" Signed;
    /// A void statement about an entry that isn't void, or is acknowledged already.
    NotVoid = "E095" Signed;
    /// A file below `time/` is not what its name says.
    TimeForm = "E100" Intact;
    /// A timestamp is not one of its checkpoint.
    Timestamp = "E101" Time;
    /// No timestamp is by an authority that was said to be trusted.
    NoTimestamp = "E102" Time;
    /// A withdrawal by a key without the right to it.
    WithdrawalRight = "E110" Signed;
    /// A withdrawal of an entry that isn't there, or has no manifest.
    WithdrawalUnknown = "E111" Signed;
    /// A withdrawal of what is withheld already.
    WithdrawalRepeated = "E112" Signed;
    /// Bytes where nothing can be compared with them: beside a manifest that is withheld.
    WithheldFilled = "E113" Intact;
    /// An observation of an article that the archive doesn't have.
    ObservedArticle = "E115" Intact;
    /// An observation of a version that isn't the article's newest.
    ObservedVersion = "E116" Intact;
    /// A fork proof is malformed.
    ForkForm = "E120" Nothing;
    /// A fork proof about two archives.
    ForkArchive = "E121" Nothing;
    /// A state in a fork proof isn't what it claims.
    ForkState = "E122" Nothing;
    /// What a fork proof says of the second log's beginning doesn't hold.
    ForkGrowth = "E123" Nothing;
    /// The states of a fork proof don't contradict each other.
    ForkNone = "E124" Nothing;
    /// An unknown signature algorithm.
    UnknownAlgorithm = "U001" Signed;
    /// An unknown kind of statement.
    UnknownKind = "U002" Signed;
    /// An unknown format.
    UnknownFormat = "U003" Intact;
    /// A file below the folder that belongs to nothing.
    StrayFile = "W001" Nothing;
    /// A leftover partial tile.
    LeftoverTile = "W002" Nothing;
    /// A signature line on the checkpoint in the log's name, by a key that may not sign for it.
    UnknownLine = "W003" Nothing;
    /// A void entry that the stewards have acknowledged.
    VoidAcknowledged = "W004" Nothing;
    /// What a revoked key signed before is doubtful.
    Doubtful = "W005" Nothing;
    /// Bytes that are withheld by a withdrawal, and still there.
    NotPurged = "W006" Nothing;
    /// A withdrawal in force.
    Withdrawn = "W007" Nothing;
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Disclosed, harmless.
    Warning,
    /// This version can't tell: an unknown kind, algorithm or format.
    Unchecked,
    /// Something is false.
    Error,
}

words!(Severity { Warning = "warning", Unchecked = "unchecked", Error = "error" });

impl Code {
    /// How much it weighs.
    pub const fn severity(self) -> Severity {
        match self.as_str().as_bytes()[0] {
            b'E' => Severity::Error,
            b'U' => Severity::Unchecked,
            _ => Severity::Warning,
        }
    }

    /// Whether it makes the entry void, since it breaks a rule or is a fault of an entry by itself: the log's keeper signed a root over these very
    /// bytes. The rest of the archive is none the worse.
    pub(crate) const fn is_of_entry(self) -> bool {
        matches!(
            self,
            Self::RepeatedLeaf
                | Self::StatementCbor
                | Self::StatementShape
                | Self::StatementPayload
                | Self::Signature
                | Self::Key
                | Self::Authority
                | Self::UnknownSigner
                | Self::WrongRole
                | Self::OtherOrigin
                | Self::BrokenChain
                | Self::SecondCharter
                | Self::ForkedChain
                | Self::RetiredSigner
                | Self::RevokedSigner
                | Self::KeyChange
                | Self::ApprovedTwice
                | Self::Possession
                | Self::NotVoid
                | Self::WithdrawalRight
                | Self::WithdrawalUnknown
                | Self::WithdrawalRepeated
                | Self::ObservedArticle
                | Self::ObservedVersion
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
