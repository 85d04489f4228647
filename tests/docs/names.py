#!/usr/bin/env python3
"""Are the things that the documentation names there? Links to files, finding codes, conformance vectors.

    python3 names.py
"""
import json, os, re, sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
DOCS = os.path.join(ROOT, "docs")
VECTORS = os.path.join(ROOT, "tests/vectors/vectors.json")

def main():
    bad = []
    format_text = open(os.path.join(DOCS, "format.md"), encoding="utf-8").read()
    codes = set(re.findall(r"^\| ([EUW]\d{3}) \|", format_text, re.MULTILINE))
    vectors = {v["name"] for v in json.load(open(VECTORS))} if os.path.exists(VECTORS) else None
    groups = {name.split("/")[0] for name in vectors or ()}
    for page in sorted(p for p in os.listdir(DOCS) if p.endswith(".md")):
        text = open(os.path.join(DOCS, page), encoding="utf-8").read()
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            if not os.path.exists(os.path.join(DOCS, link)):
                bad.append(f"{page}: a link to {link}, which isn't there")
        for code in set(re.findall(r"\b[EUW]\d{3}\b", text)) - codes:
            bad.append(f"{page}: {code}, which is no finding of format.md")
        named = re.findall(r"`([a-z]+/[a-z0-9-]+)`", text) if vectors and page == "threat-model.md" else []
        for name in named:
            if name.split("/")[0] in groups and name not in vectors:
                bad.append(f"{page}: {name}, which is no vector")
    if vectors is None:
        print("note: no tests/vectors/vectors.json to compare names of vectors with", file=sys.stderr)
    print("\n".join(bad) or f"all names are there ({len(codes)} codes{f', {len(vectors)} vectors' if vectors else ''})")
    return bool(bad)

if __name__ == "__main__":
    sys.exit(main())
