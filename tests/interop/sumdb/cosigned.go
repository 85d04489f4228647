package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// witness is a note.Verifier of cosignatures.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

func parse(vkey string) note.Verifier {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		log.Fatalf("%s: not a verifier key", vkey)
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	must(err, vkey)
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	must(err, vkey)
	if len(typed) != 33 || typed[0] != 4 {
		log.Fatalf("%s: not an Ed25519 cosigner's key", vkey)
	}
	return witness{parts[0], uint32(hash), typed[1:]}
}

// checkCosigned opens a cosigned checkpoint by the log's key and witnesses' verifier keys: C2SP tlog-cosignature, the Ed25519 type.
func checkCosigned(key ed25519.PublicKey, name string, vkeys []string) {
	checkpoint := read(name)
	own := logVerifier(checkpoint, key)
	verifiers := []note.Verifier{own}
	// The log's key alone opens it, too: what it doesn't know is passed over.
	_, err := note.Open([]byte(checkpoint), note.VerifierList(own))
	must(err, "by the log's key")
	for _, vkey := range vkeys {
		verifiers = append(verifiers, parse(vkey))
	}
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(verifiers...))
	must(err, "by all keys")
	if len(opened.Sigs) != len(verifiers) || len(opened.UnverifiedSigs) != 0 {
		log.Fatalf("%d signatures verified, %d not known", len(opened.Sigs), len(opened.UnverifiedSigs))
	}
	fmt.Printf("%d signatures verified\n", len(opened.Sigs))
}
