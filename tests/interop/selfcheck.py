#!/usr/bin/env python3
"""Does verify.py agree with docs/format.md? A small writer of its own makes archives, good ones and ones with a single
fault, and compares the codes found with the codes expected.

    python3 selfcheck.py                     run all cases
    python3 selfcheck.py --write FOLDER      leave a good archive there: bundle.zip, and unbundled in archive/;
                                             statements/ has each statement as <index>.cose, log.hex the log's key
    python3 selfcheck.py --unbundle BUNDLE FOLDER     the same from any bundle

The writer shares no code with verify.py: CBOR by cbor2, ZIP by Python's zipfile, the tree by recursion.
"""
import base64, hashlib, io, json, os, random, shutil, struct, subprocess, sys, tempfile, warnings, zipfile
import cbor2, zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, "../../crates/litopys/src/store/bundle-readme.txt")
ORIGIN = "example.org/archive"

class Signer:
    def __init__(self, number):
        self.key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        self.public = self.key.public_key().public_bytes_raw()
STEWARD, ARCHIVIST, LOG, STRANGER = map(Signer, range(1, 5))

def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def urn(i): return f"urn:uuid:00000000-0000-4000-8000-{i:012x}"
def dumps(value): return cbor2.dumps(value, canonical=True)
def frame(data, **options):
    return zstandard.ZstdCompressor(level=3, write_checksum=True, **options).compress(data)
