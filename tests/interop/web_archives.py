#!/usr/bin/env python3
"""Compares what litopys makes of real web archives with what warcio reads in them: the pages, their dates, the records as they are kept.

usage: web_archives.py DATA      (needs `litopys` on PATH)
"""

import base64
import io
import json
import logging
import subprocess
import sys
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

logging.disable(logging.CRITICAL)
# warcio reads neither records that aren't gzip members of their own, nor one in two members.
UNREAD = {"example-bad-non-chunked.warc.gz", "example-bad.warc.gz.bad", "example-wrong-chunks.warc.gz"}
# Cut short: litopys takes such a record with --force only.
CUT = {"example-space-in-url.arc"}


def pages(stream):
    """The HTML answers of an archive: date, payload, whether the digests agree."""
    for record in ArchiveIterator(stream, check_digests="log", arc2warc=True):
        http = record.http_headers
        headers = http or record.rec_headers
        html = "html" in (headers.get_header("Content-Type") or "")
        if record.rec_type in ("response", "resource") and html and (not http or http.get_statuscode() == "200"):
            payload = record.content_stream().read()
            date = record.rec_headers.get_header("WARC-Date")
            yield date.split(".")[0].rstrip("Z"), payload, record.digest_checker.passed
        else:
            record.content_stream().read()


def drafts(path):
    """What litopys makes of it, revisits excepted."""
    out = subprocess.run(["litopys", "inspect", "--from", "warc", path], capture_output=True, check=False).stdout
    for line in out.splitlines():
        draft = json.loads(line)
        if not draft["provenance"]["capture"].startswith("revisit"):
            yield draft


def main():
    files = [path for path in Path(sys.argv[1], "warc").rglob("*") if path.is_file() and ("arc" in path.suffixes[0][1:] or "arc" in path.suffix)]
    compared = 0
    for path in sorted(files):
        if path.name in UNREAD | CUT or path.suffix == ".wacz":
            continue
        with open(path, "rb") as stream:
            theirs = sorted(pages(stream), key=lambda page: page[0])
        ours = list(drafts(path))
        assert len(theirs) == len(ours), (path.name, len(theirs), len(ours))
        for (date, payload, passed), draft in zip(theirs, ours):
            assert draft["captured"]["at"].rstrip("Z") == date, path.name
            assert ("DOES NOT AGREE" in draft["provenance"]["capture"]) == (passed is False), path.name
            capture = draft["files"][0]
            kept = base64.b64decode(capture["base64"]) if "base64" in capture else capture["text"].encode()
            if capture["type"] == "application/warc":
                assert [page[1] for page in pages(io.BytesIO(kept))] == [payload], path.name
            compared += 1
    assert compared >= 15, compared
    print(f"{compared} pages as warcio reads them")


if __name__ == "__main__":
    main()
