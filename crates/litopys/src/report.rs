//! What a check found: [`Finding`]s with stable codes, and the answer claim by claim.

use std::fmt;

use crate::key::PublicKey;
use crate::layout::Member;
use crate::log::cosignature::WitnessKey;
use crate::log::{TreeHash, TreeHead};
use crate::origin::Origin;
use crate::timestamps::{JudgedTimestamp, TimestampedCheckpoint};
use crate::{ArchiveId, limits};

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

            const fn subject(self) -> Subject {
                match self { $(Self::$name => Subject::$claim,)* }
            }
        }
    };
}

/// Which claim a finding speaks against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
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
    /// An unknown signature line on the checkpoint.
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

impl Code {
    /// How much it weighs.
    pub const fn severity(self) -> Severity {
        match self.as_str().as_bytes()[0] {
            b'E' => Severity::Error,
            b'U' => Severity::Unchecked,
            _ => Severity::Warning,
        }
    }

    /// Whether it makes the entry void: it breaks a rule, not a hash or a signature.
    pub const fn is_rule(self) -> bool {
        matches!(
            self,
            Self::Authority
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

    /// Whether it is a fault of an entry by itself: the log's keeper signed a root over these very bytes. The entry is void, and the rest of the
    /// archive is none the worse.
    pub const fn is_of_entry(self) -> bool {
        self.is_rule()
            || matches!(
                self,
                Self::StatementCbor
                    | Self::StatementShape
                    | Self::StatementPayload
                    | Self::Signature
                    | Self::Key
                    | Self::RepeatedLeaf
            )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a finding is: as much of it as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The static file.
    pub member: Option<String>,
    /// The statement's index in the log, from 0.
    pub statement: Option<u64>,
    /// The file, by its path in the manifest or its digest.
    pub file: Option<String>,
}

impl Place {
    pub(crate) fn member(member: Member) -> Self {
        Self { member: Some(member.to_string()), ..Self::default() }
    }

    pub(crate) fn statement(index: u64) -> Self {
        Self { statement: Some(index), ..Self::default() }
    }

    pub(crate) fn file(index: u64, file: impl Into<String>) -> Self {
        Self { statement: Some(index), file: Some(file.into()), ..Self::default() }
    }
}

/// One thing that a check found. Its texts may quote the archive: escape them before a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// In words: one line, lower case.
    pub detail: String,
}

impl Finding {
    pub(crate) fn new(code: Code, place: Place, detail: impl fmt::Display) -> Self {
        let mut detail = detail.to_string();
        if detail.len() > limits::DETAIL {
            let end = (0..=limits::DETAIL).rev().find(|at| detail.is_char_boundary(*at)).unwrap_or(0);
            detail.truncate(end);
            detail.push('…');
        }
        Self { code, place, detail }
    }
}

/// Findings on their way to a report: no more are kept than a report keeps, and the rest is counted.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    first: Vec<Finding>,
    further: Vec<(Code, u64)>,
}

impl Findings {
    pub(crate) fn push(&mut self, finding: Finding) {
        if self.first.len() < limits::FINDINGS { self.first.push(finding) } else { self.count(finding.code, 1) }
    }

    fn count(&mut self, code: Code, times: u64) {
        match self.further.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count = count.saturating_add(times),
            None => self.further.push((code, times)),
        }
    }

    /// Those of `other` after these.
    pub(crate) fn append(&mut self, other: Self) {
        other.first.into_iter().for_each(|finding| self.push(finding));
        other.further.into_iter().for_each(|(code, times)| self.count(code, times));
    }

    /// Takes out those that this says, of those that were kept.
    pub(crate) fn take_out(&mut self, is_one: impl Fn(&Finding) -> bool) -> Vec<Finding> {
        let (out, kept) = std::mem::take(&mut self.first).into_iter().partition(is_one);
        self.first = kept;
        out
    }

    /// About what they take in memory, in bytes.
    pub(crate) fn weight(&self) -> u64 {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let of = |finding: &Finding| {
            let Place { member, file, .. } = &finding.place;
            size_of::<Finding>() + finding.detail.len() + text(member) + text(file)
        };
        self.first.iter().map(|finding| of(finding) as u64).sum()
    }

    pub(crate) fn into_first(self) -> Vec<Finding> {
        self.first
    }
}

/// Whether a claim holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// It does, as far as this check looked, which was everywhere.
    Holds,
    /// It doesn't: a finding says why.
    Fails,
    /// Nobody asked, or not everything was looked at.
    Unchecked,
    /// It makes no sense here.
    NotApplicable,
}

