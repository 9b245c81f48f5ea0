// Prints what BuildKit's own parser reads from Dockerfiles, one JSON object per line.
//
// Standard input holds one request per line: {"text": "..."} or {"text": "...", "word": "...", "env": {...}}.
// With "word" the answer is the expansion of that word; else the instructions, or the error.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type request struct {
	Text   string
	Word   *string
	Env    map[string]string
	Escape string
}

type heredoc struct {
	Name   string `json:"name"`
	Body   string `json:"body"`
	Expand bool   `json:"expand"`
	Chomp  bool   `json:"chomp"`
}

type node struct {
	Keyword  string    `json:"keyword"`
	Flags    []string  `json:"flags"`
	Args     []string  `json:"args"`
	JSON     bool      `json:"json"`
	Heredocs []heredoc `json:"heredocs"`
	Line     int       `json:"line"`
	EndLine  int       `json:"end_line"`
	Trigger  *node     `json:"trigger"`
}

type answer struct {
	Nodes  []node   `json:"nodes"`
	Error  string   `json:"error"`
	Build  string   `json:"build"`
	Stages []string `json:"stages"`
	Result string   `json:"result"`
	Escape string   `json:"escape"`
}

type environment map[string]string

func (e environment) Get(name string) (string, bool) { v, ok := e[name]; return v, ok }
func (e environment) Keys() []string                 { return nil }

func convert(n *parser.Node) node {
	out := node{Keyword: strings.ToUpper(n.Value), Flags: append([]string{}, n.Flags...), Args: []string{},
		JSON: n.Attributes["json"], Heredocs: []heredoc{}, Line: n.StartLine, EndLine: n.EndLine}
	for next := n.Next; next != nil; next = next.Next {
		if len(next.Children) == 1 {
			trigger := convert(next.Children[0])
			out.Trigger = &trigger
			continue
		}
		out.Args = append(out.Args, next.Value)
	}
	for _, h := range n.Heredocs {
		out.Heredocs = append(out.Heredocs, heredoc{h.Name, h.Content, h.Expand, h.Chomp})
	}
	return out
}

func judge(r request) (a answer) {
	if r.Word != nil {
		result, _, err := shell.NewLex([]rune(r.Escape)[0]).ProcessWord(*r.Word, environment(r.Env))
		if err != nil {
			a.Error = err.Error()
		}
		a.Result = result
		return a
	}
	parsed, err := parser.Parse(strings.NewReader(r.Text))
	if err != nil {
		a.Error = err.Error()
		return a
	}
	a.Escape = string(parsed.EscapeToken)
	for _, child := range parsed.AST.Children {
		a.Nodes = append(a.Nodes, convert(child))
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		a.Build = err.Error()
	}
	for _, stage := range stages {
		a.Stages = append(a.Stages, stage.Name)
	}
	return a
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			var r request
			if e := json.Unmarshal(line, &r); e != nil {
				panic(e)
			}
			if e := encoder.Encode(judge(r)); e != nil {
				panic(e)
			}
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}
