// What golang.org/x/mod/sumdb, the code of Go's own checksum database, says of trees and notes.
//
//	receipt vectors                     writes vectors.json: random trees, proofs, signed notes; seed 7, always the same bytes
//	receipt check GROWTH RECEIPT...     checks receipts of a house, and that its log grew from each of them
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type stored struct{ hashes []tlog.Hash }

func (s *stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = s.hashes[x]
	}
	return out, nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func spelled(proof []tlog.Hash) []string {
	out := []string{}
	for _, h := range proof {
		out = append(out, base64.StdEncoding.EncodeToString(h[:]))
	}
	return out
}

// A leaf's entry is "entry <n>"; the checker makes the same.
func entry(n int64) []byte { return []byte(fmt.Sprintf("entry %d", n)) }

type Root struct {
	Size int64
	Root string
}
type Inclusion struct {
	Leaf, Size int64
	Proof      []string
}
type Consistency struct {
	From, To int64
	Proof    []string
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "vectors" {
		vectors()
	} else if len(os.Args) > 3 && os.Args[1] == "check" {
		check(os.Args[2], os.Args[3:])
	} else {
		fmt.Fprintln(os.Stderr, "usage: receipt vectors | receipt check GROWTH RECEIPT...")
		os.Exit(2)
	}
}

func vectors() {
	const leaves = 1200
	random := rand.New(rand.NewSource(7))
	tree := &stored{}
	for n := int64(0); n < leaves; n++ {
		tree.hashes = append(tree.hashes, must(tlog.StoredHashes(n, entry(n), tree))...)
	}
	roots := []Root{}
	sizes := []int64{0, 1, 2, 3, 4, 5, 7, 8, 255, 256, 257, 511, 512, 513, 768, 1023, 1024, 1025, leaves}
	for _, size := range sizes {
		roots = append(roots, Root{size, must(tlog.TreeHash(size, tree)).String()})
	}
	inclusions := []Inclusion{}
	consistencies := []Consistency{}
	for i := 0; i < 40; i++ {
		size := 1 + random.Int63n(leaves)
		leaf := random.Int63n(size)
		inclusions = append(inclusions, Inclusion{leaf, size, spelled(must(tlog.ProveRecord(size, leaf, tree)))})
		from := 1 + random.Int63n(size)
		consistencies = append(consistencies, Consistency{from, size, spelled(must(tlog.ProveTree(size, from, tree)))})
	}
	seed := make([]byte, 32)
	random.Read(seed)
	private := ed25519.NewKeyFromSeed(seed)
	verifier := must(note.NewEd25519VerifierKey("house.example/receipts", private.Public().(ed25519.PublicKey)))
	secret := "PRIVATE+KEY+" + verifier[:len("house.example/receipts")] + verifier[len("house.example/receipts"):len("house.example/receipts")+10] +
		base64.StdEncoding.EncodeToString(append([]byte{1}, seed...))
	signer := must(note.NewSigner(secret))
	text := "house.example/receipts\n1200\n" + must(tlog.TreeHash(leaves, tree)).String() + "\n"
	signed := must(note.Sign(&note.Note{Text: text}, signer))
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(map[string]any{
		"roots": roots, "inclusions": inclusions, "consistencies": consistencies,
		"seed": base64.StdEncoding.EncodeToString(seed), "verifier": verifier, "text": text, "note": string(signed),
	}); err != nil {
		panic(err)
	}
}
