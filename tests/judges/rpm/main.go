// Prints the packages of the databases of rpm that are named, as github.com/knqyf263/go-rpmdb reads them: a line of JSON
// for each package.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	rpmdb "github.com/knqyf263/go-rpmdb/pkg"
	_ "modernc.org/sqlite"
)

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, path := range os.Args[1:] {
		database, err := rpmdb.Open(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, path, err)
			os.Exit(1)
		}
		packages, err := database.ListPackages()
		if err != nil {
			fmt.Fprintln(os.Stderr, path, err)
			os.Exit(1)
		}
		for _, one := range packages {
			epoch := 0
			if one.Epoch != nil {
				epoch = *one.Epoch
			}
			files, err := one.InstalledFileNames()
			if err != nil {
				files = nil
			}
			out.Encode(map[string]any{
				"database": path, "name": one.Name, "epoch": epoch, "version": one.Version + "-" + one.Release,
				"arch": one.Arch, "source": one.SourceRpm, "module": one.Modularitylabel, "files": files,
			})
		}
	}
}
