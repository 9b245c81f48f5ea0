// Command yaml reads YAML as Kubernetes and as Compose do, and prints what they made of it as JSON.
//
// Input: one JSON object a line, {"schema": "kubernetes" | "compose", "text": "…"}; one document in text.
// Output: one line each, {"value": …} or {"error": "…"}.
//
// kubernetes is sigs.k8s.io/yaml.YAMLToJSON, what kubectl and the API server call. compose is
// go.yaml.in/yaml/v4 decoding into an empty interface, what compose-go does; what JSON cannot hold is
// printed as {"$float": ".inf"}, {"$time": "…"} and keys that are no strings in the form of Go's %v.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	yaml4 "go.yaml.in/yaml/v4"
	"sigs.k8s.io/yaml"
)

const maxLine = 64 << 20

type question struct {
	Schema string `json:"schema"`
	Text   string `json:"text"`
}

type answer struct {
	Value json.RawMessage `json:"value,omitempty"`
	Error string          `json:"error,omitempty"`
}

func jsonable(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, item := range v {
			out[key] = jsonable(item)
		}
		return out
	case map[any]any:
		out := map[string]any{}
		for key, item := range v {
			out[fmt.Sprint(key)] = jsonable(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = jsonable(item)
		}
		return out
	case float64:
		if math.IsNaN(v) {
			return map[string]any{"$float": ".nan"}
		}
		if math.IsInf(v, 0) {
			return map[string]any{"$float": map[bool]string{true: ".inf", false: "-.inf"}[v > 0]}
		}
	case time.Time:
		return map[string]any{"$time": v.Format(time.RFC3339Nano)}
	}
	return value
}

func judge(q question) (result answer) {
	defer func() {
		if problem := recover(); problem != nil {
			result = answer{Error: fmt.Sprint(problem)}
		}
	}()
	var out []byte
	var err error
	if q.Schema == "kubernetes" {
		out, err = yaml.YAMLToJSON([]byte(q.Text))
	} else {
		var value any
		if err = yaml4.Unmarshal([]byte(q.Text), &value); err == nil {
			out, err = json.Marshal(jsonable(value))
		}
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Value: out}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 0, 1<<20), maxLine)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, "not a question:", err)
			os.Exit(1)
		}
		if err := encoder.Encode(judge(q)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
