package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"log"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func decodeKey(text string) ed25519.PublicKey {
	key, err := hex.DecodeString(text)
	if err != nil {
		key, err = base64.StdEncoding.DecodeString(text)
	}
	must(err, "key")
	if len(key) != ed25519.PublicKeySize {
		log.Fatalf("key: %d bytes instead of 32", len(key))
	}
	return key
}

// logVerifier verifies the signatures of the log's key, under the origin that the first line of a checkpoint says.
func logVerifier(checkpoint string, key ed25519.PublicKey) note.Verifier {
	verifierKey, err := note.NewEd25519VerifierKey(strings.SplitN(checkpoint, "\n", 2)[0], key)
	must(err, "verifier key")
	verifier, err := note.NewVerifier(verifierKey)
	must(err, "verifier key "+verifierKey)
	return verifier
}

// openCheckpoint verifies a checkpoint and gives the tree that it is about.
func openCheckpoint(checkpoint string, key ed25519.PublicKey) tlog.Tree {
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(logVerifier(checkpoint, key)))
	must(err, "checkpoint")
	// tlog.ParseTree takes only the origin of Go's own log.
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		log.Fatalf("checkpoint: %d lines instead of 3", len(lines)-1)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "checkpoint: size")
	root, err := tlog.ParseHash(lines[2])
	must(err, "checkpoint: root")
	return tlog.Tree{N: size, Hash: root}
}
