// Command compose answers questions about Compose files with the reference implementation.
//
// It reads one question a line (JSON) from standard input and writes one answer a line:
//
//	{"files": {path: text, …}, "main": [path, …], "env": {…}}
//	    writes the files into an empty directory and loads the project; without "main" the files are
//	    found by their default names, overrides and `.env` included. The answer is
//	    {"project": the model as JSON, services of every profile enabled}, paths under the
//	    directory made relative to it ("@/…"), or {"error": …}.
//	{"template": text, "env": {…}}   interpolation: {"value": text, "unset": [name, …]} or {"error": …}
//	{"dotenv": text, "env": {…}}     an env file:   {"value": {name: value, …}} or {"error": …}
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/sirupsen/logrus"
)

const maxLine = 64 << 20

type question struct {
	Files    map[string]string `json:"files"`
	Main     []string          `json:"main"`
	Env      map[string]string `json:"env"`
	Template *string           `json:"template"`
	Dotenv   *string           `json:"dotenv"`
}

type answer struct {
	Project json.RawMessage `json:"project,omitempty"`
	Value   any             `json:"value,omitempty"`
	Unset   []string        `json:"unset,omitempty"`
	Error   string          `json:"error,omitempty"`
}

func main() {
	logrus.SetOutput(io.Discard)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		encoded, err := json.Marshal(reply(lines.Bytes()))
		if err != nil {
			encoded, _ = json.Marshal(answer{Error: err.Error()})
		}
		out.Write(encoded)
		out.WriteByte('\n')
		out.Flush()
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func reply(line []byte) (result answer) {
	defer func() {
		if failure := recover(); failure != nil {
			result = answer{Error: fmt.Sprintf("panic: %v", failure)}
		}
	}()
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	switch {
	case asked.Template != nil:
		return substitute(*asked.Template, asked.Env)
	case asked.Dotenv != nil:
		values, err := dotenv.ParseWithLookup(strings.NewReader(*asked.Dotenv), lookup(asked.Env, nil))
		return outcome(values, err)
	}
	project, err := load(asked)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Project: project}
}

func outcome(value any, err error) answer {
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Value: value}
}

// lookup answers from values and keeps the names that it could not answer in unset.
func lookup(values map[string]string, unset map[string]bool) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		if !ok && unset != nil {
			unset[name] = true
		}
		return value, ok
	}
}

func substitute(text string, env map[string]string) answer {
	unset := map[string]bool{}
	value, err := template.Substitute(text, lookup(env, unset))
	result := outcome(value, err)
	for name := range unset {
		result.Unset = append(result.Unset, name)
	}
	sort.Strings(result.Unset)
	return result
}

func load(asked question) (json.RawMessage, error) {
	directory, err := os.MkdirTemp("", "compose-judge-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	for path, text := range asked.Files {
		target := filepath.Join(directory, path)
		if !strings.HasPrefix(target, directory+string(os.PathSeparator)) {
			return nil, fmt.Errorf("%s leaves the directory", path)
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(target, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	names := []string{}
	for _, name := range asked.Main {
		names = append(names, filepath.Join(directory, name))
	}
	variables := []string{}
	for name, value := range asked.Env {
		variables = append(variables, name+"="+value)
	}
	workingDirectory := directory
	if len(names) > 0 {
		workingDirectory = filepath.Dir(names[0])
	}
	options, err := cli.NewProjectOptions(names,
		cli.WithWorkingDirectory(workingDirectory),
		cli.WithEnv(variables),
		cli.WithDefaultConfigPath,
		cli.WithEnvFiles(),
		cli.WithDotEnv,
		cli.WithProfiles([]string{"*"}),
		cli.WithName("judged"),
	)
	if err != nil {
		return nil, err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	encoded, err := project.MarshalJSON()
	if err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(string(encoded), directory+"/", "@/")
	return json.RawMessage(strings.ReplaceAll(text, directory, "@")), nil
}
