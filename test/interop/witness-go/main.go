// Checks a cosigned checkpoint with the transparency-dev project's own code (github.com/transparency-dev/formats), which knows nothing of
// us, and cosigns one with it. Exits with 1 and a reason when anything is wrong.
//
//	witness-go check CHECKPOINT LOG-VKEY WITNESS-VKEY   prints origin, size and the second of the cosignature
//	witness-go cosign CHECKPOINT WITNESS-SKEY           prints the signature line
//
// The keys are in the note package's plain Ed25519 form; the library derives the cosigner's from them.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"github.com/transparency-dev/formats/log"
	cosignatures "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 4 && args[0] == "check" {
		return check(args[1], args[2], args[3])
	}
	if len(args) == 3 && args[0] == "cosign" {
		return cosign(args[1], args[2])
	}
	return fmt.Errorf("usage: witness-go check CHECKPOINT LOG-VKEY WITNESS-VKEY | cosign CHECKPOINT WITNESS-SKEY")
}

func check(path, logKey, witnessKey string) error {
	signed, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	logVerifier, err := note.NewVerifier(logKey)
	if err != nil {
		return fmt.Errorf("log's key: %w", err)
	}
	witness, err := cosignatures.NewVerifierForCosignatureV1(witnessKey)
	if err != nil {
		return fmt.Errorf("witness's key: %w", err)
	}
	checkpoint, rest, opened, err := log.ParseCheckpoint(signed, logVerifier.Name(), logVerifier, witness)
	if err != nil {
		return err
	}
	if len(rest) != 0 {
		return fmt.Errorf("extension lines: %q", rest)
	}
	for _, signature := range opened.Sigs {
		if signature.Name != witness.Name() || signature.Hash != witness.KeyHash() {
			continue
		}
		at, err := cosignatures.CoSigV1Timestamp(signature)
		if err != nil {
			return err
		}
		fmt.Printf("%s %d %d\n", checkpoint.Origin, checkpoint.Size, at.Unix())
		return nil
	}
	return fmt.Errorf("no cosignature of %s", witness.Name())
}

func cosign(path, key string) error {
	signed, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, _, found := strings.Cut(string(signed), "\n\n")
	if !found {
		return fmt.Errorf("no signed note")
	}
	signer, err := cosignatures.NewSignerForCosignatureV1(key)
	if err != nil {
		return err
	}
	signature, err := signer.Sign([]byte(text + "\n"))
	if err != nil {
		return err
	}
	id := binary.BigEndian.AppendUint32(nil, signer.KeyHash())
	fmt.Printf("— %s %s\n", signer.Name(), base64.StdEncoding.EncodeToString(append(id, signature...)))
	return nil
}
