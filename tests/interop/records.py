"""What an archive is made of, opened one at a time: manifests, statements, the checkpoint, and the names of files. What
the statements mean together is in governance.py.

Numbers such as "(4.1)" are sections of docs/format.md, and codes such as E030 are its findings (10).
"""
import base64, hashlib, re
from formats import MAX_INT, Bad, Cbor, acceptable, bstr, edtf, must, read_head, utc, verifies

MANIFEST_MAX = 16 << 20

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

# -------- shapes: the CDDL of (4) and (6), as predicates

def text(v): return isinstance(v, str)
def data(v): return isinstance(v, bytes)
def path(v):
    return text(v) and len(v.encode()) <= 1024 and all(c >= " " and c not in "\\:\x7f" for c in v) and not (
        {"", ".", ".."} & set(v.split("/")))
def blob(size): return lambda v: isinstance(v, bytes) and len(v) == size
def uint(low, high): return lambda v: isinstance(v, int) and low <= v <= high
def choice(*values): return lambda v: isinstance(v, str) and v in values
def pattern(regex): return lambda v: text(v) and re.fullmatch(regex, v, re.ASCII) is not None
def array(of, high=2**64): return lambda v: isinstance(v, list) and len(v) <= high and all(map(of, v))
def texts(v): return isinstance(v, dict) and len(v) <= 256 and all(map(text, v.values()))
def record(required, optional={}):
    """A map that has all the required keys and no unknown one."""
    known = required | optional
    return lambda v: isinstance(v, dict) and required.keys() <= v.keys() <= known.keys() and all(
        known[k](v[k]) for k in v)
