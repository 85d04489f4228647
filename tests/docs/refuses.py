#!/usr/bin/env python3
"""Do the commands of docs/verifying-by-hand.md fail where they should? Makes archives with one fault each.

    python3 refuses.py        needs what tests/interop/selfcheck.py needs, which makes the archives, and what by-hand.sh needs
"""
import os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../interop"))
import selfcheck, vectors
from selfcheck import BIG, STEWARD, STRANGER, at, flip, frame, less, members, noted, put, signature_line, sub, urn

# The step of the page that has to fail, and how the archive differs from a good one.
CASES = [
    (1, {"members": members(lambda m: m + [("../../x", b"x")])}),
    (1, {"members": members(lambda m: m + m[2:3])}),
    (1, {"zip": lambda b, _: b[:2000] + bytes([b[2000] ^ 1]) + b[2001:]}),
    (3, {"note": lambda n, _: n.replace(b"\n4\n", b"\n5\n")}),
    (5, {"note": lambda n, _: n[:-44] + b"A" * 42 + b"=\n"}),
    (5, {"raw_3": lambda _, a: a.raw[1]}),
    (6, {"header_0": lambda h, _: h | {4: STRANGER.public}}),
    (7, {"checkpoint": noted(lambda n, c: n + b"\n" + signature_line(n, STRANGER))}),
    (7, {"checkpoint": noted(lambda n, c: n + b"\n" + signature_line(n, signature=b"s" * 64))}),
    (8, {"payload_2": put(previous=b"p" * 32)}),
    (8, {"payload_3": put(authority=b"a" * 32)}),
    (8, {"header_2": sub(urn(9))}),
    (8, {"key_3": lambda *_: STEWARD, "header_3": lambda h, _: h | {4: STEWARD.public}}),
    (8, {"key_3": lambda *_: STRANGER, "header_3": lambda h, _: h | {4: STRANGER.public}}),
    (8, {"signature_3": flip(3)}),
    (8, {"signature_0": flip(3)}),
    (9, {"stored_3": flip(-1)}),
    (9, {"stored_3": lambda *_: None}),
    (10, {"items_3": lambda i, _: [flip(0)(i[0], 0)] + i[1:]}),
    (10, {"items_3": lambda i, _: i[:1]}),
    (10, {"tree": less(BIG)}),
    (10, {"tree": at(BIG, lambda b, _: frame(b"bug" * 30000))}),
]

# Conformance vectors of extracts, with the step of the page's second part that has to fail.
EXTRACTS = [
    (1, "extract/flip-file"), (1, "extract/with-tile"), (1, "extract/name-unknown"), (2, "extract/last-missing"),
    (3, "extract/proof-of-another"), (3, "extract/proof-other-index"), (3, "extract/proof-other-size"),
    (3, "extract/proof-other-root"), (3, "extract/proof-other-archive"), (3, "extract/path-short"),
    (3, "extract/path-long"), (3, "extract/renumbered"), (4, "extract/signature"), (4, "extract/authority"),
    (4, "extract/wrong-role"), (4, "extract/unsigned"), (5, "extract/manifest-withheld"), (5, "extract/file-withheld"),
    (5, "extract/file-changed"), (5, "extract/manifest-changed"), (5, "extract/extra-file"),
]

# The same of timestamps, by the root that they are judged by.
DATED = [
    (6, "clock/extract-other-imprint"), (6, "extract/time-proof-short"), (6, "extract/time-forked"), (6, "extract/time-proof-other-size"),
]
ROOT = os.path.join(HERE, "../vectors/clocks/root.pem")

def main():
    page = open(os.path.join(HERE, "../../docs/verifying-by-hand.md"), encoding="utf-8").read().split("\n")
    bad = 0
    with tempfile.TemporaryDirectory() as temporary:
        def made():
            bundle = os.path.join(temporary, "bundle")
            for number, (step, edit) in enumerate(CASES):
                with open(bundle, "wb") as out:
                    out.write(selfcheck.Archive(**edit).bundle())
                yield f"case {number}", step, bundle
            steps = {name: step for step, name in EXTRACTS + DATED}
            for vector, path in vectors.targets(os.path.join(temporary, "vectors"), set(steps)):
                yield vector["name"], steps.pop(vector["name"]), path
            assert not steps, f"no such vectors: {steps}"
        for name, step, bundle in made():
            run = subprocess.run(["bash", os.path.join(HERE, "by-hand.sh"), bundle] + [ROOT] * ((step, name) in DATED), capture_output=True, text=True)
            block = re.search(r"block at line (\d+)", run.stderr)
            headings = [line for line in page[:int(block[1])] if line.startswith("## ")] if block else []
            found = headings[-1] if run.returncode and headings else "nothing"
            if not found.startswith(f"## {step}."):
                bad += 1
                print(f"{name}: step {step} should fail, but {found} does\n{run.stdout}{run.stderr}")
    print(f"{len(CASES) + len(EXTRACTS) + len(DATED)} false archives and extracts, {bad} not refused where they should be")
    return bad != 0

if __name__ == "__main__":
    selfcheck.warnings.filterwarnings("ignore", "Duplicate name")  # one of the cases
    sys.exit(main())
