package main

import (
	"crypto/ed25519"
	"fmt"
	"log"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// split gives the lines of a proof before its hashes, its hashes, and the checkpoint behind them.
func split(text string, head int) ([]string, []tlog.Hash, string) {
	parts := strings.SplitN(text, "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	var hashes []tlog.Hash
	for _, line := range lines[head:] {
		hash, err := tlog.ParseHash(line)
		must(err, "hash")
		hashes = append(hashes, hash)
	}
	return lines[:head], hashes, parts[1]
}

func number(line, label string) int64 {
	value, err := strconv.ParseInt(strings.TrimPrefix(line, label+" "), 10, 64)
	must(err, label)
	return value
}

// checkInclusion checks a C2SP tlog-proof of a statement.
func checkInclusion(key ed25519.PublicKey, statement, proof string) {
	head, hashes, checkpoint := split(read(proof), 2)
	if head[0] != "c2sp.org/tlog-proof@v1" {
		log.Fatal("not a tlog-proof")
	}
	tree, index := openCheckpoint(checkpoint, key), number(head[1], "index")
	record := tlog.RecordHash([]byte(read(statement)))
	must(tlog.CheckRecord(hashes, tree.N, tree.Hash, index, record), "inclusion")
	fmt.Printf("statement %d of %d: inclusion proven, %d hashes\n", index, tree.N, len(hashes))
}

// checkConsistency checks the body of a C2SP tlog-witness's add-checkpoint against an older checkpoint.
func checkConsistency(key ed25519.PublicKey, older, proof string) {
	head, hashes, checkpoint := split(read(proof), 1)
	old, tree := openCheckpoint(read(older), key), openCheckpoint(checkpoint, key)
	if number(head[0], "old") != old.N {
		log.Fatal("a proof of another size")
	}
	must(tlog.CheckTree(hashes, tree.N, tree.Hash, old.N, old.Hash), "consistency")
	fmt.Printf("from %d to %d statements: consistency proven, %d hashes\n", old.N, tree.N, len(hashes))
}
