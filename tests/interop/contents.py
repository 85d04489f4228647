"""What stands beside the statements: manifests, packs and large files (7.2, 7.3; 9, steps 7 and 8), and what of it is withheld, for verify.py."""
import hashlib
from formats import Stream, must, read_head
from records import FILES, GOVERNANCE, MANIFEST_MAX, read_manifest, sha256, tile_name

SMALL = 65536
BYTES, ARRAY, NULL = 2, 4, (7, 22)  # CBOR's major types, and what null reads as
WITHHELD = ()  # no manifest, and rightly so

class Contents:
    def check_manifests(self, number, width, statements):
        """The distinct files (digest, size) that each statement's manifest names; None where that isn't known, WITHHELD where
        the manifest is withheld."""
        name, files = tile_name("manifests", number, width), [None] * len(statements)
        with self.step(name):
            stream = Stream(self.parts[name]) if name in self.parts else None
            for i, s in enumerate(statements if stream else []):
                head, place = read_head(stream.take, "E061"), f"manifest of entry {number * 256 + i}"
                must(head == NULL or head[0] == BYTES, "E061")
                declared = s.payload["manifest"] if s.has_manifest() else None
                withheld = declared and self.ledger.is_withheld(number * 256 + i, None)
                if declared and head == NULL:
                    files[i] = WITHHELD if withheld else self.report("E050", place)
                elif declared and head[1] != declared["size"]:
                    self.report("E052", place)
                if head != NULL:
                    must(head[1] <= min(MANIFEST_MAX, stream.left), "E061")
                    data = stream.take(head[1])
                    if declared and len(data) == declared["size"]:
                        with self.step(place):
                            must(sha256(data) == declared["sha256"], "E051")
                            files[i] = read_manifest(data, s)
                            if withheld:
                                self.report("W006", place)
                if s.payload is not None and s.kind in ("charter", *GOVERNANCE):
                    must(head == NULL, "E061")
                    files[i] = []
            if stream:
                stream.end()
        self.all_known = self.all_known and None not in files
        return files

    def check_packs(self, number, width, statements, files):
        name, withheld = tile_name("packs", number, width), self.ledger.is_withheld
        for index, named in enumerate(files, number * 256):
            for digest, size in (f for f in named or [] if f[1] > SMALL):
                self.note(index, digest, size)
        with self.step(name):
            if name not in self.parts:
                return
            stream = Stream(self.parts[name])
            for index, known in enumerate(files, number * 256):
                major, count = read_head(stream.take, "E061")
                small = None if known is None or known is WITHHELD else [f for f in known if f[1] <= SMALL]
                must(major == ARRAY and count <= 65536 and count == (count if small is None else len(small)), "E061")
                for j in range(count):
                    head = read_head(stream.take, "E061")
                    must(head == NULL or head[0] == BYTES and head[1] <= SMALL, "E061")
                    data = None if head == NULL else stream.take(head[1])
                    if known is WITHHELD and data is not None:
                        self.report("E113", f"entry {index}, pack")
                    if small:
                        digest, size = small[j]
                        with self.step(f"entry {index}, sha256:{digest.hex()}"):
                            gone = withheld(index, digest)
                            must(data is not None or gone, "E054")
                            must(data is None or len(data) == size, "E056")
                            must(data is None or sha256(data) == digest, "E055")
                            must(data is None or not gone, "W006")
            stream.end()

    def note(self, index, digest, size):
        """A file that an entry names. One that is withheld wherever it is named need not be there."""
        self.big.setdefault(digest, set()).add(size)
        if not self.ledger.is_withheld(index, digest):
            self.wanted.add(digest)

    def check_files(self):
        """The large files (7.2), once each."""
        for digest, sizes in self.big.items():
            name = f"files/sha256/{digest.hex()[:2]}/{digest.hex()}"
            plain, packed = self.parts.get(name), self.parts.get(name + ".zst")
            if plain and packed:
                self.report("E007", name)
            if not plain and not packed and digest not in self.wanted:
                continue
            with self.step(name):
                must(plain or packed, "E054")
                content = plain or Stream(packed)
                must(sizes == {content.size if plain else content.left}, "E056")
                actual = hashlib.sha256()
                for chunk in content.chunks():
                    actual.update(chunk)
                must(actual.digest() == digest, "E055")
                must(digest in self.wanted, "W006")
        for name, place in self.places.items():
            if place[0] == FILES and self.all_known and bytes.fromhex(name[16:80]) not in self.big:
                self.report("E004" if self.bundle else "W001", name)
