"""What cannot be read or judged is told once, with place and remedy; the rest is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batten.formats.interface import Reading
from batten.limits import KUBERNETES_PROBLEMS
from batten.model.objects import KubernetesObject, Service
from batten.model.source import Problem
from batten.model.values import UNKNOWN, User
from batten.model.workload import Workload
from formats.kubernetes.reading import Folder, of, read, read_data

RENDER = (
    "is a Helm chart, and nothing here renders it; to have that: pip install 'batten[helm]', "
    "or render it there: helm template . | batten scan -"
)


def told(reading: Reading) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.message) for problem in reading.problems]


def test_values_of_wrong_types_are_told_with_their_lines():
    reading = read_data("wrong-types.yaml")
    refused = "; the API server refuses this"
    context, limits = "/spec/containers/0/securityContext", "/spec/containers/0/resources/limits"
    assert all(problem.message.endswith(refused) and problem.severe for problem in reading.problems)
    assert sorted((line, message.removesuffix(refused)) for line, message in told(reading) if line) == [
        (6, "expected text at /metadata/labels/version, found a number 2"),
        (9, "expected true or false at /spec/hostNetwork, found text 'true'"),
        (14, f"expected true or false at {context}/privileged, found text 'true'"),
        (15, f"expected a whole number at {context}/runAsUser, found text '0'"),
        (16, f"expected true or false at {context}/runAsNonRoot, found a number 1"),
        (17, f"expected a mapping at {context}/capabilities, found a list"),
        (20, "expected text at /spec/containers/0/env/0/value, found a number 8080"),
        (22, f"expected a quantity such as 128Mi or 250m at {limits}/memory, found text 'lots'"),
        (23, "expected a mapping at /spec/containers/1, found text 'text'"),
    ]


def test_a_field_of_a_wrong_type_is_as_good_as_not_written():
    (workload,) = of(read_data("wrong-types.yaml"), Workload)
    (container,) = workload.containers
    assert workload.labels == {"app": "web"}
    assert (workload.host_network, container.privileged) == (False, False)
    assert container.user == User(decided_by="default")
    assert set(container.places) == {"image"}


def test_a_file_of_mistakes_is_told_in_part():
    labels = ", ".join(f"l{number}: {number}" for number in range(500))
    reading = read(f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: n, labels: {{{labels}}}}}\n")
    assert len(reading.problems) == KUBERNETES_PROBLEMS + 1
    assert "more values of wrong types" in reading.problems[-1].message


def test_a_key_that_stands_twice_is_told_and_the_last_one_counts():
    reading = read_data("duplicate-key.yaml")
    assert of(reading, Workload)[0].host_pid is True
    assert [(problem.line, problem.severe) for problem in reading.problems] == [(6, False)]
    assert "`hostPID` stands twice" in reading.problems[0].message


def test_a_broken_document_leaves_the_others():
    reading = read_data("truncated.yaml")
    assert [workload.name for workload in of(reading, Workload)] == ["whole"]
    (problem,) = reading.problems
    assert problem.severe
    assert problem.line in (9, 10)


def test_broken_json_is_told_with_its_line():
    reading = read('{"apiVersion": "v1", "kind": "Pod",\n "metadata": {"name": }}', "pod.json")
    assert reading.recognised
    assert [problem.line for problem in reading.problems] == [2]


# ---------------------------------------------------------------------------- templates


def test_a_chart_is_one_problem_and_its_plain_documents_are_read():
    reading = read_data("chart/templates/web.yaml")
    assert reading.problems == [Problem("chart", RENDER)]
    assert [service.name for service in of(reading, Service)] == ["plain"]
    assert of(reading, Workload) == []


TEMPLATE = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Name }}\nspec: {}\n"


def test_a_sub_chart_belongs_to_its_parent():
    files = Folder({"shop/Chart.yaml": "", "shop/charts/db/Chart.yaml": ""})
    reading = read(TEMPLATE, "shop/charts/db/templates/deep/pod.yaml", files)
    assert [problem.path for problem in reading.problems] == ["shop"]


def test_a_chart_at_the_root_is_named_by_a_dot():
    reading = read(TEMPLATE, "templates/pod.yaml", Folder({"Chart.yaml": ""}))
    assert reading.problems == [Problem(".", RENDER)]


def test_charts_beside_one_another_are_charts_of_their_own():
    files = Folder({"charts/a/Chart.yaml": "", "Chart.lock": ""})
    assert [problem.path for problem in read(TEMPLATE, "charts/a/templates/p.yaml", files).problems] == ["charts/a"]


def test_templates_outside_of_a_chart_are_one_problem_of_their_directory():
    reading = read(f"{TEMPLATE}---\n{TEMPLATE}", "deploy/pod.yaml")
    assert [(problem.path, problem.severe) for problem in reading.problems] == [("deploy", True)]
    assert "holds templates" in reading.problems[0].message


def test_other_template_languages_are_known():
    (problem,) = read("apiVersion: v1\nkind: Pod\nmetadata:\n  name: <%= @name %>\n   bad: indent\n").problems
    assert "holds templates" in problem.message


def test_a_templated_value_is_unknown_and_never_a_default():
    reading = read_data("template-in-values.yaml")
    (workload,) = of(reading, Workload)
    first, second = workload.containers
    assert workload.host_network is UNKNOWN
    for field in ("image", "privileged", "seccomp", "capabilities", "memory_limit", "cpu_request"):
        assert getattr(first, field) is UNKNOWN
    assert first.user == User(decided_by="default")
    for field in ("privileged", "privilege_escalation", "user", "seccomp", "apparmor", "read_only_root"):
        assert getattr(second, field) is UNKNOWN
    assert [problem.path for problem in reading.problems] == ["."]


def test_a_templated_context_of_the_pod_leaves_its_containers_unknown():
    text = (
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {securityContext: '{{ x }}', containers: [{name: a}]}}"
    )
    (workload,) = of(read(text), Workload)
    assert workload.containers[0].user is UNKNOWN
    assert workload.sysctls is UNKNOWN


def test_braces_in_texts_that_are_not_judged_are_no_template():
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: rules}\ndata: {alert: 'value is {{ $value }}'}\n"
    reading = read(text)
    assert reading.problems == []
    assert len(of(reading, KubernetesObject)) == 1


def test_a_placeholder_in_a_judged_value_is_unknown_and_told():
    text = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: '${IMAGE}:1'}]}}"
    reading = read(text, "deploy/pod.yaml")
    assert of(reading, Workload)[0].containers[0].image is UNKNOWN
    assert told(reading)[0][1].startswith("holds ${…} placeholders")


def test_a_templated_apparmor_annotation_is_unknown():
    metadata = "{annotations: {container.apparmor.security.beta.kubernetes.io/a: '{{ x }}'}}"
    text = f"{{apiVersion: v1, kind: Pod, metadata: {metadata}, spec: {{containers: [{{name: a}}]}}}}"
    assert of(read(text), Workload)[0].containers[0].apparmor is UNKNOWN


def test_a_malformed_image_is_unknown_and_told_softly():
    text = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: 'No Image'}]}}"
    reading = read(text)
    assert of(reading, Workload)[0].containers[0].image is UNKNOWN
    assert [(problem.severe, problem.line) for problem in reading.problems] == [(False, 1)]


# ---------------------------------------------------------------------------- Kustomize


def test_a_kustomize_patch_is_no_object_and_its_kustomization_tells_what_is_wrong():
    reading = read_data("overlay/more-memory.yaml")
    assert reading.nouns == []
    assert reading.problems == []


def test_a_patch_of_a_component_that_nothing_uses_is_told_softly():
    files = Folder({"extra/kustomization.yaml": "kind: Component\npatches:\n- path: web.yaml\n"})
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: b}]}\n"
    reading = read(text, "extra/web.yaml", files)
    assert reading.nouns == []
    [problem] = reading.problems
    assert "component extra" in problem.message
    assert not problem.severe


PART = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w}\nspec: {template: {spec: {containers: [{name: a}]}}}\n"
)


@pytest.mark.parametrize(
    ("path", "beside", "words"),
    [
        (
            "config/auth_patch.yaml",
            {"config/kustomization.yaml": "patches:\n# - path: auth_patch.yaml\n"},
            "does not use",
        ),
        ("tests/a/assert.yaml", {"tests/a/chainsaw-test.yaml": "kind: Test\n"}, "Chainsaw"),
        ("tests/a/01-assert.yaml", {}, "KUTTL"),
    ],
)
def test_parts_of_objects_that_are_kept_on_purpose_are_no_cut_files(path: str, beside: dict[str, str], words: str):
    reading = read(PART, path, Folder(beside))
    assert reading.nouns == []
    [problem] = reading.problems
    assert not problem.severe
    assert words in problem.message


def test_a_whole_object_beside_a_test_is_judged():
    whole = PART.replace("{name: a}", "{name: a, image: 'a:1'}")
    assert (
        len(of(read(whole, "tests/a/web.yaml", Folder({"tests/a/chainsaw-test.yaml": "kind: Test\n"})), Workload)) == 1
    )


@pytest.mark.parametrize("text", ["patches:\n- path: other.yaml\n", "# auth_patch.yamlish\npatches: []\n"])
def test_elsewhere_a_part_of_an_object_is_told(text: str):
    reading = read(PART, "config/auth_patch.yaml", Folder({"config/kustomization.yaml": text}))
    assert [problem.severe for problem in reading.problems] == [True]


def test_a_resource_beside_the_patches_is_read():
    assert len(of(read_data("overlay/monitor.yaml"), Workload)) == 1


@pytest.mark.parametrize(("path", "is_patch"), [("base/patches/web.yaml", True), ("base/other/web.yaml", False)])
def test_patches_in_a_folder_below_their_kustomization_are_known(path: str, is_patch: bool):
    files = Folder({"base/kustomization.yml": "patchesStrategicMerge:\n- patches/web.yaml\n"})
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: b}]}\n"
    assert (of(read(text, path, files), Workload) == []) is is_patch


# ---------------------------------------------------------------------------- hostile input


def test_a_file_that_names_more_than_any_real_one_is_read_in_part():
    many = ", ".join(["{name: a}"] * 1000)
    big = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  x: &many [{many}]\n  containers:\n"
    big += "  - {name: a, image: 'b:1', env: *many}\n" * 250
    reading = read(f"{big}---\n{big}")
    assert [one.kind for one in of(reading, KubernetesObject)] == ["Pod"]
    assert [problem.line for problem in reading.problems] == [257]
    assert "expected at most 400000 entries in one file" in reading.problems[0].message


_WORDS = """
spec template metadata containers initContainers volumes securityContext capabilities add drop env ports name image
labels annotations resources limits memory hostPath seccompProfile type data rules subjects selector tasks templates
"""
_KEYS = st.sampled_from(_WORDS.split())
_LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["", "x", "{{ x }}", "${X}", "ALL", "1Gi"])
)
_TREES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=6), max_leaves=30
)


_KINDS = (
    "v1 Pod",
    "apps/v1 Deployment",
    "v1 Service",
    "v1 Secret",
    "v1 List",
    "rbac.authorization.k8s.io/v1 Role",
    "rbac.authorization.k8s.io/v1 RoleBinding",
    "networking.k8s.io/v1 Ingress",
    "networking.k8s.io/v1 NetworkPolicy",
    "argoproj.io/v1alpha1 Workflow",
    "policy/v1 PodDisruptionBudget",
    "gateway.networking.k8s.io/v1 HTTPRoute",
    "batch.volcano.sh/v1alpha1 Job",
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(_KINDS),
    st.dictionaries(_KEYS | st.just("items"), _TREES, max_size=6),
)
def test_no_object_however_wrong_makes_the_reader_fail(kind: str, tree: dict[str, object]):
    import yaml

    version, _, name = kind.partition(" ")
    text = yaml.safe_dump({**tree, "apiVersion": version, "kind": name})
    assert read(text).recognised


def test_the_corpus_is_read_without_an_exception(shared_manifests):  # type: ignore[no-untyped-def]
    problems = workloads = 0
    for path in sorted(shared_manifests.rglob("*.yaml")):
        if b"apiVersion" in (data := path.read_bytes()):
            reading = read(data.decode(), path.relative_to(shared_manifests).as_posix())
            workloads += len(of(reading, Workload))
            problems += len(reading.problems)
    assert workloads > 400
    assert problems < 400


@pytest.mark.parametrize("end", ["apiVers", "a\n", "kind"])
def test_a_file_that_is_cut_off_in_a_key_is_told(end: str):
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: b}]}\n---\n"
    assert read(pod).problems == []
    [problem] = read(pod + end).problems
    assert "cut off" in problem.message
    assert problem.severe
