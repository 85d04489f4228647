#!/usr/bin/env python3
"""Fork proofs (docs/format.md, 8.5): that two signed states of one archive can't both be true.

    python3 fork.py [--json] PROOF      exit code 1: it proves a fork; 2: it proves nothing

Numbers such as "(8.5)" are sections of docs/format.md, and codes such as E122 are its findings (10).
"""
import base64, json, re, sys
from extract import extends, leads_to
from formats import Bad, must
from governance import Ledger
from records import Statement, charter_keys, read_checkpoint, sha256

MAGIC, LARGEST = "litopys/fork-proof@v1", 4 << 20

def hashes(lines):
    must(len(lines) <= 40 and all(re.fullmatch(r"[A-Za-z0-9+/]{43}=", line, re.ASCII) for line in lines), "E120")
    decoded = [base64.b64decode(line) for line in lines]
    must([base64.b64encode(node).decode() for node in decoded] == lines, "E120")
    return decoded

def read_statement(block):
    """Index, bytes and path."""
    first, *path = block.split("\n")
    match = re.fullmatch(r"statement (0|[1-9]\d{0,19}) ([A-Za-z0-9+/]*={0,2})", first, re.ASCII)
    must(match and int(match[1]) < 2**64, "E120")
    try:
        data = base64.b64decode(match[2], validate=True)
    except ValueError:
        raise Bad("E120") from None
    must(base64.b64encode(data).decode() == match[2], "E120")
    return int(match[1]), data, hashes(path)

def read_state(blocks):
    """A checkpoint and its statements, of the blocks that are left."""
    must(len(blocks) >= 2, "E120")
    try:
        data = f"{blocks.pop(0)}\n\n{blocks.pop(0)}\n".encode()
        must(len(data) <= 65536, "E120")
        note = read_checkpoint(data)
    except Bad:
        raise Bad("E120") from None
    names = [line[:2] for line in note[4]]
    must(len(set(names)) == len(names), "E120")
    shown = []
    while blocks and blocks[0].startswith("statement "):
        shown.append(read_statement(blocks.pop(0)))
    indexes = [index for index, _, _ in shown]
    must(shown and indexes[0] == 0 and indexes == sorted(set(indexes)), "E120")
    return note, shown

def read(data):
    """Two states, and the growth: (root, path), or None."""
    must(len(data) <= LARGEST, "E120")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Bad("E120") from None
    must(text.endswith("\n"), "E120")
    magic, *blocks = text[:-1].split("\n\n")
    must(magic == MAGIC, "E120")
    first, second, growth = read_state(blocks), read_state(blocks), None
    if blocks:
        word, *lines = blocks.pop(0).split("\n")
        must(word == "growth" and lines and not blocks, "E120")
        root, *path = hashes(lines)
        growth = root, path
    (_, a, root_a, *_), (_, b, root_b, *_) = first[0], second[0]
    must(a < b if growth else a == b and root_a <= root_b, "E120")
    return first, second, growth

def check_state(state):
    """The archive's id, and the log keys that signed. What is wrong is E122."""
    (note, shown), ledger = state, None
    for index, data, path in shown:
        must(index < note[1] and leads_to(sha256(b"\0", data), index, note[1], path) == note[2], "E122")
        statement = Statement(data)
        must(not statement.fault and not statement.unknown, "E122")
        if ledger is None:
            try:
                ledger = Ledger(statement, charter_keys(statement))
            except Bad:
                raise Bad("E122") from None
        else:
            must(statement.kind == "keys", "E122")
            ledger.apply(statement, index)
            must(not ledger.void, "E122")
    codes = {code for code, _ in ledger.check_lines(note)}
    must(not codes & {"E011", "E012", "E013"}, "E122")
    ids = {(name, key_id) for name, key_id, _ in note[4]}
    logs = ledger.logs_at(note[1])
    return ledger.archive, {k for k in logs if (note[0], sha256(note[0].encode(), b"\n\1", k)[:4]) in ids}

def verify(data):
    """What a proof proves: {"archive", "keys", ...}; or {"code"}, and it proves nothing. Raises nothing."""
    try:
        first, second, growth = read(data)
        (archive, keys), (other, others) = check_state(first), check_state(second)
        must(archive == other, "E121")
        (_, old, old_root, *_), (_, new, new_root, *_) = first[0], second[0]
        root, path = growth or (new_root, [])
        must(not growth or extends(old, root, new, new_root, path), "E123")
        must(root != old_root, "E124")
    except Bad as fault:
        return {"code": str(fault)}
    both = sorted(key.hex() for key in keys & others)
    return {"archive": archive.hex(), "sizes": [old, new], "roots": [old_root.hex(), new_root.hex()], "keys": both}

def main():
    options = [word for word in sys.argv[1:] if word != "--json"]
    if len(options) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with open(options[0], "rb") as file:
        result = verify(file.read(LARGEST + 1))
    print(json.dumps(result) if "--json" in sys.argv else result.get("code") or f"forked: archive {result['archive']}, by {result['keys']}")
    return 2 if "code" in result else 1

if __name__ == "__main__":
    sys.exit(main())
