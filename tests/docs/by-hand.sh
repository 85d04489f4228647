#!/usr/bin/env bash
# Runs the commands of docs/verifying-by-hand.md on a bundle, or those for extracts on an extract, in order and in one shell; with root
# certificates those for timestamps, too. Fails at the first that fails.
#
#     bash by-hand.sh FILE [ROOTS]        needs unzip, openssl, and python3 with cbor2 and zstandard (tests/interop/requirements.txt)
set -euo pipefail
[ $# -eq 1 ] || [ $# -eq 2 ] || { echo "usage: by-hand.sh FILE [ROOTS]" >&2; exit 2; }
fence='sh' time='none'
if unzip -p "$1" mimetype | grep -q extract; then fence='sh extract'; fi
BUNDLE=$(realpath "$1")
EXTRACT=$BUNDLE
export BUNDLE EXTRACT
if [ $# -eq 2 ]; then
    ROOTS=$(realpath "$2")
    export ROOTS
    time='sh time'
fi
page=$(realpath "$(dirname "$0")/../../docs/verifying-by-hand.md")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# The blocks marked as sh, or as those for extracts and timestamps; before each, where on the page it is.
awk -v fence="$fence" -v time="$time" '$0 == "```" fence || $0 == "```" time { inside = 1; print "block=" NR; next } /^```$/ { inside = 0 } inside' "$page" > commands
blocks=$(grep -c '^block=[0-9]' commands) || { echo "$page: no commands" >&2; exit 1; }
# An extract is checked with sixty lines of Python at most, as the page says.
if [ "$fence" = 'sh extract' ]; then
    lines=$(awk '$0 == "```sh extract" { on = 1 } $0 == "```" { on = 0 } /^EOF$/ { code = 0 } on && code && NF { n++ } /<<.EOF.$/ { code = 1 } END { print n }' "$page")
    [ "$lines" -le 60 ] || { echo "$page: $lines lines of Python for an extract" >&2; exit 1; }
fi
{
    echo 'set -euo pipefail'
    echo 'trap '\''code=$?; [ $code -eq 0 ] || echo "the block at line $block of docs/verifying-by-hand.md failed" >&2'\'' EXIT'
    cat commands
} > script
mkdir empty && cd empty
bash ../script > ../output || { tail -n 20 ../output >&2; exit 1; }
echo "all $blocks blocks of docs/verifying-by-hand.md hold for $(basename "$BUNDLE")"
