#!/usr/bin/env python3
"""A second verifier for Litopys archives, written from docs/format.md alone. Read it from top to bottom.

    python3 verify.py BUNDLE|FOLDER [--json] [--archive ID] [--readme FILE]
    python3 verify.py --many LISTFILE          one JSON line for each path in LISTFILE

Exit code: 0 nothing is false, 1 something is false, 2 this verifier can't tell (or can't read). Numbers such as
"(7.2)" are sections of docs/format.md. Needs: pip install cryptography zstandard

Seven files: this one walks through an archive; governance.py has the rules, times.py, tokens.py and witnesses.py what others say of it; records.py opens what an archive consists of
(statements, manifests, the checkpoint); formats.py reads CBOR, Ed25519 signatures, ZIP and Zstandard strictly.
"""
import argparse, contextlib, hashlib, json, os, stat, sys, zlib
import zstandard
from formats import Bad, Stream, must, read_bundle, read_folder, read_head
from governance import Ledger
from records import FILES, GOVERNANCE, HASHES, LEVEL_0, MANIFEST_MAX, Statement, charter_keys, hash_tiles, merkle_root, place_of
from records import read_checkpoint, read_manifest, sha256, split_entries, tile_name, tiles_of
from times import Times
from witnesses import Witnesses

SMALL, MIMETYPE = 65536, b"application/vnd.litopys+zip"
README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../crates/litopys/src/store/bundle-readme.txt")
BYTES, ARRAY, NULL = 2, 4, (7, 22)  # CBOR's major types, and what null reads as

