// Checks the log of an archive with Go's own transparency log packages (golang.org/x/mod/sumdb), which know nothing of
// Litopys: the checkpoint's signature, every hash tile against its root, every statement against its hash, and proofs.
//
//	go run main.go FOLDER KEY    (KEY: the 32 bytes of the archive's log key, in hex or base64)
//
// With Debian's packages golang-go and golang-golang-x-mod-dev no network is needed:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go FOLDER KEY
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tiles reads hash tiles as tlog-tiles names them: Go's own names have the height, 8, before the level.
type tiles struct{ folder string }

func (tiles) Height() int                     { return 8 }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var contents [][]byte
	for _, tile := range wanted {
		data, err := os.ReadFile(t.path(tile))
		if err != nil {
			return nil, err
		}
		contents = append(contents, data)
	}
	return contents, nil
}

func (t tiles) path(tile tlog.Tile) string {
	name := strings.TrimPrefix(tile.Path(), "tile/8/")
	name = strings.Replace(name, "data/", "entries/", 1)
	return filepath.Join(t.folder, "tile", name)
}

func must(err error, what string) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}

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

// openCheckpoint verifies the note and gives the tree that it is about.
func openCheckpoint(folder string, key ed25519.PublicKey) tlog.Tree {
	message, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err, "checkpoint")
	origin := strings.SplitN(string(message), "\n", 2)[0]
	verifierKey, err := note.NewEd25519VerifierKey(origin, key)
	must(err, "verifier key")
	verifier, err := note.NewVerifier(verifierKey)
	must(err, "verifier key "+verifierKey)
	opened, err := note.Open(message, note.VerifierList(verifier))
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
	fmt.Printf("checkpoint of %s: %d statements, root %v\n", origin, size, root)
	return tlog.Tree{N: size, Hash: root}
}

// checkStatements recomputes every record hash from the entries tiles.
func checkStatements(t tiles, tree tlog.Tree, reader tlog.HashReader) {
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		if width > 256 {
			width = 256
		}
		name := t.path(tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)})
		data, err := os.ReadFile(name)
		must(err, "entries")
		var places []int64
		for index := first; index < first+width; index++ {
			places = append(places, tlog.StoredHashIndex(0, index))
		}
		hashes, err := reader.ReadHashes(places)
		must(err, fmt.Sprintf("hash tile of statement %d", first))
		for index := first; index < first+width; index++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				log.Fatalf("%s: ends within statement %d", name, index)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			record := tlog.RecordHash(data[2:end])
			if hashes[index-first] != record {
				log.Fatalf("statement %d: its hash is %v, its hash tile has %v", index, record, hashes[index-first])
			}
			checkRecord(tree, reader, index, record)
			data = data[end:]
		}
		if len(data) != 0 {
			log.Fatalf("%s: %d bytes too many", name, len(data))
		}
	}
}

// checkRecord proves for some records that they are in the tree.
func checkRecord(tree tlog.Tree, reader tlog.HashReader, index int64, record tlog.Hash) {
	what := fmt.Sprintf("statement %d", index)
	if index%97 == 0 || index == tree.N-1 {
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		must(err, what)
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, record), what)
		fmt.Printf("%s: inclusion proven, %d hashes\n", what, len(proof))
	}
}

// checkGrowth proves for some smaller sizes that the tree continues theirs.
func checkGrowth(tree tlog.Tree, reader tlog.HashReader) {
	for _, size := range []int64{1, tree.N / 2, tree.N - 1, tree.N} {
		if size < 1 {
			continue
		}
		what := fmt.Sprintf("growth from %d", size)
		old, err := tlog.TreeHash(size, reader)
		must(err, what)
		proof, err := tlog.ProveTree(tree.N, size, reader)
		must(err, what)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, size, old), what)
		fmt.Printf("%s: consistency proven, %d hashes\n", what, len(proof))
	}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: main FOLDER KEY")
	}
	t := tiles{os.Args[1]}
	tree := openCheckpoint(t.folder, decodeKey(os.Args[2]))
	reader := tlog.TileHashReader(tree, t)
	checkStatements(t, tree, reader)
	checkGrowth(tree, reader)
	fmt.Printf("all %d statements are those of the checkpoint\n", tree.N)
}
