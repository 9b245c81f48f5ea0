// Command vap judges objects by ValidatingAdmissionPolicies with the API server's own code.
//
// It reads one request a line (JSON) from standard input: {"policy": {…}, "objects": [{…}, …]}, and writes one line of
// JSON for each: {"decisions": [[[action, evaluation, message], …], …]}, a list of decisions for every object, or
// {"error": …} where the policy cannot be decoded. What does not compile or is too costly is a decision whose
// evaluation is "error". Matching of resources (matchConstraints) is not asked: every object is judged.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	celgo "github.com/google/cel-go/cel"
	v1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	apiservercel "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

const maxLine = 64 << 20

type request struct {
	Policy  v1.ValidatingAdmissionPolicy `json:"policy"`
	Objects []map[string]any             `json:"objects"`
}

type answer struct {
	Decisions [][][3]string `json:"decisions"`
	Error     string        `json:"error,omitempty"`
}

type named struct{ name, expression string }

func (n named) GetExpression() string      { return n.expression }
func (n named) GetName() string            { return n.name }
func (n named) ReturnTypes() []*celgo.Type { return []*celgo.Type{celgo.AnyType, celgo.DynType} }

// compile is what the plugin's own compilePolicy does.
func compile(policy *v1.ValidatingAdmissionPolicy, env *environment.EnvSet) (validating.Validator, error) {
	compiler, err := cel.NewCompositedCompiler(env)
	if err != nil {
		return nil, err
	}
	options := cel.OptionalVariableDeclarations{HasAuthorizer: true}
	var variables []cel.NamedExpressionAccessor
	for _, one := range policy.Spec.Variables {
		variables = append(variables, named{one.Name, one.Expression})
	}
	compiler.CompileAndStoreVariables(variables, options, environment.NewExpressions)
	var conditions, messages []cel.ExpressionAccessor
	for _, one := range policy.Spec.Validations {
		conditions = append(conditions, &validating.ValidationCondition{
			Expression: one.Expression, Message: one.Message, Reason: one.Reason,
		})
		if one.MessageExpression != "" {
			messages = append(messages, &validating.MessageExpressionCondition{MessageExpression: one.MessageExpression})
		} else {
			messages = append(messages, nil)
		}
	}
	return validating.NewValidator(
		compiler.CompileCondition(conditions, options, environment.NewExpressions),
		nil,
		compiler.CompileCondition(nil, options, environment.NewExpressions),
		compiler.CompileCondition(messages, cel.OptionalVariableDeclarations{}, environment.NewExpressions),
		policy.Spec.FailurePolicy,
		nil,
	), nil
}

func decide(validator validating.Validator, value map[string]any) ([][3]string, error) {
	object := &unstructured.Unstructured{Object: value}
	kind := object.GroupVersionKind()
	resource := schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: "any"}
	attributes := admission.NewAttributesRecord(
		object, nil, kind, object.GetNamespace(), object.GetName(), resource, "", admission.Create,
		&metav1.CreateOptions{}, false, nil,
	)
	versioned := &admission.VersionedAttributes{Attributes: attributes, VersionedKind: kind, VersionedObject: object}
	result := validator.Validate(
		context.Background(), resource, versioned, nil, nil, apiservercel.RuntimeCELCostBudget, nil,
	)
	var found [][3]string
	for _, one := range result.Decisions {
		found = append(found, [3]string{string(one.Action), string(one.Evaluation), one.Message})
	}
	return found, nil
}

func judge(line []byte, env *environment.EnvSet) answer {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	validator, err := compile(&asked.Policy, env)
	if err != nil {
		return answer{Error: err.Error()}
	}
	given := answer{Decisions: [][][3]string{}}
	for _, object := range asked.Objects {
		found, err := decide(validator, integers(object).(map[string]any))
		if err != nil {
			return answer{Error: err.Error()}
		}
		given.Decisions = append(given.Decisions, found)
	}
	return given
}

// integers makes whole numbers what the API machinery holds them as.
func integers(value any) any {
	switch one := value.(type) {
	case map[string]any:
		for key, inner := range one {
			one[key] = integers(inner)
		}
	case []any:
		for index, inner := range one {
			one[index] = integers(inner)
		}
	case float64:
		if one == float64(int64(one)) {
			return int64(one)
		}
	}
	return value
}

func main() {
	env := environment.MustBaseEnvSet(version.MajorMinor(1, 36))
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<20), maxLine)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		if err := output.Encode(judge(input.Bytes(), env)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