class Checker(Times, Witnesses):
    """The steps of (9). A step that finds a fault reports it and ends; what doesn't depend on it goes on."""
    def __init__(self, target, readme, trust):
        self.findings, self.parts, self.places, self.bundle = [], {}, {}, not os.path.isdir(target)
        self.archive, self.size, self.root, self.readme, self.trust = None, 0, b"", readme, trust
        self.ledger, self.judged, self.big, self.all_known, self.target, self.crcs = None, True, {}, True, target, {}
    def report(self, code, place):
        self.findings.append({"code": code, "place": place})
    @contextlib.contextmanager
    def step(self, place):
        try:
            yield
        except (Bad, zstandard.ZstdError) as fault:
            self.report(str(fault) if isinstance(fault, Bad) else "E060", place)

    def run(self):
        with self.step("container"):
            self.read_bundle() if self.bundle else self.read_folder()
            must("checkpoint" in self.parts, "E003")
            part, note = self.parts["checkpoint"], None
            with self.step("checkpoint"):
                must(part.size <= 65536, "E010")
                note = read_checkpoint(part.read())
            if note and self.tiles_are_there(note[1], note[2]):
                self.check_log(note)
            self.check_crcs()

    def read_folder(self):
        for name, part in read_folder(self.target):
            place = place_of(name)
            if part is None or place in (None, (0,), (1,)):
                self.report("W001", name)
            else:
                self.parts[name], self.places[name] = part, place

    def read_bundle(self):
        last, fixed = (-1,), {"mimetype": MIMETYPE, "README.txt": self.readme}
        for name, crc, part in read_bundle(open(self.target, "rb")):
            place = place_of(name)
            if place is None or place <= last:
                self.report("E002", name)
            else:
                last, self.crcs[name] = place, crc
            if place is not None:
                self.parts[name], self.places[name] = part, place
        for name, content in fixed.items():
            part = self.parts.get(name)
            if not part or content is not None and (part.size != len(content) or part.read() != content):
                self.report("E005", name)

    def check_crcs(self):
        """Of all members but those that have no business there."""
        extra = {f["place"] for f in self.findings if f["code"] == "E004"}
        for name, crc in self.crcs.items():
            actual = 0
            for chunk in self.parts[name].chunks() if name not in extra else []:
                actual = zlib.crc32(chunk, actual)
            if name not in extra and actual != crc:
                self.report("E005" if name in ("mimetype", "README.txt") else "E006", name)

    def tiles_are_there(self, size, root):
        """Every tile that the checkpoint calls for is there (else E003), and none that it doesn't call for (E004)."""
        self.size, self.root, missing = size, root, 0
        levels = [level for level in range(8) if size >> 8 * level] + LEVEL_0
        names = (tile_name(level, *tile) for level in levels for tile in tiles_of(level, size))
        for name in names:
            if name not in self.parts:
                self.report("E003", name)
                missing += 1
                if missing == 1000:  # a false size could call for 2^55 of them
                    return False
        for name, (kind, *rest) in self.places.items():
            if HASHES <= kind < FILES:
                level, number, width = rest
                full, partial = divmod(size >> 8 * level, 256)
                if not (number < full if width == 0 else (number, width) == (full, partial)):
                    self.report("E004" if self.bundle else "W002", name)
        return True

    def check_log(self, note):
        leaves, seen = [], set()
        for number, width in tiles_of("entries", self.size):
            statements = self.read_entries(number, width)
            if statements is None:  # what follows can't be judged
                self.all_known = False
                break
            if number == 0 and not self.read_charter(statements[0]):
                return
            for index, statement in enumerate(statements, number * 256):
                if statement.id in seen and not statement.fault:
                    statement.fault = "E022"
                seen.add(statement.id)
                leaves.append(statement.id)
                self.judged = self.judged and not statement.unknown
                for code in [statement.fault] * bool(statement.fault and not self.judged) + statement.unknown:
                    self.report(code, f"entry {index}")
                if index and self.judged:
                    self.ledger.apply(statement, index)
            self.check_packs(number, width, statements, self.check_manifests(number, width, statements))
        if self.ledger:
            self.check_signers(note)
        if len(leaves) == self.size:
            self.check_tree(leaves)
            self.check_times(lambda size, root: must(merkle_root(leaves[:size]) == root, "E083"))
        self.check_files()

    def read_entries(self, number, width):
        name, count = tile_name("entries", number, width), width or 256
        part = self.parts.get(name)  # if it isn't there, that is reported already
        with self.step(name):
            must(part is None or part.size <= count * 65537, "E020")
            return part and [Statement(raw) for raw in split_entries(part.read(), count)]

    def read_charter(self, statement):
        self.archive = statement.id
        for code in [statement.fault] * bool(statement.fault) + statement.unknown:
            return self.report(code, "entry 0")
        with self.step("entry 0"):
            self.ledger = Ledger(statement, charter_keys(statement))
            self.check_trust(statement)
        return self.ledger is not None

    def check_trust(self, charter):
        if self.trust.get("archive", charter.id.hex()) != charter.id.hex():
            self.report("E080", "entry 0")
        if self.trust.get("founder", charter.kid.hex()) != charter.kid.hex():
            self.report("E081", "entry 0")

    def check_signers(self, note):
        """What the rules say of the entries; and the checkpoint's signatures, by the keys that may sign after all of them."""
        for code, index in self.ledger.findings():
            self.report(code, f"entry {index}")
        self.check_lines(note)
        self.check_quorum(note)

    def check_lines(self, note):
        for code, place in self.ledger.check_lines(note, self.witnesses()):
            if code != "E012" or self.judged:
                self.report(code, place)

    def check_tree(self, leaves):
        """Every hash tile and the root (7)."""
        for name, expected in hash_tiles(leaves):
            part = self.parts.get(name)
            if part and (part.size != len(expected) or part.read() != expected):
                self.report("E021", name)
        if merkle_root(leaves) != self.root:
            self.report("E015", "checkpoint")
        if seen := self.trust.get("seen"):
            if seen["size"] > len(leaves):
                self.report("E082", "checkpoint")
            elif merkle_root(leaves[:seen["size"]]).hex() != seen["root"]:
                self.report("E083", "checkpoint")

    def check_manifests(self, number, width, statements):
        """The distinct files (digest, size) that each statement's manifest names; None where that isn't known."""
        name, files = tile_name("manifests", number, width), [None] * len(statements)
        with self.step(name):
            stream = Stream(self.parts[name]) if name in self.parts else None
            for i, s in enumerate(statements if stream else []):
                head, place = read_head(stream.take, "E061"), f"manifest of entry {number * 256 + i}"
                must(head == NULL or head[0] == BYTES, "E061")
                declared = s.payload["manifest"] if s.has_manifest() else None
                if declared and head == NULL:
                    self.report("E050", place)
                elif declared and head[1] != declared["size"]:
                    self.report("E052", place)
                if head != NULL:
                    must(head[1] <= min(MANIFEST_MAX, stream.left), "E061")
                    data = stream.take(head[1])
                    if declared and len(data) == declared["size"]:
                        with self.step(place):
                            must(sha256(data) == declared["sha256"], "E051")
                            files[i] = read_manifest(data, s)
                if s.kind == "charter" or s.payload is not None and s.kind in GOVERNANCE:
                    must(head == NULL, "E061")
                    files[i] = []
            if stream:
                stream.end()
        self.all_known = self.all_known and None not in files
        return files

    def check_packs(self, number, width, statements, files):
        for digest, size in (f for fs in files for f in fs or [] if f[1] > SMALL):
            self.big.setdefault(digest, set()).add(size)
        name = tile_name("packs", number, width)
        with self.step(name):
            if name not in self.parts:
                return
            stream = Stream(self.parts[name])
            for i, known in enumerate(files):
                major, count = read_head(stream.take, "E061")
                small = None if known is None else [f for f in known if f[1] <= SMALL]
                must(major == ARRAY and count == (count if small is None else len(small)), "E061")
                for j in range(count):
                    head = read_head(stream.take, "E061")
                    must(head == NULL or head[0] == BYTES and head[1] <= SMALL, "E061")
                    data = None if head == NULL else stream.take(head[1])
                    if small:
                        with self.step(f"entry {number * 256 + i}, sha256:{small[j][0].hex()}"):
                            must(data is not None, "E054")
                            must(len(data) == small[j][1], "E056")
                            must(sha256(data) == small[j][0], "E055")
            stream.end()

    def check_files(self):
        """The large files (7.2), once each."""
        for digest, sizes in self.big.items():
            name = f"files/sha256/{digest.hex()[:2]}/{digest.hex()}"
            plain, packed = self.parts.get(name), self.parts.get(name + ".zst")
            if plain and packed:
                self.report("E007", name)
            with self.step(name):
                must(plain or packed, "E054")
                content = plain or Stream(packed)
                must(sizes == {content.size if plain else content.left}, "E056")
                actual = hashlib.sha256()
                for chunk in content.chunks():
                    actual.update(chunk)
                must(actual.digest() == digest, "E055")
        for name, place in self.places.items():
            if place[0] == FILES and self.all_known and bytes.fromhex(name[16:80]) not in self.big:
                self.report("E004" if self.bundle else "W001", name)

