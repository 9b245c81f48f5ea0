// A real registry on loopback (github.com/distribution/distribution), another one with the referrers API
// (github.com/google/go-containerregistry), and a client that is not ours.
//
//	registry distribution CONFIG.yml
//	registry memory HOST:PORT
//	registry push ARCHIVE REFERENCE          an archive of `docker save`
//	registry save FILE REFERENCE             writes such an archive
//	registry layout FOLDER REFERENCE         writes an OCI layout
//	registry digest REFERENCE
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	"github.com/google/go-containerregistry/pkg/crane"
	memory "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: registry VERB ARGUMENTS")
	}
	verb, arguments := os.Args[1], os.Args[2:]
	if err := run(verb, arguments); err != nil {
		log.Fatal(err)
	}
}

func run(verb string, arguments []string) error {
	switch verb {
	case "distribution":
		registry.RootCmd.SetArgs([]string{"serve", arguments[0]})
		return registry.RootCmd.Execute()
	case "memory":
		handler := memory.New(memory.WithReferrersSupport(true), memory.Logger(log.New(os.Stderr, "", 0)))
		return http.ListenAndServe(arguments[0], handler)
	case "push":
		image, err := crane.Load(arguments[0])
		if err != nil {
			return err
		}
		return crane.Push(image, arguments[1])
	case "save", "layout":
		image, err := crane.Pull(arguments[1])
		if err != nil {
			return err
		}
		if verb == "save" {
			return crane.Save(image, arguments[1], arguments[0])
		}
		return crane.MultiSaveOCI(map[string]v1.Image{arguments[1]: image}, arguments[0])
	case "digest":
		digest, err := crane.Digest(arguments[0])
		fmt.Println(digest)
		return err
	}
	return fmt.Errorf("unknown verb %q", verb)
}
