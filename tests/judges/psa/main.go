// Command psa judges pods with the reference implementation of the Pod Security Standards.
//
// It reads one Kubernetes object a line (JSON) from standard input and writes one line of JSON for
// each: {"verdicts": {"baseline": {"1.24": [failure, …], …}, "restricted": {…}}} where a failure is
// [check id, forbidden reason, forbidden detail] and an empty list means that the pod is allowed;
// {"error": …} for an object that the API server could not decode, {"verdicts": null} for one that
// holds no pod. With -ids the failures are plain check ids.
//
// Objects are decoded as the API server decodes them (names of fields in their exact case, unknown
// fields dropped) and get the one default of its that changes a verdict: a volume without a source
// is an emptyDir. There are no feature gates left in the module: the relaxation for pods in a user
// namespace belongs to policy version 1.35 and newer.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/pod-security-admission/admission"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

const maxLine = 16 << 20

type answer struct {
	Verdicts map[string]map[string][]any `json:"verdicts"`
	Error    string                      `json:"error,omitempty"`
}

// checks returns the module's checks, each wrapped so that a failure's reason begins with its id:
// results do not carry one, and asking check by check would lose which check overrides which.
func checks() []policy.Check {
	all := policy.DefaultChecks()
	for i := range all {
		id := string(all[i].ID)
		for j := range all[i].Versions {
			inner := all[i].Versions[j].CheckPod
			all[i].Versions[j].CheckPod = func(meta *metav1.ObjectMeta, spec *corev1.PodSpec) policy.CheckResult {
				result := inner(meta, spec)
				if !result.Allowed {
					result.ForbiddenReason = id + "\x00" + result.ForbiddenReason
				}
				return result
			}
		}
	}
	return all
}

func applyDefaults(spec *corev1.PodSpec) {
	for i := range spec.Volumes {
		if reflect.ValueOf(spec.Volumes[i].VolumeSource).IsZero() {
			spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
}

func judge(evaluator policy.Evaluator, decoder runtime.Decoder, line []byte, from, to int, idsOnly bool) answer {
	object, _, err := decoder.Decode(line, nil, nil)
	if err != nil {
		return answer{Error: err.Error()}
	}
	meta, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(object)
	if err != nil {
		return answer{Error: err.Error()}
	}
	if spec == nil {
		return answer{}
	}
	applyDefaults(spec)
	verdicts := map[string]map[string][]any{}
	for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
		verdicts[string(level)] = map[string][]any{}
		for minor := from; minor <= to; minor++ {
			version := api.MajorMinorVersion(1, minor)
			failures := []any{}
			for _, result := range evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, meta, spec) {
				if result.Allowed {
					continue
				}
				id, reason, _ := strings.Cut(result.ForbiddenReason, "\x00")
				if idsOnly {
					failures = append(failures, id)
				} else {
					failures = append(failures, []string{id, reason, result.ForbiddenDetail})
				}
			}
			verdicts[string(level)][fmt.Sprintf("1.%d", minor)] = failures
		}
	}
	return answer{Verdicts: verdicts}
}

func main() {
	from := flag.Int("from", 24, "first minor version")
	to := flag.Int("to", 36, "last minor version")
	idsOnly := flag.Bool("ids", false, "print check ids alone")
	flag.Parse()

	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, batchv1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	decoder := serializer.NewCodecFactory(scheme).UniversalDeserializer()
	evaluator, err := policy.NewEvaluator(checks(), nil)
	if err != nil {
		panic(err)
	}

	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 0, 1<<20), maxLine)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for in.Scan() {
		if err := encoder.Encode(judge(evaluator, decoder, in.Bytes(), *from, *to, *idsOnly)); err != nil {
			panic(err)
		}
		// one answer a line as it comes, so that a caller may converse
		if err := out.Flush(); err != nil {
			panic(err)
		}
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "psa:", err)
		os.Exit(2)
	}
}
