#!/usr/bin/env python3
"""A second verifier for Litopys archives, written from docs/format.md alone. Read it from top to bottom.

    python3 verify.py BUNDLE|FOLDER [--json] [--archive ID] [--readme FILE]
    python3 verify.py --many LISTFILE          one JSON line for each path in LISTFILE

Exit code: 0 nothing is false, 1 something is false, 2 this verifier can't tell (or can't read). Numbers such as
"(7.2)" are sections of docs/format.md. Needs: pip install cryptography zstandard

Eight files: this one walks through an archive; governance.py has the rules, contents.py compares manifests and files, times.py, tokens.py and witnesses.py
have what others say of it; records.py opens what an archive consists of (statements, manifests, the checkpoint); formats.py reads CBOR, Ed25519 signatures,
ZIP and Zstandard strictly.
"""
import argparse, contextlib, json, os, stat, sys, zlib
import zstandard
from contents import Contents
from formats import Bad, must, read_bundle, read_folder
from governance import Ledger
from records import FILES, HASHES, LEVEL_0, Statement, charter_keys, hash_tiles, merkle_root, place_of, read_checkpoint
from records import split_entries, tile_name, tiles_of
from times import Times
from witnesses import Witnesses

MIMETYPE = b"application/vnd.litopys+zip"
README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../crates/litopys/src/store/bundle-readme.txt")

class Checker(Contents, Times, Witnesses):
    """The steps of (9). A step that finds a fault reports it and ends; what doesn't depend on it goes on."""
    def __init__(self, target, readme, trust):
        self.findings, self.parts, self.places, self.bundle = [], {}, {}, not os.path.isdir(target)
        self.archive, self.size, self.root, self.readme, self.trust = None, 0, b"", readme, trust
        self.ledger, self.judged, self.big, self.all_known, self.target, self.crcs = None, True, {}, True, target, {}
        self.wanted = set()
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
        leaves, seen, tiles = [], set(), []
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
                if index:
                    statement.is_later()
                seen.add(statement.id)
                leaves.append(statement.id)
                self.judged = self.judged and not statement.unknown
                for code in [statement.fault] * bool(statement.fault and not self.judged) + statement.unknown:
                    self.report(code, f"entry {index}")
                if index and self.judged:
                    self.ledger.apply(statement, index)
            tiles.append((number, width, statements))
        for tile in tiles:  # a withdrawal stands behind what it is about
            self.check_packs(*tile, self.check_manifests(*tile))
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

def tell(result, as_json, size):
    """Prints a result; the exit code."""
    if as_json:
        print(json.dumps(result))
    else:
        print(*[f"{f['code']} {f['place']!a}\n" for f in result["findings"]], sep="", end="")
        print(f"{result['verdict']}: archive {result['archive']}, {size}", result.get("error", ""))
    return {"verified": 0, "failed": 1, "unchecked": 2}[result["verdict"]]

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
    return tell(result, options.json, f"{result['size']} entries")

if __name__ == "__main__":
    sys.exit(main())
