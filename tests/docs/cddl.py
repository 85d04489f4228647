#!/usr/bin/env python3
"""Have the statements, manifests and packs of an archive the shapes of docs/format.md, appendix B?

    python3 cddl.py BUNDLE

Compares every statement, manifest and pack item with the CDDL, by a tool that knows nothing of Litopys (but not with the
regular expressions in it, which that tool doesn't read). Needs: pip install zcbor==0.9.1 cbor2==5.9.0 zstandard==0.25.0
"""
import io, os, re, sys, zipfile
import cbor2, zcbor, zstandard

FORMAT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/format.md")

def items(data):
    """The bytes of each item of a CBOR sequence. They are canonical, so encoding them again gives the same."""
    stream = io.BytesIO(data)
    while stream.tell() < len(data):
        yield cbor2.dumps(cbor2.load(stream))

def entries(data):
    """The statements of an entries tile: each has its length in two bytes before it."""
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        yield data[2:end]
        data = data[end:]

def main(bundle):
    text = open(FORMAT, encoding="utf-8").read()
    cddl = re.search(r"## Appendix B.*?```cddl\n(.*?)```", text, re.DOTALL)[1]
    cddl, dropped = re.subn(r' \.regexp ".*?"', "", cddl)
    types = zcbor.DataTranslator.from_cddl(cddl, default_max_qty=65536).my_types
    checked = 0
    def check(name, shape, item):
        nonlocal checked
        try:
            types[shape].validate_str(item)
        except zcbor.CddlValidationError as error:
            sys.exit(f"{name}: not as {shape} in appendix B: {error}\n{item.hex()}")
        checked += 1
    with zipfile.ZipFile(bundle) as members:
        for name in members.namelist():
            kind = name.split("/")[1] if name.startswith("tile/") else ""
            if kind == "entries":
                for statement in entries(members.read(name)):
                    check(name, "statement", statement)
            elif kind in ("manifests", "packs"):
                for item in items(zstandard.decompress(members.read(name))):
                    check(name, f"{kind}-item", item)
    print(f"{checked} items are as in appendix B ({dropped} regular expressions aside)")
    return 0 if checked else "nothing was compared"

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
