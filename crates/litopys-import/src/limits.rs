//! Every maximum of the importers, with its reason. All sizes are in bytes.

/// A document that is read as text. The longest novels have some 6 MiB; a larger file is data, and is kept without
/// being read.
pub const TEXT: u64 = 32 << 20;
/// How much of a file tells what it is: several times what the magic numbers and encoding marks need.
pub const SNIFF: usize = 8_192;
/// Front matter, between its fences: real ones have hundreds of bytes. Bounds what a YAML or TOML parser is ever given.
pub const FRONT_MATTER: usize = 65_536;
/// Nesting of lists and maps in front matter: what people write by hand has 3.
pub const FRONT_MATTER_DEPTH: usize = 16;
/// Values in front matter, counting lists and maps: far more than a manifest can hold.
pub const FRONT_MATTER_VALUES: usize = 10_000;
/// Text of all values together, so that aliases can't multiply it.
pub const FRONT_MATTER_TEXT: usize = 4 * FRONT_MATTER;
/// A title. A longer line is no title.
pub const TITLE: usize = 4_096;
/// A key of `extra`.
pub const EXTRA_KEY: usize = 256;
/// A value of `extra`: long texts belong in files.
pub const EXTRA_VALUE: usize = 16_384;
/// A date as people write it: the longest forms (RFC 2822 with a comment) have some 50.
pub const DATE: usize = 100;
/// Files that one document may bring along: what a manifest's 65,536 files leave room for many times over, and what a
/// hostile document can make us open.
pub const LINKED_FILES: usize = 10_000;
/// Attached bytes that a draft holds in memory; files beyond it are read when the draft is signed.
pub const HELD: u64 = 16 << 20;
/// A line of JSON Lines: a text of 32 MiB, escaped, beside its capture.
pub const JSONL_LINE: usize = 128 << 20;
/// Files of a draft in JSON Lines: what a manifest can hold.
pub const JSONL_FILES: usize = litopys::limits::MANIFEST_FILES;
/// A message of a Telegram export: a text has at most 4,096 characters, which with their formats and the list of those who reacted take some
/// hundred KiB.
pub const MESSAGE: usize = 4 << 20;
/// Drafts of a chunk: enough to keep all threads busy, few enough to hold.
pub const CHUNK: usize = 256;
/// Bytes of input of a chunk, so that large documents make small chunks. One input may be larger.
pub const CHUNK_BYTES: u64 = 4 << 20;
/// A feed: a few have tens of MiB, with years of whole articles in them.
pub const FEED: u64 = 64 << 20;
/// Items of a feed.
pub const FEED_ITEMS: usize = 100_000;
/// Elements of a feed that are about itself.
pub const FEED_CHANNEL: usize = 1_000;
/// Elements within elements: what is deeper is no field of an item.
pub const FEED_DEPTH: usize = 16;
/// Attributes of an element.
pub const FEED_ATTRIBUTES: usize = 64;
/// Namespaces that a feed declares.
pub const FEED_PREFIXES: usize = 1_000;
/// How often reading begins anew at the next item after what is no XML: each may be read up to the end.
pub const FEED_FAULTS: usize = 100;
/// Tags of an item.
pub const FEED_TAGS: usize = 1_000;
/// Files that an item names.
pub const FEED_ENCLOSURES: usize = 1_000;
/// A git object: a photograph, a long text. A film in a repository is larger, and is not taken along. What is held to
/// unpack one is within it too.
pub const GIT_OBJECT: usize = 128 << 20;
/// Deltas between a git object and a whole one: git itself makes 4,095 at most.
pub const GIT_DELTAS: u32 = 4_096;
/// Objects that a thread keeps unpacked, since the next are deltas to them.
pub const GIT_CACHE: usize = 32 << 20;
/// Objects of a bundle: 40 bytes each are held.
pub const GIT_OBJECTS: u32 = 10_000_000;
/// Bytes of all objects of a bundle when unpacked, which a small file can have many of: some minutes' work.
pub const GIT_UNPACKED: u64 = 64 << 30;
/// The lines before a bundle's pack: some 100 bytes for each of many branches.
pub const GIT_BUNDLE_HEADER: u64 = 16 << 20;
/// A text file of a repository's own: configuration, references.
pub const GIT_TEXT: u64 = 16 << 20;
/// References that name one another.
pub const GIT_REFERENCES: usize = 5;
/// Commits of a history: some 200 bytes each are held.
pub const GIT_COMMITS: usize = 2_000_000;
/// Entries of trees that one commit makes us compare, and all commits together: a tree may hold itself many times over.
pub const GIT_TREE_ENTRIES: u64 = 1_000_000;
/// See [`GIT_TREE_ENTRIES`].
pub const GIT_TREE_TOTAL: u64 = 1 << 30;
/// Files that are passed over and counted one by one.
pub const GIT_PASSED: usize = 1_000_000;
/// Pairs of a file gone and one come that are compared to find a rename: git's own bound. Beyond it only files with the same
/// bytes are found.
pub const GIT_RENAMES: u64 = 1_000_000;
/// Bytes of files that one commit makes us compare to find renames.
pub const GIT_RENAME_BYTES: u64 = 64 << 20;
/// Lines that all commits make us compare to find renames.
pub const GIT_RENAME_WORK: u64 = 1 << 33;
/// How deep folders are walked: far deeper than people nest them, and no deeper than file systems allow with short
/// names.
pub const FOLDER_DEPTH: usize = 256;
/// Elements and texts of a web page: twenty times those of large real ones. What comes after is left out.
pub const PAGE_NODES: usize = 400_000;
/// How deep the elements of a web page are nested: browsers stop at 512, real pages have some 50. Text below is kept,
/// its elements are not.
pub const PAGE_DEPTH: usize = 400;
/// Attributes of one element of a web page. What comes after an element with more is left out.
pub const PAGE_ATTRIBUTES: usize = 4_096;
/// The head of a record in a web archive: real ones have a thousand bytes. Also the text of a warcinfo record.
pub const RECORD_HEAD: usize = 65_536;
/// The head of an HTTP message: four times what servers and browsers allow.
pub const HTTP_HEAD: usize = 262_144;
/// Content codings on top of each other: one is usual, and each may be a bomb.
pub const CODINGS: usize = 4;
/// Pages in one web archive, each some 150 bytes of memory.
pub const WARC_PAGES: usize = 2_000_000;
/// Records of a web archive that say how it came about: one a file, of a few hundred bytes.
pub const WARC_INFOS: usize = 10_000;
/// Faults of one web archive that are told one by one.
pub const WARC_FAULTS: usize = 1_000;
/// What a gzip file unpacks to whose records aren't members of their own, and which is kept in a temporary file then.
pub const UNPACKED: u64 = 4 << 30;
/// How often the next gzip member is looked for after one that is damaged.
pub const RESYNCS: usize = 1_000;
/// A record that is held in memory; larger ones are read again when the draft is signed.
pub const RECORD_HELD: usize = 1 << 20;
/// Members of a ZIP file, each some 100 bytes of memory.
pub const ZIP_MEMBERS: usize = 200_000;
/// How far from its end a ZIP file's directory is looked for: its own comment, and what was appended.
pub const ZIP_END: u64 = 1 << 20;
/// `datapackage.json` and its digest.
pub const WACZ_JSON: u64 = 16 << 20;
/// A line of a WACZ's list of pages, which may have a page's text in it.
pub const WACZ_LINE: u64 = 16 << 20;