/// The answer of a check, claim by claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// Does every byte match its digest, every link its id, the root its checkpoint?
    pub intact: Claim,
    /// Is every statement signed by a key that was allowed to, at its position?
    pub signed: Claim,
    /// Is everything up to the checkpoint's size here?
    pub complete: Claim,
    /// Is this the archive, or the founder's key, that was said to be trusted?
    pub trusted: Claim,
    /// Is it at least what was seen last, and the same history? By memory, or by a quorum of witnesses.
    pub current: Claim,
    /// Did all of it exist before a time, by an independent clock? Unchecked before they are [judged](crate::timestamps::judge).
    pub time: Claim,
}

/// The word for all claims together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Every claim asked for holds, and the archive is trusted.
    Verified,
    /// As [`Verdict::Verified`], but not every file was read.
    Partial,
    /// Intact, but nobody said whom to trust.
    Untrusted,
    /// Something is false.
    Failed,
    /// It couldn't be checked.
    Unchecked,
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Articles that have a head.
    pub articles: u64,
    /// Versions in force.
    pub versions: u64,
    /// Observations in force.
    pub observations: u64,
    /// Statements in the log.
    pub statements: u64,
    /// Files that were read and compared with their digests; one that stands in several versions counts in each, one of more than 65,536
    /// bytes once.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Manifests and files withheld by withdrawals; a file counts in each version that names it.
    pub withheld: u64,
    /// Entries without effect, acknowledged or not.
    pub void: u64,
}

/// A key that signed statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerCount {
    /// The key.
    pub key: PublicKey,
    /// Whose it is, by the charter's word.
    pub claimed_name: String,
    /// How many statements it signed.
    pub statements: u64,
}

/// What a witness that is known says of the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cosigned {
    /// Which witness.
    pub witness: WitnessKey,
    /// When it cosigned, by its own word, in seconds since 1970; `None` if it didn't.
    pub time: Option<u64>,
}

/// What the claim `current` holds by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CurrentBy {
    /// The archive extends this checkpoint, or is the same, which was [seen](crate::check::Trust::seen) before.
    Seen(TreeHead),
    /// A quorum of witnesses cosigned the checkpoint.
    Witnesses {
        /// How many did.
        cosigned: u64,
        /// How many are known.
        of: u64,
        /// As many as make the quorum had seen nothing newer at this time, by their word: seconds since 1970.
        time: u64,
    },
}

/// A statement that was checked by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SingleStatement {
    /// Its index in the log, by its proof.
    pub index: u64,
    /// By what it is known whose log it is in.
    pub known_by: KnownBy,
}

/// By what it is known whose log a single statement is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KnownBy {
    /// The charter is at hand, and one of its log keys signed the checkpoint.
    Charter,
    /// The checkpoint was seen before.
    Checkpoint,
    /// A key that is trusted signed the checkpoint. That it is the archive's log key is its holder's word.
    Key,
    /// Nothing.
    Nothing,
}

/// All that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Which archive, once its charter was verified.
    pub archive: Option<ArchiveId>,
    /// What its log calls itself.
    pub claimed_origin: Option<Origin>,
    /// What its charter calls it.
    pub claimed_title: Option<String>,
    /// The checkpoint's size and root, as claimed.
    pub checkpoint: Option<(u64, TreeHash)>,
    /// What was counted.
    pub counts: Counts,
    /// The answer.
    pub claims: Claims,
    /// What the claim `current` holds by: nothing where it doesn't.
    pub current_by: Vec<CurrentBy>,
    /// What each known witness says of the checkpoint; nothing if that isn't signed as it must be.
    pub cosigned: Vec<Cosigned>,
    /// Who signed.
    pub signers: Vec<SignerCount>,
    /// What was found: the first thousand.
    pub findings: Vec<Finding>,
    /// How many there were.
    pub findings_total: u64,
    /// Its timestamped checkpoints, smallest first: each is signed, and what it says of the log's beginning is so.
    pub timestamped: Vec<TimestampedCheckpoint>,
    /// How many statements, from the first on, a timestamp must be over for the claim `time`: all of a log, or all up to the last version of
    /// an extract.
    pub dated: u64,
    /// What was made of their timestamps: empty before they are judged.
    pub timestamps: Vec<JudgedTimestamp>,
    /// Whether files were left unread because the caller asked for that.
    pub files_unread: bool,
    /// The one statement that this is about, where it was handed over by itself with its proof.
    pub single: Option<SingleStatement>,
    /// Whether this is an extract, which shows single statements of a log: the claim `complete` is never made of it, and only what is
    /// shown is counted.
    pub extract: bool,
    failed: Option<Severity>,
    broken: bool,
    /// Whether something that is withheld is there still.
    pub(crate) unpurged: bool,
}