def verify(target, readme=None, kind=Checker, **trust):
    """The verdict on one bundle or folder, as a dictionary. Raises nothing. `trust`: the `archive` that is trusted, or its
    `founder`, in hex; the checkpoint that was `seen` before, {"size", "root"}; `witnesses`, and their `quorum`."""
    checker, error = None, None
    try:
        if not os.path.isdir(target) and not stat.S_ISREG(os.stat(target).st_mode):
            raise OSError("neither a file nor a folder")
        checker = kind(target, readme, trust)
        checker.run()
    except (OSError, ValueError) as e:
        error = f"can't read: {e}"
    except Exception as e:
        error = f"internal error: {type(e).__name__}: {e}"
    findings = checker.findings if checker else []
    sorts = {f["code"][0] for f in findings}
    verdict = "failed" if "E" in sorts else "unchecked" if "U" in sorts or error else "verified"
    archive = checker.archive.hex() if checker and checker.archive else None
    size, root = (checker.size, checker.root.hex()) if checker else (0, "")
    result = {"verdict": verdict, "archive": archive, "size": size, "root": root, "findings": findings}
    return result | ({"error": error} if error else {})

def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("target", metavar="BUNDLE|FOLDER|LISTFILE")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--many", action="store_true", help="the argument is a list of paths, one a line")
    parser.add_argument("--archive", metavar="ID", help="the archive that you trust: its id, all 64 digits")
    parser.add_argument("--readme", metavar="FILE", default=README, help="the README.txt that bundles have (8.1)")
    options, readme = parser.parse_args(), None
    try:
        readme = open(options.readme, "rb").read()
    except OSError:
        print("note: no file to compare README.txt with", file=sys.stderr)
    if options.many:
        for line in open(options.target, encoding="utf-8"):
            print(json.dumps({"path": line.rstrip("\n")} | verify(line.rstrip("\n"), readme)), flush=True)
        return 0
    result = verify(options.target, readme, **({"archive": options.archive} if options.archive else {}))
    if options.json:
        print(json.dumps(result))
    else:
        print(*[f"{f['code']} {f['place']!a}\n" for f in result["findings"]], sep="", end="")
        print(f"{result['verdict']}: archive {result['archive']}, {result['size']} entries", result.get("error", ""))
    return {"verified": 0, "failed": 1, "unchecked": 2}[result["verdict"]]

if __name__ == "__main__":
    sys.exit(main())
