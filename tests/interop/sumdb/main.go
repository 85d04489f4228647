// Checks archives, proofs and cosigned checkpoints with Go's own transparency log packages (golang.org/x/mod/sumdb), which know
// nothing of Litopys.
//
//	go run . archive KEY FOLDER
//	go run . inclusion KEY STATEMENT PROOF
//	go run . consistency KEY CHECKPOINT PROOF
//	go run . cosigned KEY CHECKPOINT VKEY...
//
// KEY: the 32 bytes of the archive's log key, in hex or base64; VKEY: a witness's verifier key, name+hash+base64.
//
// With Debian's packages golang-go and golang-golang-x-mod-dev no network is needed:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run . archive KEY FOLDER
package main

import (
	"log"
	"os"
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

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("usage: COMMAND KEY FILE...")
	}
	command, key, files := os.Args[1], decodeKey(os.Args[2]), os.Args[3:]
	switch {
	case command == "archive" && len(files) == 1:
		checkArchive(key, files[0])
	case command == "inclusion" && len(files) == 2:
		checkInclusion(key, files[0], files[1])
	case command == "consistency" && len(files) == 2:
		checkConsistency(key, files[0], files[1])
	case command == "cosigned" && len(files) > 1:
		checkCosigned(key, files[0], files[1:])
	default:
		log.Fatalf("%s of %d files: what is that?", command, len(files))
	}
}
