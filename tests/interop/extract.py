#!/usr/bin/env python3
"""The second verifier for extracts (docs/format.md, 8.2 and 9.1). What they share with archives is verify.py's.

    python3 extract.py [--json] [--archive ID] EXTRACT      verify.py's exit codes

Numbers such as "(8.3)" are sections of docs/format.md, and codes such as E017 are its findings (10).
"""
import argparse, base64, os, re, sys, zipfile
import verify as whole
from formats import Bad, must, read_bundle
from governance import Ledger
from records import FILES, GOVERNANCE, MANIFEST_MAX, TIME, Statement, charter_keys, read_checkpoint, read_manifest, sha256
from records import place_of as place_in_bundle

MIMETYPE = b"application/vnd.litopys.extract+zip"
README = os.path.join(os.path.dirname(whole.README), "extract-readme.txt")
STATEMENT, PROOF, PROOF_MAX = 3, 4, 67584
NAME = re.compile(r"(?:(statement)|proof)/(0|[1-9]\d{0,9})\.(?(1)cose|tlog-proof)", re.ASCII)

def place_of(name):
    """Where a name stands in the order of an extract; None where it is none of an extract's."""
    if match := NAME.fullmatch(name):
        return (STATEMENT if match[1] else PROOF, int(match[2])) if int(match[2]) < 2**32 else None
    place = place_in_bundle(name)
    return place if place and (place[0] < 3 or place[0] == FILES and not name.endswith(".zst") or place[0] == TIME) else None

def read_proof(data, magic="c2sp.org/tlog-proof@v1\nindex "):
    """Index, path and checkpoint of a tlog-proof (8.3). A consistency proof begins with another word, and has an older size."""
    must(len(data) <= PROOF_MAX, "E016")
    try:
        head, _, checkpoint = data.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise Bad("E016") from None
    must(b"\n\n" in data and head.startswith(magic), "E016")
    index, *hashes = head[len(magic):].split("\n")
    must(len(hashes) <= 40 and re.fullmatch(r"0|[1-9]\d{0,19}", index, re.ASCII) and int(index) < 2**64, "E016")
    must(all(re.fullmatch(r"[A-Za-z0-9+/]{43}=", line, re.ASCII) for line in hashes), "E016")
    path = [base64.b64decode(line) for line in hashes]
    must([base64.b64encode(node).decode() for node in path] == hashes, "E016")
    return int(index), path, checkpoint.encode()

