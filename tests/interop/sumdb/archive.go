package main

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

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

// checkArchive checks the checkpoint's signature, every hash tile against its root, every statement against its hash, and proofs.
func checkArchive(key ed25519.PublicKey, folder string) {
	tree := openCheckpoint(read(filepath.Join(folder, "checkpoint")), key)
	fmt.Printf("checkpoint: %d statements, root %v\n", tree.N, tree.Hash)
	t := tiles{folder}
	reader := tlog.TileHashReader(tree, t)
	checkStatements(t, tree, reader)
	checkGrowth(tree, reader)
	fmt.Printf("all %d statements are those of the checkpoint\n", tree.N)
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
