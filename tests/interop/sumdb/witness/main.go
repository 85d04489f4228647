// Opens a cosigned checkpoint with Go's own signed notes (golang.org/x/mod/sumdb/note), by a witness's verifier key: C2SP
// tlog-cosignature, the Ed25519 type, on nothing but Go's standard library.
//
//	go run witness/main.go CHECKPOINT LOGKEY VKEY...    (LOGKEY: 32 bytes in hex; VKEY: name+hash+base64)
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log"
	"os"
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

func must(err error, what string) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
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

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("usage: main CHECKPOINT LOGKEY VKEY...")
	}
	message, err := os.ReadFile(os.Args[1])
	must(err, "checkpoint")
	key, err := hex.DecodeString(os.Args[2])
	must(err, "key")
	vkey, err := note.NewEd25519VerifierKey(strings.SplitN(string(message), "\n", 2)[0], key)
	must(err, "key")
	own, err := note.NewVerifier(vkey)
	must(err, "key")
	verifiers := []note.Verifier{own}
	// The log's key alone opens it, too: what it doesn't know is passed over.
	_, err = note.Open(message, note.VerifierList(own))
	must(err, "by the log's key")
	for _, vkey := range os.Args[3:] {
		verifiers = append(verifiers, parse(vkey))
	}
	opened, err := note.Open(message, note.VerifierList(verifiers...))
	must(err, "by all keys")
	if len(opened.Sigs) != len(verifiers) || len(opened.UnverifiedSigs) != 0 {
		log.Fatalf("%d signatures verified, %d not known", len(opened.Sigs), len(opened.UnverifiedSigs))
	}
	fmt.Printf("%d signatures verified\n", len(opened.Sigs))
}