def leads_to(leaf, index, size, path):
    """The root that a path leads to (RFC 9162, 2.1.3.2); None where its length is another than the tree asks for."""
    fn, sn, r = index, size - 1, leaf
    for node in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = sha256(b"\1", node, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\1", r, node)
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None

def extends(first, old, second, new, path):
    """Whether a path shows that the tree of `second` leaves extends that of `first` (RFC 9162, 2.1.4.2)."""
    path = [old] * (first & first - 1 == 0) + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if not path:
        return False
    fr = sr = path[0]
    for node in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = sha256(b"\1", node, fr), sha256(b"\1", node, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha256(b"\1", sr, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old and sr == new

class ShownLedger(Ledger):
    """A ledger of which some statements are not shown (9.1, step 5)."""
    def __init__(self, charter, keys):
        super().__init__(charter, keys)
        self.places, self.shown = {}, {0}
    def apply(self, s, index):
        self.shown.add(index)
        gaps, kept, lent = len(self.shown) <= index, self.heads.get(s.sub) if not s.fault else None, False
        if not s.fault and s.is_version() and gaps and self.may_follow_skipped(index, s, kept):
            self.heads[s.sub], lent = (s.payload["previous"], s.payload["version"] - 1), True
        super().apply(s, index)
        if lent and index in self.void:
            self.heads[s.sub] = kept
        elif s.is_version() and not s.fault and index not in self.void:
            self.places[s.sub] = index
    def observe(self, s, payload, index):
        at = self.places.get(s.sub, 0)
        if not any(skipped not in self.shown for skipped in range(at + 1, index)):  # else the head may be among those
            super().observe(s, payload, index)
    def is_shown(self, index):
        return index in self.shown or index > max(self.shown)
    def find_void(self, payload, index):
        return index > payload["index"] not in self.shown or super().find_void(payload, index)
    def may_follow_skipped(self, index, statement, head):
        version, previous = statement.payload["version"], statement.payload.get("previous")
        before, at = (head[1], self.places[statement.sub]) if head else (0, 0)
        is_next = head is not None and previous == head[0]
        return version > before + 1 and version - before <= index - at and not is_next

class Extract(whole.Checker):
    """The steps of (9.1)."""
    def run(self):
        with self.step("container"):
            self.read_members()
            must("checkpoint" in self.parts, "E003")
            part, note = self.parts["checkpoint"], None
            with self.step("checkpoint"):
                must(part.size <= 65536, "E010")
                note = read_checkpoint(self.bytes("checkpoint"))
            if note:
                _, self.size, self.root, *_ = note
                self.check_shown(note)
            self.check_crcs()

    def bytes(self, name):
        return self.parts[name].at(0, self.parts[name].size)

    def read_members(self):
        last = (-1,)
        for name, crc, part in read_bundle(open(self.target, "rb")):
            place = place_of(name)
            if place is None or place <= last:
                self.report("E002", name)
            else:
                last, self.crcs[name] = place, crc
            if place is not None:
                self.parts[name], self.places[name] = part, place
        for name, content in {"mimetype": MIMETYPE, "README.txt": open(README, "rb").read()}.items():
            if name not in self.parts or self.bytes(name) != content:
                self.report("E005", name)

    def check_shown(self, note):
        kinds = {kind: sorted(place[1] for place in self.places.values() if place[0] == kind)
                 for kind in (STATEMENT, PROOF)}
        indexes, checkpoint, seen = [i for i in kinds[STATEMENT] if i < self.size], self.bytes("checkpoint"), set()
        for kind, name in (STATEMENT, "statement/{}.cose"), (PROOF, "proof/{}.tlog-proof"):
            for index in kinds[kind]:
                if index not in indexes:
                    self.report("E004", name.format(index))
        for index in {0, self.size - 1} - set(indexes):
            self.report("E003", f"statement/{index}.cose")
        if 0 not in indexes or not self.read_charter(self.statement(0)):
            return
        self.ledger = ShownLedger(self.statement(0), charter_keys(self.statement(0)))
        versions = []
        for index in indexes:
            statement = self.statement(index)
            if statement.id in seen and not statement.fault:
                statement.fault = "E022"
            if index:
                statement.is_later()
            seen.add(statement.id)
            self.judged = self.judged and not statement.unknown
            for code in [statement.fault] * bool(statement.fault and not self.judged) + statement.unknown:
                self.report(code, f"entry {index}")
            with self.step(f"entry {index}, proof"):
                self.check_proof(index, statement, checkpoint)
            if index and self.judged:
                self.ledger.apply(statement, index)
            versions.append((index, statement))
        for version in versions:  # a withdrawal stands behind what it is about
            self.check_version(*version)
        self.check_signers(note)
        self.check_times(self.begins_with)
        for name, place in self.places.items():
            digest = bytes.fromhex(name[16:]) if place[0] == FILES else None
            if digest and self.all_known and digest not in self.big:
                self.report("E004", name)
            elif digest in self.big and digest not in self.wanted:
                self.report("W006", name)
        if (seen_before := self.trust.get("seen")) and seen_before["size"] > self.size:
            self.report("E082", "checkpoint")
        elif seen_before and seen_before["size"] == self.size and seen_before["root"] != self.root.hex():
            self.report("E083", "checkpoint")

    def has_consistency(self, size):
        return size < self.size

    def begins_with(self, size, root):
        """The log's beginning, by the proof beside a timestamped checkpoint (8.2)."""
        if size == self.size:
            return must(root == self.root, "E083")
        name = f"time/{size}/consistency"
        must(name in self.parts, "E003")
        must(self.parts[name].size <= PROOF_MAX, "E016")
        claimed, path, under = read_proof(self.bytes(name), "old ")
        must(under == self.bytes("checkpoint"), "E018")
        must(claimed == size and extends(size, root, self.size, self.root, path), "E017")

    def statement(self, index):
        name = f"statement/{index}.cose"
        if self.parts[name].size > 65535:
            statement = Statement(b"")
            statement.fault = "E031"
            return statement
        return Statement(self.bytes(name))

    def check_proof(self, index, statement, checkpoint):
        name = f"proof/{index}.tlog-proof"
        must(name in self.parts, "E003")
        must(self.parts[name].size <= PROOF_MAX, "E016")
        claimed, path, under = read_proof(self.bytes(name))
        must(under == checkpoint, "E018")
        must(claimed == index and leads_to(statement.id, index, self.size, path) == self.root, "E017")

    def check_version(self, index, statement):
        """The manifest and the files of a version or observation; `big` has all files and manifests that are asked for."""
        if not statement.has_manifest():
            self.all_known = self.all_known and statement.payload is not None and statement.kind in ("charter", *GOVERNANCE)
            return
        declared, files = statement.payload["manifest"], None
        name = self.file(declared["sha256"])
        withheld = self.ledger.is_withheld(index, None)
        if name not in self.parts and (withheld or index == self.size - 1):
            return
        with self.step(f"manifest of entry {index}"):
            must(name in self.parts, "E050")
            must(self.parts[name].size == declared["size"] <= MANIFEST_MAX, "E052")
            data = self.bytes(name)
            must(sha256(data) == declared["sha256"], "E051")
            files = read_manifest(data, statement)
            self.big[declared["sha256"]] = {declared["size"]}
            self.wanted.add(declared["sha256"])
            if withheld:
                self.report("W006", f"manifest of entry {index}")
        self.all_known = self.all_known and files is not None
        for digest, size in files or []:
            with self.step(f"entry {index}, sha256:{digest.hex()}"):
                first = digest not in self.big
                must(self.big.get(digest, {size}) == {size}, "E056")
                self.note(index, digest, size)
                if self.file(digest) not in self.parts:
                    must(self.ledger.is_withheld(index, digest), "E054")
                elif first:
                    must(self.parts[self.file(digest)].size == size, "E056")
                    must(sha256(*self.parts[self.file(digest)].chunks()) == digest, "E055")

    def file(self, digest):
        return f"files/sha256/{digest.hex()[:2]}/{digest.hex()}"

def is_extract(target):
    """A ZIP file with an extract's `mimetype`; anything else is judged as an archive."""
    if os.path.isdir(target):
        return False
    try:
        with zipfile.ZipFile(target) as members:
            return members.getinfo("mimetype").file_size == len(MIMETYPE) and members.read("mimetype") == MIMETYPE
    except (OSError, KeyError, ValueError, NotImplementedError, EOFError, zipfile.BadZipFile):
        return False

def verify(target, readme=None, **trust):
    """As verify.verify, of an archive or an extract."""
    return whole.verify(target, readme, Extract if is_extract(target) else whole.Checker, **trust)

def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("target", metavar="EXTRACT")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--archive", metavar="ID", help="the archive that you trust: its id, all 64 digits")
    options = parser.parse_args()
    if not is_extract(options.target):
        print(f"{options.target}: not an extract; verify.py is for archives", file=sys.stderr)
        return 2
    result = verify(options.target, **({"archive": options.archive} if options.archive else {}))
    return whole.tell(result, options.json, f"an extract of {result['size']} entries")

if __name__ == "__main__":
    sys.exit(main())