def origin(v): return pattern(r"[a-z0-9._/-]{1,255}")(v) and v != "cosignature/v1"
urn = pattern(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

ROLES = ["archivist", "log", "steward"]
HEADER = record({1: uint(-19, -8), 3: text, 4: blob(32), 15: record({1: origin, 2: text})})
KEY = record({"key": data, "name": text, "roles": array(text)})
CHARTER = record({"keys": array(KEY), "nonce": data, "title": text, "format": uint(1, 1), "origin": text,
                  "threshold": uint(0, MAX_INT)})  # its types alone: what else it breaks is E078
ARTICLE = record({"version": uint(1, MAX_INT), "authority": blob(32),
                  "manifest": record({"size": uint(1, MANIFEST_MAX), "sha256": blob(32)})}, {"previous": blob(32)})
roles = lambda v: isinstance(v, list) and v == [role for role in ROLES if role in v] != []
def short(v): return text(v) and len(v.encode()) <= 1024
def only(field, of):
    """A change of keys: a map with one field."""
    return lambda v: v.keys() == {field} and of(v[field])
CHANGES = [only("add", record({"key": blob(32), "name": short, "proof": blob(64), "roles": roles})),
           only("roles", record({"key": blob(32), "roles": roles})), only("retire", record({"key": blob(32)})),
           only("revoke", record({"key": blob(32)}, {"doubtful_from": uint(0, MAX_INT)})),
           only("threshold", uint(1, 64))]
GOVERNANCE = {
    "keys": record({"epoch": uint(1, MAX_INT), "authority": blob(32),
                    "change": lambda v: isinstance(v, dict) and any(change(v) for change in CHANGES)}),
    "void": record({"id": blob(32), "index": uint(0, MAX_INT), "reason": short, "authority": blob(32)}),
    "withdrawal": lambda v: WITHDRAWAL(v) and ascends(v.get("files", []), bytes) and ascends(
        v.get("entries", []), lambda entry: entry["index"]) and (
            "files" in v if len(v.get("entries", [])) == 0 else "files" not in v or len(v["entries"]) == 1)}
CLASSES = choice("confidential", "copyright", "other", "personal", "sensitive", "unlawful")
WITHDRAWAL = record({"basis": short, "data": CLASSES, "reason": short, "authority": blob(32)},
                    {"files": array(blob(32), 1024),
                     "entries": array(record({"id": blob(32), "index": uint(0, MAX_INT)}), 1024)})
def ascends(values, key):
    keys = [key(value) for value in values]
    return all(a < b for a, b in zip(keys, keys[1:]))
OBSERVATION = record({"at": utc, "id": blob(32), "outcome": choice("changed", "gone", "moved", "unchanged"),
                      "authority": blob(32), "manifest": record({"size": uint(1, MANIFEST_MAX), "sha256": blob(32)})})
CONTENT = ["article", "observation"]  # the kinds that have a manifest
def keys_of(payload):
    """The keys that a change of keys names (4.3)."""
    return [v["key"] for v in payload.get("change", {}).values() if isinstance(v, dict)]
FILE = record({"path": path, "role": choice("attachment", "capture", "media", "text"), "size": uint(0, MAX_INT),
               "type": text, "sha256": blob(32)}, {"original_name": text})
MANIFEST = record(
    {"salt": blob(16), "files": array(FILE, 65536), "subject": text, "signed_at": utc,
     "change": choice("correction", "extraction", "first", "observation", "recapture", "source")},
    {"note": text, "tags": array(text, 1024), "extra": texts, "title": text, "rights": text, "authors": array(text, 1024),
     "summary": text, "language": pattern(r"[A-Za-z0-9-]{1,64}"), "modified": edtf, "published": edtf,
     "publisher": text, "provenance": texts,
     "captured": record({}, {"at": utc, "url": text, "via": text, "tool": text}),
     "derived_from": record({"id": blob(32), "kind": choice("ocr", "redaction", "transcription", "translation")},
                            {"tool": text})})

def read_manifest(data, statement):
    """The files as (digest, size) of a statement's manifest, or E053 (6)."""
    manifest = Cbor(data, "E053").whole()
    must(MANIFEST(manifest), "E053")
    change, observed = manifest["change"], statement.kind == "observation"
    must((change == "first") == (statement.payload.get("version") == 1) and (change == "observation") == observed, "E053")
    must(not observed or all(f["role"] == "capture" for f in manifest["files"]), "E053")
    files = [(f["sha256"], f["size"]) for f in manifest["files"]]
    folded = {f["path"].encode().lower() for f in manifest["files"]}  # of bytes, lower() folds ASCII only
    folders = {path[:at] for path in folded for at, byte in enumerate(path) if byte == 0x2f}
    must(len(folded) == len(files) and not folders & folded and len(dict(files)) == len(set(files)), "E053")
    return list(dict(files).items())

# -------- statements (4)

class Statement:
    """One entry. `fault` is its first integrity fault; `payload` is there if it could be read and the signature is good."""
    def __init__(self, raw):
        self.id, self.kind, self.payload, self.fault, self.unknown = sha256(b"\0", raw), None, None, None, []
        try:
            self.open(raw)
        except Bad as bad:
            self.fault, self.payload = str(bad), None
    def open(self, raw):
        must(len(raw) <= 65535, "E031")
        outer = Cbor(raw, "E030", outer=True)
        if b"\xc0" <= raw[:1] < b"\xe0":  # a tag
            read_head(outer.take, "E030")
        outer = outer.whole()
        must(raw[:2] == b"\xd2\x84" and [type(v) for v in outer] == [bytes, dict, bytes, bytes], "E031")
        protected, unprotected, content, signature = outer
        header = Cbor(protected, "E030", header=True).whole()
        must(isinstance(header, dict) and isinstance(header.get(1), int) and not unprotected, "E031")
        if header[1] not in (-8, -19):
            return self.unknown.append("U001")
        must(HEADER(header) and len(signature) == 64, "E031")
        self.kid, self.iss, self.sub = header[4], header[15][1], header[15][2]
        kind = re.fullmatch(r"application/vnd\.litopys\.([a-z0-9.-]+)\+cbor", header[3], re.ASCII)
        must(kind, "E031")
        self.kind = kind[1]
        payload = Cbor(content, "E030").whole() if kind[1] in ("charter", *CONTENT, *GOVERNANCE) else None
        if kind[1] == "article":
            must(urn(self.sub), "E031")
            must(ARTICLE(payload) and ("previous" in payload) == (payload["version"] > 1), "E034")
        elif kind[1] == "observation":
            must(urn(self.sub), "E031")
            must(OBSERVATION(payload), "E034")
        elif kind[1] == "charter":
            if isinstance(payload, dict) and uint(0, MAX_INT)(payload.get("format")) and payload["format"] != 1:
                self.unknown.append("U003")
            else:
                must(CHARTER(payload), "E034")
        elif kind[1] in GOVERNANCE:
            must(self.sub == self.iss, "E031")
            must(GOVERNANCE[kind[1]](payload), "E034")
            must(all(map(acceptable, keys_of(payload))), "E041")
        self.payload, self.content = payload, content
        must(acceptable(self.kid), "E041")
        signed = b"\x84\x6aSignature1" + bstr(protected) + b"\x40" + bstr(content)
        must(verifies(self.kid, signature, signed), "E040")
        if payload is None:
            self.unknown.append("U002")
    def is_later(self):
        """It isn't statement 0: then a charter is a second one, whatever is wrong with its payload."""
        if self.kind == "charter" and self.fault in (None, "E030", "E034"):
            self.payload = None if self.fault or self.unknown else self.payload
            self.fault, self.unknown = "E075", []
    def is_version(self):
        return self.payload is not None and self.kind == "article"
    def has_manifest(self):
        return self.payload is not None and self.kind in CONTENT

def charter_keys(statement):
    """The rules of (4.1) that are more than a shape; gives the roles of each key."""
    must(statement.kind == "charter", "E078")
    charter = statement.payload
    keys = {k["key"]: k["roles"] for k in charter["keys"]}
    must(all(len(key) == 32 for key in keys) and len(charter["nonce"]) == 16, "E078")
    must(all(map(acceptable, keys)), "E041")
    must(all(roles == [role for role in ROLES if role in roles] for roles in keys.values()), "E078")
    must(len(keys) == len(charter["keys"]) <= 64 and "steward" in keys.get(statement.kid, []), "E078")
    must(statement.iss == statement.sub == charter["origin"] and charter["threshold"] >= 1, "E078")
    must(any("log" in roles for roles in keys.values()), "E078")
    must(sum("steward" in roles for roles in keys.values()) >= charter["threshold"], "E078")
    must(all(len(t.encode()) <= 1024 for t in [charter["title"]] + [k["name"] for k in charter["keys"]]), "E078")
    return keys

# -------- the log and its checkpoint (7, 7.1)

def merkle_level(hashes):
    """Pair by pair; an odd last one goes up as it is, which is RFC 6962's tree."""
    pairs = [sha256(b"\1", hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
    return pairs + hashes[len(hashes) & ~1:]

def merkle_root(hashes):
    while len(hashes) > 1:
        hashes = merkle_level(hashes)
    return hashes[0]

def split_entries(data, count):
    """The statements of an entries tile: each has its length in two bytes before it."""
    pos, result = 0, []
    for _ in range(count):
        length = int.from_bytes(data[pos:pos + 2], "big")
        must(length, "E020")
        result.append(data[pos + 2:pos + 2 + length])
        pos += 2 + length
        must(pos <= len(data), "E020")
    must(pos == len(data), "E020")
    return result

def unbase64(encoded):
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Bad("E010") from None
    must(base64.b64encode(decoded).decode() == encoded, "E010")
    return decoded

def read_checkpoint(data):
    """Origin, size, root, the signed text, and a list of (name, key id, signature)."""
    try:
        note, _, signatures = data.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise Bad("E010") from None
    lines, signed = note.split("\n"), signatures.split("\n")
    must(len(lines) == 3 and signed.pop() == "" and 1 <= len(signed) <= 64, "E010")
    must(origin(lines[0]) and pattern("[1-9][0-9]{0,9}")(lines[1]) and int(lines[1]) <= 2**32, "E010")
    root, result = unbase64(lines[2]), []
    must(len(root) == 32, "E010")
    for line in signed:
        dash, name, encoded, *more = line.split(" ") + ["", ""]
        must(dash == "\u2014" and name and more == ["", ""], "E010")
        must(not any(c < " " or c == "+" or c.isspace() for c in name), "E010")
        decoded = unbase64(encoded)
        must(len(decoded) >= 5, "E010")
        result.append((name, decoded[:4], decoded[4:]))
    return lines[0], int(lines[1]), root, note.encode() + b"\n", result

# -------- names of the layout (7.2)

FIXED, LEVEL_0 = ["mimetype", "README.txt", "checkpoint"], ["entries", "manifests", "packs"]
TILE = re.compile(r"tile/([1-5]?\d|6[0-3]|entries|manifests|packs)"  # the level, then the number, then the width
                  r"/((?:x\d{3}/){0,6}\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)
HASHES, ENTRIES, FILES, TIME = 3, 4, 7, 8  # the first number of a place, for what follows FIXED; manifests are 5, packs 6

def tile_name(level, number, width):
    groups = re.findall("...", str(number).zfill(-(-len(str(number)) // 3) * 3))
    return f"tile/{level}/" + "/".join(["x" + g for g in groups[:-1]] + groups[-1:]) + (f".p/{width}" if width else "")

def place_of(name):
    """Where a name stands in the order of a bundle (8), as a tuple; None where it is none of the layout's."""
    if name in FIXED:
        return (FIXED.index(name),)
    if tile := TILE.fullmatch(name):
        level, number, width = tile[1], int(re.sub("[x/]", "", tile[2])), int(tile[3] or 0)
        place = (ENTRIES + LEVEL_0.index(level), 0) if level in LEVEL_0 else (HASHES, int(level))
        return place + (number, width) if width < 256 and tile_name(level, number, width) == name else None
    if time := re.fullmatch(r"time/([1-9]\d{0,9})/(?:checkpoint|(consistency)|([0-9a-f]{64})\.tsr)", name, re.ASCII):
        # "": the checkpoint; "!" sorts behind it and before digests.
        return (TIME, int(time[1]), "!" if time[2] else time[3] or "") if int(time[1]) <= 2**32 else None
    return (FILES, name) if re.fullmatch(r"files/sha256/([0-9a-f]{2})/\1[0-9a-f]{62}(\.zst)?", name) else None

def tiles_of(level, size):
    """(number, width) of the tiles that a level of a log of this size has; width 0 is a full tile."""
    hashes = size >> 8 * (0 if level in LEVEL_0 else level)
    yield from ((number, 0) for number in range(hashes >> 8))
    if hashes & 255:
        yield hashes >> 8, hashes & 255

def hash_tiles(leaves):
    """Name and content of every hash tile. A level has one hash for each full tile of the level below."""
    level, hashes, size = 0, leaves, len(leaves)
    while hashes:
        for number, width in tiles_of(level, size):
            yield tile_name(level, number, width), b"".join(hashes[number * 256:number * 256 + (width or 256)])
        level, hashes = level + 1, hashes[:len(hashes) & ~255]
        for _ in range(8):
            hashes = merkle_level(hashes)