impl Report {
    pub(crate) fn new() -> Self {
        let claims = Claims {
            intact: Claim::Holds,
            signed: Claim::Holds,
            complete: Claim::Holds,
            trusted: Claim::Unchecked,
            current: Claim::Unchecked,
            time: Claim::Unchecked,
        };
        Self {
            archive: None,
            claimed_origin: None,
            claimed_title: None,
            checkpoint: None,
            counts: Counts::default(),
            claims,
            current_by: Vec::new(),
            cosigned: Vec::new(),
            signers: Vec::new(),
            findings: Vec::new(),
            findings_total: 0,
            timestamped: Vec::new(),
            dated: 0,
            timestamps: Vec::new(),
            files_unread: false,
            single: None,
            extract: false,
            failed: None,
            broken: false,
            unpurged: false,
        }
    }

    /// That this is an extract.
    pub(crate) fn be_extract(&mut self) {
        self.extract = true;
        self.claims.complete = Claim::NotApplicable;
    }

    /// That this is a statement by itself: what it commits to is not at hand.
    pub(crate) fn be_single(&mut self) {
        self.files_unread = true;
        self.claims.complete = Claim::NotApplicable;
    }

    /// Takes findings in, those that were only counted too.
    pub(crate) fn take(&mut self, findings: Findings) {
        findings.first.into_iter().for_each(|finding| self.add(finding));
        for (code, times) in findings.further {
            self.judge(code);
            self.findings_total = self.findings_total.saturating_add(times);
        }
    }

    /// Takes a finding in; the claim that it speaks against is decided by it.
    pub(crate) fn add(&mut self, finding: Finding) {
        self.judge(finding.code);
        self.findings_total += 1;
        if self.findings.len() < limits::FINDINGS {
            self.findings.push(finding);
        }
    }

    fn judge(&mut self, code: Code) {
        let severity = code.severity();
        self.failed = self.failed.max(Some(severity));
        self.unpurged |= code == Code::NotPurged;
        self.broken |= severity != Severity::Warning && !code.is_of_entry();
        let claim = match code.subject() {
            Subject::Intact => Some(&mut self.claims.intact),
            Subject::Signed => Some(&mut self.claims.signed),
            // What an extract names must be there, but it doesn't claim to be all.
            Subject::Complete if self.extract => Some(&mut self.claims.intact),
            Subject::Complete => Some(&mut self.claims.complete),
            Subject::Trusted => Some(&mut self.claims.trusted),
            Subject::Current => Some(&mut self.claims.current),
            Subject::Time => Some(&mut self.claims.time),
            Subject::Nothing => None,
        };
        match (claim, severity) {
            (Some(claim), Severity::Error) => *claim = Claim::Fails,
            (Some(claim), Severity::Unchecked) if *claim != Claim::Fails => *claim = Claim::Unchecked,
            _ => {}
        }
    }

    /// What couldn't be looked at any more claims nothing.
    pub(crate) fn stop_short(&mut self) {
        self.leave_files();
        if self.claims.signed == Claim::Holds {
            self.claims.signed = Claim::Unchecked;
        }
    }

    /// Unread files may be anything, or not be there.
    pub(crate) fn leave_files(&mut self) {
        for claim in [&mut self.claims.intact, &mut self.claims.complete] {
            if *claim == Claim::Holds {
                *claim = Claim::Unchecked;
            }
        }
    }

    /// Whether an archive can be read and grown in spite of what was found: its state is known, since nothing is wrong but entries that are
    /// void.
    pub const fn is_usable(&self) -> bool {
        self.archive.is_some() && !self.broken
    }

    /// The word for all claims together.
    pub fn verdict(&self) -> Verdict {
        match self.failed {
            Some(Severity::Error) => Verdict::Failed,
            Some(Severity::Unchecked) => Verdict::Unchecked,
            _ if self.archive.is_none() && self.single.is_none() => Verdict::Unchecked,
            _ if self.claims.trusted != Claim::Holds => Verdict::Untrusted,
            _ if self.files_unread => Verdict::Partial,
            _ => Verdict::Verified,
        }
    }
}
