// Prints what kustomize makes of each folder that is named: one JSON line with its documents, or why it cannot.
package main

import (
	"encoding/json"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type line struct {
	Text  string `json:"text"`
	Error string `json:"error"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, folder := range os.Args[1:] {
		found := line{}
		made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
		if err != nil {
			found.Error = err.Error()
		} else if text, err := made.AsYaml(); err != nil {
			found.Error = err.Error()
		} else {
			found.Text = string(text)
		}
		if err := out.Encode(found); err != nil {
			panic(err)
		}
	}
}
