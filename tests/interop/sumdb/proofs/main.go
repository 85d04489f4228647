// Checks proofs that litopys wrote with Go's own transparency log packages (golang.org/x/mod/sumdb), which know nothing of Litopys.
//
//	go run proofs/main.go KEY inclusion STATEMENT PROOF      (C2SP tlog-proof)
//	go run proofs/main.go KEY consistency CHECKPOINT PROOF   (the body of C2SP tlog-witness's add-checkpoint)
//
// KEY: the 32 bytes of the archive's log key, in hex.
package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error, what string) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}

func read(name string) string {
	data, err := os.ReadFile(name)
	must(err, name)
	return string(data)
}

// openNote verifies a checkpoint and gives the tree that it is about.
func openNote(message string, key ed25519.PublicKey) tlog.Tree {
	verifierKey, err := note.NewEd25519VerifierKey(strings.SplitN(message, "\n", 2)[0], key)
	must(err, "verifier key")
	verifier, err := note.NewVerifier(verifierKey)
	must(err, "verifier key")
	opened, err := note.Open([]byte(message), note.VerifierList(verifier))
	must(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "root")
	return tlog.Tree{N: size, Hash: root}
}

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

func main() {
	log.SetFlags(0)
	if len(os.Args) != 5 {
		log.Fatal("usage: main KEY inclusion|consistency FILE PROOF")
	}
	key, err := hex.DecodeString(os.Args[1])
	must(err, "key")
	switch os.Args[2] {
	case "inclusion":
		head, hashes, message := split(read(os.Args[4]), 2)
		if head[0] != "c2sp.org/tlog-proof@v1" {
			log.Fatal("not a tlog-proof")
		}
		tree, index := openNote(message, key), number(head[1], "index")
		record := tlog.RecordHash([]byte(read(os.Args[3])))
		must(tlog.CheckRecord(hashes, tree.N, tree.Hash, index, record), "inclusion")
		fmt.Printf("statement %d of %d: inclusion proven, %d hashes\n", index, tree.N, len(hashes))
	case "consistency":
		head, hashes, message := split(read(os.Args[4]), 1)
		old, tree := openNote(read(os.Args[3]), key), openNote(message, key)
		if number(head[0], "old") != old.N {
			log.Fatal("a proof of another size")
		}
		must(tlog.CheckTree(hashes, tree.N, tree.Hash, old.N, old.Hash), "consistency")
		fmt.Printf("from %d to %d statements: consistency proven, %d hashes\n", old.N, tree.N, len(hashes))
	default:
		log.Fatal("inclusion or consistency?")
	}
}
