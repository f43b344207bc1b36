// Checks a published ledger with the code that Go's checksum database is checked with (golang.org/x/mod/sumdb), which
// knows nothing of us: the signature, the tiles against the root, each entry, each inclusion proof, and that an earlier tree is the
// beginning of this one. Reads a folder; exits with 1 and a reason when anything is wrong.
//
//	ledger-go VKEY SITE [EARLIER-CHECKPOINT CONSISTENCY-PROOF PROOFS-FOLDER]
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 && len(args) != 5 {
		return fmt.Errorf("usage: ledger-go VKEY SITE [EARLIER-CHECKPOINT CONSISTENCY-PROOF PROOFS-FOLDER]")
	}
	verifier, err := note.NewVerifier(args[0])
	if err != nil {
		return err
	}
	site := args[1]
	tree, err := openCheckpoint(filepath.Join(site, "checkpoint"), verifier)
	if err != nil {
		return err
	}
	tiles := &folder{path: site, tree: tree.N, seen: map[string][]byte{}}
	hashes := tlog.TileHashReader(tree, tiles)
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the tiles give the root %v, the checkpoint signs %v", root, tree.Hash)
	}
	entries, err := tiles.entries()
	if err != nil {
		return err
	}
	for i, entry := range entries {
		n := int64(i)
		hash := tlog.RecordHash(entry)
		stored, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, n)})
		if err != nil {
			return fmt.Errorf("leaf %d: %w", n, err)
		}
		if stored[0] != hash {
			return fmt.Errorf("entry %d does not hash to its leaf", n)
		}
		proof, err := tlog.ProveRecord(tree.N, n, hashes)
		if err != nil {
			return fmt.Errorf("leaf %d: %w", n, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, hash); err != nil {
			return fmt.Errorf("leaf %d: %w", n, err)
		}
	}
	if len(args) == 5 {
		if err := checkEarlier(tree, hashes, args[2], args[3], verifier); err != nil {
			return err
		}
		if err := checkProofs(entries, args[4], verifier); err != nil {
			return err
		}
	}
	fmt.Printf("%d leaves, %d tiles\n", len(entries), len(tiles.seen))
	return nil
}

// The checkpoint's three lines are taken apart here, since ParseTree knows only the header of Go's own database.
func openCheckpoint(path string, verifier note.Verifier) (tlog.Tree, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	return parseCheckpoint(data, verifier)
}

func parseCheckpoint(data []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("this is not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || size <= 0 {
		return tlog.Tree{}, fmt.Errorf("the checkpoint's size is %q", lines[1])
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, err
	}
	return tlog.Tree{N: size, Hash: hash}, nil
}

// Checks Go's own consistency proof from the tiles, and the one that the log made.
func checkEarlier(tree tlog.Tree, hashes tlog.HashReader, note, proof string, verifier note.Verifier) error {
	earlier, err := openCheckpoint(note, verifier)
	if err != nil {
		return err
	}
	proved, err := tlog.ProveTree(tree.N, earlier.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proved, tree.N, tree.Hash, earlier.N, earlier.Hash); err != nil {
		return fmt.Errorf("the tree of %d is not the beginning of the tree of %d: %w", earlier.N, tree.N, err)
	}
	data, err := os.ReadFile(proof)
	if err != nil {
		return err
	}
	ours, err := parseHashes(strings.Fields(string(data)))
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(ours, tree.N, tree.Hash, earlier.N, earlier.Hash); err != nil {
		return fmt.Errorf("the log's consistency proof: %w", err)
	}
	return nil
}

// Checks the tlog-proof that the log made for each leaf.
func checkProofs(entries [][]byte, path string, verifier note.Verifier) error {
	for i, entry := range entries {
		data, err := os.ReadFile(filepath.Join(path, fmt.Sprintf("%d.tlog-proof", i)))
		if err != nil {
			return err
		}
		end := strings.Index(string(data), "\n\n")
		if end < 0 {
			return fmt.Errorf("proof %d has no checkpoint", i)
		}
		lines := strings.Split(string(data[:end]), "\n")
		if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", i) {
			return fmt.Errorf("proof %d does not begin as it must", i)
		}
		tree, err := parseCheckpoint(data[end+2:], verifier)
		if err != nil {
			return fmt.Errorf("proof %d: %w", i, err)
		}
		hashes, err := parseHashes(lines[2:])
		if err != nil {
			return fmt.Errorf("proof %d: %w", i, err)
		}
		if err := tlog.CheckRecord(hashes, tree.N, tree.Hash, int64(i), tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("proof %d: %w", i, err)
		}
	}
	return nil
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// folder reads the tiles of a published log: tile/8/0/000 here is tile/0/000 there.
type folder struct {
	path string
	tree int64
	seen map[string][]byte
}

func (f *folder) Height() int { return 8 }

func (f *folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func (f *folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := f.read("tile/" + strings.TrimPrefix(tile.Path(), "tile/8/"))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f *folder) read(path string) ([]byte, error) {
	if data, ok := f.seen[path]; ok {
		return data, nil
	}
	data, err := os.ReadFile(filepath.Join(f.path, path))
	if err == nil {
		f.seen[path] = data
	}
	return data, err
}

func (f *folder) entries() ([][]byte, error) {
	var entries [][]byte
	for n := int64(0); n*256 < f.tree; n++ {
		width := f.tree - n*256
		if width > 256 {
			width = 256
		}
		// Go names such tiles "data" where the standard says "entries".
		tile := tlog.Tile{H: 8, L: -1, N: n, W: int(width)}
		bundle, err := f.read("tile/entries/" + strings.TrimPrefix(tile.Path(), "tile/8/data/"))
		if err != nil {
			return nil, err
		}
		for len(bundle) > 0 {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("bundle %d ends inside an entry", n)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			entries = append(entries, bundle[2:end])
			bundle = bundle[end:]
		}
	}
	if int64(len(entries)) != f.tree {
		return nil, fmt.Errorf("%d entries for a tree of %d", len(entries), f.tree)
	}
	return entries, nil
}
