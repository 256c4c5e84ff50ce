package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// docs/receipts.md draws both files.
type signed struct {
	Checkpoint string
	Keys       []string
	Proof      []string
}
type receipt struct {
	signed
	Leaf   int64
	Record json.RawMessage
	Salt   string
}
type growth struct {
	signed
	From int64
}

func read(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func opened(signedNote, verifier string) (string, error) {
	who, err := note.NewVerifier(verifier)
	if err != nil {
		return "", err
	}
	out, err := note.Open([]byte(signedNote), note.VerifierList(who))
	if err != nil {
		return "", err
	}
	return out.Text, nil
}

// The tree that the checkpoint speaks of, each key signed by the one before and the note by the last.
func (s signed) tree() (tlog.Tree, error) {
	key := ""
	for _, introduction := range s.Keys {
		lines := strings.Split(introduction, "\n")
		if len(lines) < 3 {
			return tlog.Tree{}, errors.New("no key")
		}
		if key == "" {
			key = lines[2]
		}
		if _, err := opened(introduction, key); err != nil {
			return tlog.Tree{}, err
		}
		key = lines[2]
	}
	text, err := opened(s.Checkpoint, key)
	if err != nil {
		return tlog.Tree{}, err
	}
	// The log has its own first line; sumdb's is fixed.
	_, rest, _ := strings.Cut(text, "\n")
	return tlog.ParseTree([]byte("go.sum database tree\n" + rest))
}

func (s signed) proof() ([]tlog.Hash, error) {
	out := []tlog.Hash{}
	for _, text := range s.Proof {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return nil, err
		}
		out = append(out, hash)
	}
	return out, nil
}

func (r receipt) check() (tlog.Tree, error) {
	tree, err := r.tree()
	if err != nil {
		return tree, err
	}
	proof, err := r.proof()
	if err != nil {
		return tree, err
	}
	salt, err := base64.StdEncoding.DecodeString(r.Salt)
	if err != nil {
		return tree, err
	}
	salted := hmac.New(sha256.New, salt)
	salted.Write(r.Record) // the house writes it in canonical form
	return tree, tlog.CheckRecord(proof, tree.N, tree.Hash, r.Leaf, tlog.RecordHash(salted.Sum(nil)))
}

func (g growth) check(old tlog.Tree) error {
	tree, err := g.tree()
	if err != nil {
		return err
	}
	proof, err := g.proof()
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

// One line for each receipt: "ok", or what is wrong with it.
func check(grown string, paths []string) {
	var g growth
	if err := read(grown, &g); err != nil {
		panic(err)
	}
	for _, path := range paths {
		var r receipt
		err := read(path, &r)
		var tree tlog.Tree
		if err == nil {
			tree, err = r.check()
		}
		if err == nil && g.From == tree.N {
			err = g.check(tree)
		}
		if err != nil {
			fmt.Println(err)
		} else {
			fmt.Println("ok")
		}
	}
}
