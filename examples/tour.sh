#!/bin/sh
# The main job from end to end, on articles written for this project: keys, an archive, a revision, a bundle, a check, a diff.
# Everything is made below target/tour; run it again as often as you like.
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet --package litopys-cli
PATH=$(pwd)/target/debug:$PATH
mkdir -p target/tour
export LITOPYS_HOME="$(pwd)/target/tour/home"
cd target/tour
rm -rf herald herald-1.litopys herald-2.litopys handed-over

run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

# Keys, if there are none: a daily key for articles and checkpoints, and a recovery key to keep offline.
[ -e home/keys/tour ] || run litopys key new home/keys/tour
[ -e home/keys/tour-recovery ] || run litopys key new home/keys/tour-recovery

articles=../../examples/articles
keys="--key home/keys/tour"
run litopys create herald "$articles/first" --title "Example Herald" --origin herald.example/archive $keys \
    --recovery-key home/keys/tour-recovery
run litopys bundle herald herald-1.litopys

# Two days later the newspaper rewrites an article without a word.
run litopys add herald "$articles/revised" $keys
run litopys bundle herald herald-2.litopys

# What a stranger does with the file. Here the archive is trusted, since this user made it.
run litopys verify herald-2.litopys
printf '\n$ litopys diff herald-1.litopys herald-2.litopys\n'
litopys diff herald-1.litopys herald-2.litopys || [ $? -eq 1 ] # 1: different
