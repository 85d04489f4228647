#!/usr/bin/env python3
"""Gives every conformance vector of tests/vectors its verdict with verify.py and extract.py, and says where it differs.

    python3 vectors.py                    run all vectors
    python3 vectors.py --write FOLDER     leave them there: bundles as <name>.litopys, folders as <name>/
"""
import datetime, json, os, shutil, sys, tempfile, zipfile
from cryptography import x509
import fork
from extract import verify
from verify import README

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../vectors")

def pieces(base, pieces):
    """A bundle from pieces: `[offset, length]` of the base, or `["hex", times]`."""
    return b"".join(bytes.fromhex(what) * n if isinstance(what, str) else base[what:what + n] for what, n in pieces)

def put(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)

def unpack(bundle, folder, edits):
    with zipfile.ZipFile(bundle) as members:
        for name in members.namelist():
            if name not in ("mimetype", "README.txt"):
                put(os.path.join(folder, name), members.read(name))
    for edit in edits:
        at = lambda key: os.path.join(folder, edit[key])
        if "write" in edit:
            put(at("write"), bytes.fromhex(edit["hex"]))
        elif "remove" in edit:
            os.remove(at("remove"))
        elif "move" in edit:
            os.rename(at("move"), at("to"))
        else:
            os.symlink(edit["to"], at("link"))

def targets(folder, names=None):
    """Writes every vector, or those with these names: (vector, path)."""
    with open(os.path.join(VECTORS, "vectors.json"), encoding="utf-8") as file:
        vectors = json.load(file)
    bundles = {}
    def bundle(name):
        if name not in bundles:
            with open(os.path.join(VECTORS, name + ".litopys"), "rb") as file:
                bundles[name] = file.read()
        return bundles[name]
    for vector in vectors:
        if "pieces" in vector:
            bundles[vector["file"]] = pieces(bundle(vector["base"]), vector["pieces"])
        if names is not None and vector["name"] not in names:
            continue
        path = os.path.join(folder, vector["name"])
        put(path + ".litopys", bundle(vector["file"]))
        if "edits" not in vector:
            yield vector, path + ".litopys"
        if "edits" in vector or "unpacked" in vector:
            unpack(path + ".litopys", path, vector.get("edits", []))
            yield vector, path
        if "edits" in vector:
            os.remove(path + ".litopys")

def clocks(vector):
    """The roots that timestamps are judged by, and when."""
    if "tsa_root" not in vector:
        return {}
    with open(os.path.join(VECTORS, vector["tsa_root"]), "rb") as file:
        roots = x509.load_pem_x509_certificates(file.read())
    return {"roots": roots, "at": datetime.datetime.fromisoformat(vector["at"].replace("Z", "+00:00"))}

UNREAD = {"E020", "E030", "E031", "E034", "E040", "E041", "E050", "E051", "E052", "E053", "U001", "U002", "U003"}

def accuses(findings):
    """Whether a file is said to be one too many though not every statement and manifest could be read (7.2)."""
    extra = any(f["code"] in ("E004", "W001") and f["place"].startswith("files/") for f in findings)
    return extra and any(f["code"] in UNREAD for f in findings)

def agrees(vector, result):
    found = [f for f in result["findings"] if f["code"] == vector.get("code")]
    entry = f"entry {vector.get('statement')}"
    if "statement" in vector:  # the place begins with the entry, or is its manifest
        found = [f for f in found if f["place"].removeprefix("manifest of ").split(",")[0] == entry]
    coded = bool(found) if "code" in vector else not result["findings"]
    right = result["verdict"] == vector["verdict"] and coded and not accuses(result["findings"])
    return "error" not in result and right

def main():
    with open(README, "rb") as file:
        readme = file.read()
    folder = sys.argv[2] if sys.argv[1:2] == ["--write"] else tempfile.mkdtemp()
    count = bad = 0
    for vector, path in targets(folder):
        trust = {key: vector[key] for key in ("archive", "founder", "seen", "witnesses", "quorum") if key in vector}
        result = verify(path, readme, **trust, **clocks(vector))
        count += 1
        if not agrees(vector, result):
            bad += 1
            wanted = [vector["verdict"], vector.get("code"), vector.get("statement")]
            print(f"{os.path.relpath(path, folder)}: expected {wanted}, found {json.dumps(result)}")
    with open(os.path.join(VECTORS, "forks.json"), encoding="utf-8") as file:
        forks = json.load(file)
    for vector in forks:
        result = fork.verify(vector["proof"].encode())
        agreed = result.get("code") == vector.get("code") and ("code" in result or len(result["keys"]) == vector["keys"])
        bad += not agreed
        if not agreed:
            print(f"{vector['name']}: expected {vector.get('code')}, found {json.dumps(result)}")
    if sys.argv[1:2] != ["--write"]:
        shutil.rmtree(folder)
    print(f"{len(forks)} vectors of fork proofs, and {count} vectors, as bundles and folders, {bad} with another verdict than expected")
    return bad != 0

if __name__ == "__main__":
    sys.exit(main())
