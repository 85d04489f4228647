#!/usr/bin/env python3
"""Do the library's imports run downward, as the table of modules in docs/architecture.md says?

    python3 imports.py
"""
import os, re, sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
SOURCE = os.path.join(ROOT, "crates/litopys/src")
# What stands above the table: the crate itself, and ways in for tests.
ABOVE = {"lib", "fuzzing"}

def floors():
    """The modules of the table, each with its row."""
    text = open(os.path.join(ROOT, "docs/architecture.md"), encoding="utf-8").read()
    rows = text.split("| module | what it is |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
    return {name: at for at, row in enumerate(rows) for name in re.findall(r"`(\w+)`", row.split("|")[1])}

def used(code):
    """The modules of the crate that a file names, outside of comments."""
    code = re.sub(r"^\s*//.*$", "", code, flags=re.MULTILINE)
    groups = re.findall(r"use crate::\{(.*?)\};", code, re.DOTALL)
    return set(re.findall(r"\bcrate::([a-z]\w*)", code)).union(*(re.findall(r"\b[a-z]\w*", group) for group in groups))

def main():
    floor, bad, count = floors(), [], 0
    for folder, _, names in os.walk(SOURCE):
        for name in sorted(name for name in names if name.endswith(".rs")):
            path = os.path.relpath(os.path.join(folder, name), SOURCE)
            module = path.split(os.sep)[0].removesuffix(".rs")
            if "tests" in path or module in ABOVE:
                continue
            count += 1
            if module not in floor:
                bad.append(f"{path}: {module} is not in the table")
                continue
            for other in used(open(os.path.join(folder, name), encoding="utf-8").read()):
                if floor.get(other, -1) > floor[module]:
                    bad.append(f"{path}: {other} stands below {module}")
    print("\n".join(sorted(bad)) or f"all imports of {count} files run downward")
    return bool(bad)

if __name__ == "__main__":
    sys.exit(main())