def mth(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1", mth(leaves[:k]), mth(leaves[k:]))
def tile(level, number, count):
    return f"tile/{level}/{number:03d}" + (f".p/{count}" if count < 256 else "")  # enough below 256,000 entries
def keep(value, _): return value

class Archive:
    """Entry 0 is the charter; 1 and 2 are versions of one article; all others are first versions. `edit` maps a stage,
    or (stage, entry), to a function that gets the value at that stage and the archive, and gives what to go on with."""
    def __init__(self, entries=4, **edit):
        self.edit = {(k[:-2], int(k[-1])) if k[-2:-1] == "_" else k: v for k, v in edit.items()}
        self.raw, self.manifests, self.packs, self.tree = [], [], [], {}
        for i in range(entries):
            self.add(i)
    def stage(self, name, value, entry=None):
        return self.edit.get(name if entry is None else (name, entry), keep)(value, self)
    def id(self, i):
        return sha(b"\0", self.raw[i])
    def add(self, i):
        key = ARCHIVIST if i else STEWARD
        header = {1: -8, 3: f"application/vnd.litopys.{'article' if i else 'charter'}+cbor", 4: key.public,
                  15: {1: ORIGIN, 2: urn(max(i, 2)) if i else ORIGIN}}
        if i == 0:
            keys = [{"key": k.public, "name": n, "roles": r} for k, n, r in (
                (STEWARD, "Stepan", ["steward"]), (ARCHIVIST, "Anna", ["archivist"]), (LOG, "Lesia", ["log", "steward"]))]
            payload = {"keys": keys, "nonce": b"n" * 16, "title": "Архів", "format": 1, "origin": ORIGIN, "threshold": 2}
            manifest, items = None, []
        else:
            files = {"text.md": b"# Article %d\n" % i, "same.md": b"# Article %d\n" % i, "empty": b""}
            if i < 4:
                files["big.bin"] = b"big" * 30000
                files["random.bin"] = random.Random(i).randbytes(65537)
            files = self.stage("contents", files, i)
            manifest = {"salt": bytes([i % 256]) * 16, "subject": f"https://example.org/{max(i, 2)}", "signed_at": "2024-02-29T23:59:59Z",
                        "change": "source" if i == 2 else "first", "published": "XXXX-09-05", "title": "Стаття",
                        "authors": ["A", "B"], "language": "uk", "captured": {"at": "2024-01-01T00:00:00Z", "tool": "hand"},
                        "files": [{"path": p, "role": "text" if p == "text.md" else "attachment", "size": len(b),
                                   "type": "text/plain", "sha256": sha(b)} for p, b in files.items()]}
            manifest = self.stage("manifest_bytes", dumps(self.stage("manifest", manifest, i)), i)
            payload = {"version": 2 if i == 2 else 1, "manifest": {"size": len(manifest), "sha256": sha(manifest)},
                       "authority": self.id(0)} | ({"previous": self.id(1)} if i == 2 else {})
            items = list(dict.fromkeys(b for b in files.values() if len(b) <= 65536))
            for b in files.values():
                if len(b) > 65536:
                    name, packed = f"files/sha256/{sha(b).hex()[:2]}/{sha(b).hex()}", frame(b)
                    self.tree |= {name + ".zst": packed} if len(packed) < len(b) else {name: b}
        header, payload, key = self.stage("header", header, i), self.stage("payload", payload, i), self.stage("key", key, i)
        protected, payload = dumps(header), payload if isinstance(payload, bytes) else dumps(payload)
        signature = key.key.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
        statement = [protected, {}, payload, self.stage("signature", signature, i)]
        self.raw.append(self.stage("raw", b"\xd2" + dumps(self.stage("statement", statement, i)), i))
        self.manifests.append(self.stage("stored", manifest, i))
        self.packs.append(self.stage("items", items, i))
    def files(self):
        tree, hashes, level = dict(self.tree), [self.id(i) for i in range(len(self.raw))], 0
        for start in range(0, len(self.raw), 256):
            part = range(start, min(start + 256, len(self.raw)))
            stored = {"entries": b"".join(struct.pack(">H", len(self.raw[i])) + self.raw[i] for i in part),
                      "manifests": self.stage("manifests", b"".join(cbor2.dumps(self.manifests[i]) for i in part)),
                      "packs": self.stage("packs", b"".join(cbor2.dumps(self.packs[i]) for i in part))}
            for kind, data in stored.items():
                tree[tile(kind, start // 256, len(part))] = data if kind == "entries" else frame(data)
        root = mth(hashes)
        while hashes:
            for start in range(0, len(hashes), 256):
                part = hashes[start:start + 256]
                tree[tile(level, start // 256, len(part))] = b"".join(part)
            level, hashes = level + 1, [mth(hashes[i:i + 256]) for i in range(0, len(hashes) & ~255, 256)]
        note = self.stage("note", f"{ORIGIN}\n{len(self.raw)}\n{base64.b64encode(root).decode()}\n".encode())
        tree["checkpoint"] = self.stage("checkpoint", note + b"\n" + signature_line(note))
        return self.stage("tree", tree)
    def bundle(self):
        tree = self.files()
        def order(name):
            kinds = ["checkpoint", "tile/", "tile/entries", "tile/manifests", "tile/packs", "files/"]
            kind = max(i for i, k in enumerate(kinds) if name.startswith(k))
            return kind, len(name.split("/")[1]) if kind == 1 else 0, name
        members = [("mimetype", b"application/vnd.litopys+zip"), ("README.txt", open(README, "rb").read())]
        members = self.stage("members", members + [(n, tree[n]) for n in sorted(tree, key=order)])
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w") as out:
            for name, data in members:
                info = zipfile.ZipInfo(name)
                info.create_system, info.create_version, info.external_attr = 3, 30, 0o100644 << 16
                out.writestr(info, data)
        return self.stage("zip", memory.getvalue())

def signature_line(note, signer=LOG, name=ORIGIN, signature=None):
    blob = sha(name.encode(), b"\n\1", signer.public)[:4] + (signature or signer.key.sign(note))
    return f"— {name} {base64.b64encode(blob).decode()}\n".encode()

# -------- the cases: codes expected, how the archive differs from the good one

def put(**values): return lambda v, _: {k: x for k, x in (v | values).items() if x is not ...}  # ... takes a key out
def file0(**values): return lambda v, a: v | {"files": [put(**values)(v["files"][0], a)] + v["files"][1:]}
def swap(old, new): return lambda v, _: v.replace(old, new, 1)
def flip(at): return lambda v, _: v[:at] + bytes([v[at] ^ 1]) + v[at + 1:] if at >= 0 else v[:at] + bytes([v[at] ^ 1]) + v[len(v) + at + 1:]
def add(name, data): return lambda tree, _: tree | {name: data}
def less(start): return lambda tree, _: {n: b for n, b in tree.items() if not n.startswith(start)}
def at(name, change): return lambda tree, a: {n: change(b, a) if n.startswith(name) else b for n, b in tree.items()}
def members(change): return lambda ms, _: change(list(ms))
def noted(change): return lambda c, _: change(c.partition(b"\n\n")[0] + b"\n", c)
def keys(change): return lambda p, _: p | {"keys": change(p["keys"])}
def sub(new): return lambda h, _: h | {15: h[15] | {2: new}}
def iss(new): return lambda h, _: h | {15: h[15] | {1: new}}
def date(field, value): return {"manifest_3": put(**{field: value})}
def crc_of_first(b, _):  # of the member `mimetype`, in both of its headers
    central = b.index(b"PK\1\2")
    return flip(central + 16)(flip(14)(b, _), _)
BAD_POINT, BIG = b"\xff" * 31 + b"\x7f", "files/sha256/" + sha(b"big" * 30000).hex()[:2]
FAKE = add("files/sha256/00/" + "00" * 32, b"x" * 70000)
def as_charter(h, a): return cbor2.loads(cbor2.loads(a.raw[0]).value[0]) | {4: ARCHIVIST.public}
def charter_payload(p, a): return cbor2.loads(cbor2.loads(a.raw[0]).value[2]) | {"nonce": b"m" * 16}

CASES = [
    ("", {}), ("", {"entries": 300}), ("", {"entries": 256}), ("", {"header_3": lambda h, _: h | {1: -19}}), ("", {"entries": 1}),
    # the container
    ("E001", {"zip": flip(12)}), ("E001", {"zip": lambda b, _: b + b"\0"}), ("E001", {"zip": lambda b, _: b"\0" + b}),
    ("E001", {"zip": lambda b, _: b[:-1]}), ("E001", {"zip": lambda b, _: b""}), ("E001", {"zip": flip(-21)}),
    ("E005", {"zip": crc_of_first}), ("E002", {"members": members(lambda m: m + [("extra", b"x")])}),
    ("E002", {"members": members(lambda m: m[:3] + [m[4], m[3]] + m[5:])}), ("E001", {"members": members(lambda m: m[:3] + m[2:])}),
    ("E005", {"members": members(lambda m: m[1:])}), ("E003", {"members": members(lambda m: m[:2] + m[3:])}),
    ("E005", {"members": members(lambda m: [(m[0][0], m[0][1] + b"\n")] + m[1:])}),
    ("E005", {"members": members(lambda m: m[:1] + [(m[1][0], b"?")] + m[2:])}),
    ("E003", {"tree": less("tile/0/")}), ("E003", {"tree": less("tile/entries/")}), ("E003", {"tree": less("tile/manifests/")}),
    ("E003", {"tree": less("tile/packs/")}), ("E004", {"tree": add("tile/0/000.p/3", b"x" * 96)}),
    ("E004", {"tree": add("tile/1/000.p/1", b"x" * 32)}), ("E004", {"tree": FAKE}), ("E002", {"tree": add("tile/0/x000/000", b"")}),
    ("E007", {"tree": add(BIG + "/" + sha(b"big" * 30000).hex(), b"big" * 30000)}),
    # the checkpoint
    ("E010", {"checkpoint": swap(b"\n4\n", b"\n04\n")}), ("E010", {"checkpoint": swap(b"\n\n", b"\nextra\n\n")}),
    ("E010", {"checkpoint": lambda c, _: c[:-1]}), ("E010", {"checkpoint": noted(lambda n, c: n + b"\n")}),
    ("E010", {"checkpoint": lambda c, _: c + b"\xe2\x80\x94 w! AAAA\n"}), ("E010", {"note": swap(b"=", b"")}),
    ("E010", {"checkpoint": lambda c, _: c + b"x" * 65536}), ("E011", {"note": swap(b"example", b"elpmaxe")}),
    ("E012 W003", {"checkpoint": noted(lambda n, c: n + b"\n" + signature_line(n, STEWARD))}),
    ("E013", {"checkpoint": noted(lambda n, c: n + b"\n" + signature_line(n, signature=b"s" * 64))}),
    ("E014", {"checkpoint": noted(lambda n, c: c + signature_line(n))}), ("", {"checkpoint": noted(lambda n, c: c + signature_line(n, STRANGER, "w"))}),
    ("W003", {"checkpoint": noted(lambda n, c: c + signature_line(n, STRANGER))}),
    ("E015", {"note": lambda n, _: n.rpartition(b"\n")[0][:-44] + base64.b64encode(b"r" * 32) + b"\n"}),
    ("E020", {"tree": at("tile/entries", lambda b, _: b + b"\0")}), ("E020", {"tree": at("tile/entries", lambda b, _: b[:-1])}),
    ("E021", {"tree": at("tile/0/", flip(70))}), ("E021", {"tree": at("tile/0/", lambda b, _: b + b"x" * 32)}),
    ("E022", {"raw_3": lambda _, a: a.raw[1], "stored_3": lambda _, a: a.manifests[1], "items_3": lambda _, a: a.packs[1], "tree": less("files/sha256/" + sha(random.Random(3).randbytes(65537)).hex()[:2])}),
    # statements
    ("E030", {"raw_3": lambda r, _: r + b"\0"}), ("E030", {"raw_3": swap(b"\xd2\x84", b"\xd2\x98\x04")}), ("E020", {"raw_3": lambda r, _: b""}),
    ("E030", {"payload_3": lambda p, _: p | {"version": 1.0}}), ("E030", {"payload_3": lambda p, _: p | {"x": None}}), ("E030", {"payload_3": lambda p, _: p | {"x": ""}}),
    ("E030", {"payload_3": lambda p, _: p | {"x": 2**53}}), ("E030", {"payload_3": lambda p, _: p | {"x": -1}}), ("E030", {"payload_3": lambda p, _: p | {1: 1}}),
    ("E030", {"payload_3": lambda p, _: cbor2.dumps(dict(reversed(cbor2.loads(dumps(p)).items())))}),
    ("E030", {"payload_3": lambda p, _: dumps(p).replace(b"\x01\x68manifest", b"\x18\x01\x68manifest")}),
    ("E031", {"raw_3": lambda r, _: r[1:]}), ("E031", {"raw_3": swap(b"\xd2", b"\xd1")}), ("E031", {"statement_3": lambda s, _: [s[0], {"x": b"x"}, *s[2:]]}),
    ("E031", {"signature_3": lambda s, _: s[:63]}), ("E031", {"header_3": lambda h, _: h | {16: "x"}}), ("E031", {"header_3": lambda h, _: h | {3: "text/plain"}}),
    ("E031", {"header_3": sub("urn:uuid:00000000-0000-1000-8000-000000000003")}), ("E031", {"header_3": iss("Upper.example")}),
    ("U001", {"header_3": lambda h, _: h | {1: -7}}), ("U002", {"header_3": lambda h, _: h | {3: "application/vnd.litopys.future+cbor"}}),
    ("U003", {"payload_0": put(format=2)}), ("E034", {"payload_3": put(extra="x")}), ("E034", {"payload_3": put(previous=b"p" * 32)}),
    ("E034", {"payload_3": put(version=0)}), ("E034", {"payload_2": put(previous=...)}), ("E078", {"payload_0": put(threshold=65)}),
    ("E078", {"payload_0": keys(lambda k: [put(roles=["log", "archivist"])(k[0], 0)] + k[1:])}),
    ("E040", {"signature_3": flip(0)}), ("E040", {"key_3": lambda k, _: STRANGER}), ("E040", {"signature_3": lambda s, _: b"\1" + bytes(63)}),
    ("E040", {"signature_3": lambda s, _: s[:32] + (int.from_bytes(s[32:], "little") + 2**252 + 27742317777372353535851937790883648493).to_bytes(32, "little")}),
    ("E041", {"header_3": lambda h, _: h | {4: b"\1" + bytes(31)}}), ("E041", {"payload_0": keys(lambda k: k + [k[0] | {"key": BAD_POINT}])}),
    ("E040", {"signature_0": flip(9)}), ("E078", {"payload_0": put(threshold=3)}), ("E078", {"payload_0": keys(lambda k: k + k[:1])}),
    ("E078", {"payload_0": keys(lambda k: [put(roles=["steward"])(x, 0) for x in k])}), ("E078", {"payload_0": put(origin="other")}),
    ("E078", {"payload_0": put(title="t" * 1025)}), ("E078", {"payload_0": keys(lambda k: [put(roles=["log"])(k[0], 0)] + k[1:])}),
    # manifests, packs, files
    ("E050", {"stored_3": lambda *_: None}), ("E051", {"stored_3": flip(-1)}), ("E052", {"stored_3": lambda m, _: m + b"x"}), ("E053", {"manifest_3": put(change="source")}),
    ("E053", {"manifest_2": put(change="first")}), ("E053", {"manifest_3": put(nonsense="x")}), ("E053", {"manifest_3": put(salt=...)}), ("E053", {"manifest_3": put(captured={"at": "2024"})}),
    *[("E053", {"manifest_3": file0(path=p)}) for p in ("/a", "a/", "a//b", "../a", "a/./b", "a\\b", "a:b", "a\tb", "a\x7f", "x" * 1025, "SAME.md")],
    *[("", {"manifest_3": file0(path=p)}) for p in ("a/b", "...", " ", "\u0085", "Є", "x" * 1024)],
    *[("E053", date("modified", d)) for d in ("2023-02-29", "1900-02-29", "2024-13", "2024-00", "20X4", "2024-1", "2024-01-32", "XX-01", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z",
                                              "2024-01-01T00:00:00+24:00", "2024-01-01T00:00Z", "XXXX-01-01T00:00:00Z", "٢٠٢٤", "2024\n", "XXXX-02-30", "2024-04-31")],
    *[("", date("modified", d)) for d in ("0000-02-29", "XXXX-02-29", "2024-XX-31", "XXXX", "2024-01-01T00:00:00", "2024-01-01T23:59:59-23:59")],
    *[("E053", date("signed_at", d)) for d in ("2024-01-01T00:00:00", "2024-01-01T00:00:00+00:00", "2023-02-29T00:00:00Z", "2024-XX-01")],
    ("E053", date("language", "uk_UA")), ("E053", date("extra", {str(i): "x" for i in range(257)})), ("", date("extra", {str(i): "x" for i in range(256)})),
    ("E053", date("tags", ["x"] * 1025)), ("", date("authors", ["x"] * 1024)),
    ("E054", {"items_3": lambda i, _: [None] + i[1:]}), ("E054", {"tree": less(BIG)}), ("E055", {"items_3": lambda i, _: [flip(0)(i[0], 0)] + i[1:]}), ("E056", {"items_3": lambda i, _: [i[0] + b"x"] + i[1:]}),
    ("E055", {"tree": at(BIG, lambda b, _: frame(b"bug" * 30000))}), ("E056", {"tree": at(BIG, lambda b, _: frame(b"big" * 30001))}), ("E060", {"tree": at(BIG, lambda b, _: b + b"x")}),
    ("E060", {"tree": at("tile/packs", flip(-1))}), ("E060", {"tree": at("tile/manifests", lambda b, _: b + frame(b"x"))}), ("E060", {"tree": at("tile/manifests", flip(5))}),
    ("E060", {"tree": at("tile/packs", lambda b, _: zstandard.ZstdCompressor().compress(zstandard.decompress(b)))}), ("E060", {"tree": at("tile/packs", lambda b, _: b"")}),
    ("E060", {"tree": at("tile/packs", lambda b, _: zstandard.ZstdCompressor(write_checksum=True, write_content_size=False).compress(zstandard.decompress(b)))}),
    ("E061", {"packs": lambda b, _: b + b"\x80"}), ("E061", {"packs": lambda b, _: b[:-1]}), ("E061", {"manifests": lambda b, _: b + b"\xf6"}), ("E061", {"items_3": lambda i, _: i + [b"x"]}),
    ("E061", {"stored_0": lambda *_: b"x"}), ("E061", {"packs": lambda b, _: b"\x98\0" + b[1:]}),
    # the rules of the ledger
    ("E070", {"payload_3": put(authority=b"a" * 32)}), ("E071", {"key_3": lambda *_: STRANGER, "header_3": lambda h, _: h | {4: STRANGER.public}}),
    ("E072", {"key_3": lambda *_: STEWARD, "header_3": lambda h, _: h | {4: STEWARD.public}}), ("E073", {"header_3": iss("other.example")}),
    ("E074", {"payload_2": put(previous=b"p" * 32)}), ("E074", {"payload_2": put(version=3)}), ("E074", {"header_2": sub(urn(9))}), ("E076", {"header_3": sub(urn(2))}),
    ("E075", {"header_3": as_charter, "payload_3": charter_payload, "stored_3": lambda *_: None, "items_3": lambda *_: [],
              "tree": less("files/sha256/" + sha(random.Random(3).randbytes(65537)).hex()[:2])}),
    ("E074 E040", {"signature_1": flip(3)}),
]
FOLDERS = [("", {}), ("W002", {"tree": add("tile/0/000.p/3", b"x" * 96)}), ("W001", {"tree": add("notes.txt", b"x")}), ("W001", {"tree": FAKE}), ("E003", {"tree": less("checkpoint")})]

# -------- running them

def write_tree(files, folder):
    for name, data in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(data)
    return folder

def unbundle(bundle, folder):
    """The archive's files, each statement by itself, and the log's public key."""
    with zipfile.ZipFile(bundle) as members:
        files = {"archive/" + n: members.read(n) for n in members.namelist() if n not in ("mimetype", "README.txt")}
    index = 0
    for name in sorted(n for n in files if n.startswith("archive/tile/entries/")):
        data = io.BytesIO(files[name])
        while length := data.read(2):
            files[f"statements/{index}.cose"] = data.read(int.from_bytes(length, "big"))
            index += 1
    charter = cbor2.loads(cbor2.loads(files["statements/0.cose"]).value[2])
    files["log.hex"] = next(k["key"] for k in charter["keys"] if "log" in k["roles"]).hex().encode()
    write_tree(files, folder)

def verify_all(paths, folder):
    with open(os.path.join(folder, "list"), "w") as out:
        out.writelines(p + "\n" for p in paths)
    run = subprocess.run([sys.executable, os.path.join(HERE, "verify.py"), "--many", out.name], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]

def check(folder):
    expected, paths, bad = [], [], 0
    def case(name, codes, *contents):
        paths.append(os.path.join(folder, name))
        expected.append(None if codes is None else set(codes.split()))
        write_tree(contents[0], paths[-1]) if isinstance(contents[0], dict) else write_tree({name: contents[0]}, folder)
    for i, (codes, edit) in enumerate(CASES):
        case(f"case-{i:03d}", codes, Archive(**edit).bundle())
    for i, (codes, edit) in enumerate(FOLDERS):
        case(f"folder-{i:03d}", codes, Archive(**edit).files())
    dice, good = random.Random(7), Archive()
    bundle, files = good.bundle(), good.files()
    for i in range(200):  # any bit of a bundle, any bit of a folder's files: never "verified", never a crash
        case(f"flip-{i:03d}", None, flip(dice.randrange(len(bundle)) if i % 2 else dice.randrange(20000))(bundle, 0))
        name = dice.choice(sorted(files))
        case(f"flip-folder-{i:03d}", None, files | {name: flip(dice.randrange(len(files[name])))(files[name], 0)})
        case(f"cut-{i:03d}", None, bundle[:dice.randrange(len(bundle))])
    for path, codes, result in zip(paths, expected, verify_all(paths, folder)):
        found = {f["code"] for f in result["findings"]}
        wanted = {"E": "failed", "U": "unchecked"}.get(min(codes or {"W"})[0], "verified")
        if "error" in result or (result["verdict"] == "verified" if codes is None else found != codes or result["verdict"] != wanted):
            bad += 1
            name = os.path.basename(path)
            edit = CASES[int(name[5:])] if name.startswith("case") else ""
            print(f"{name}: expected {codes}, found {json.dumps(result)} {edit}")
    print(f"{len(paths)} cases, {bad} with another verdict than expected")
    return bad != 0

if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        shutil.rmtree(sys.argv[2], ignore_errors=True)
        write_tree({"bundle.zip": Archive(300).bundle()}, sys.argv[2])
        unbundle(os.path.join(sys.argv[2], "bundle.zip"), sys.argv[2])
    elif sys.argv[1:2] == ["--unbundle"]:
        unbundle(sys.argv[2], sys.argv[3])
    else:
        warnings.filterwarnings("ignore", "Duplicate name")  # one of the cases
        with tempfile.TemporaryDirectory() as temporary:
            sys.exit(check(temporary))
