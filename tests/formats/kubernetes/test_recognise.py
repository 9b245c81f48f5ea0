"""Documents nobody reads are passed over unparsed; whatever is not in plain sight is parsed."""

import pytest

from batten.formats.kubernetes.recognise import Recogniser
from formats.kubernetes.reading import DATA, read


def wants(text: str) -> bool:
    return Recogniser({}).wants(text)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\n",
        "kind: Pod\napiVersion: v1",
        "---\n# a comment\nkind: Pod  # another, with kind: Nothing\napiVersion: v1\n",
        "\ufeffapiVersion: v1\nkind: Pod\n",
        "apiVersion: v1\r\nkind: Pod\r\n",
        "apiVersion: v1\rkind: Pod\r",
        "apiVersion: v1\u2028kind: Pod\u2028",
        "apiVersion: 'apps/v1'\nkind: \"Deployment\"\n",
        "  apiVersion: v1\n  kind: Pod\n",
        '{"apiVersion": "v1", "kind": "Pod"}',
        '--- {"apiVersion": "v1", "kind": "Pod"}',
        "{apiVersion: v1,\nkind: Pod}",
        "apiVersion: v1\nkind: List\nitems:\n- kind: Deployment\n  apiVersion: apps/v1\n",
        "apiVersion: apps/v1\nkind: DeploymentList\nitems: []\n",
        '{"apiVersion": "v1", "kind": "List", "items": [{"kind":\n"Pod"}]}',
        "apiVersion: example.com/v1\nkind: Table\nkind: Pod\n",
        "apiVersion: example.com/v1\nkind: Table\n? kind\n: Pod\n",
        'apiVersion: example.com/v1\nkind: Table\n"kind": Pod\n',
        "apiVersion: example.com/v1\nkind: Table\n<<: {kind: Pod}\n",
        "apiVersion: v1\nkind: !!str Pod\n",
        "apiVersion: v1\nkind: &kind Pod\n",
        "apiVersion: v1\nkind:\n  Pod\n",
        "apiVersion: v1\nkind : Pod\n",
        "apiVersion: {{ .Version }}\nkind: Deployment\n",
        "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\n",
        "apiVersion: v1\nkind: Gateway # gateway.networking.k8s.io/v1\n",
    ],
)
def test_objects_are_wanted_however_they_are_written(text: str):
    assert wants(text)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: networking.istio.io/v1\nkind: Gateway\nspec: {}\n",
        "apiVersion: example.com/v1\nkind: Table # like a kind: Pod\n",
        "apiVersion: example.com/v1\nkind: Table\nspec:\n  kind: Pod\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
        "apiVersion: example.com/v1 # apps/v1\nkind: Table\n",
        "image: nginx\nobject:\n  apiVersion: v1\n  kind: Pod\n",
        "kind: Deployment\nimage: nginx\n",
        '{"name": "package", "kind": "Pod"}',
        '{"apiVersion": "example.com/v1", "kind": "Table"}',
        "apiVersion: v1\nkind: List\nitems:\n- kind: Table\n",
    ],
)
def test_other_documents_are_passed_over(text: str):
    assert not wants(text)


def test_definitions_of_custom_resources_are_passed_over_whatever_kinds_they_speak_of():
    assert not wants((DATA / "crd.yaml").read_text("utf-8"))


def test_a_file_of_nothing_but_passed_over_objects_is_still_a_file_of_kubernetes():
    reading = read((DATA / "crd.yaml").read_text("utf-8"))
    assert (reading.recognised, reading.nouns, reading.problems) == (True, [], [])


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v2\nname: chart\nkind_of: thing\n",
        "name: build\non: push\njobs: {kind: {env: {apiVersion: v1}}}\n",
        "services: {web: {image: nginx, labels: {apiVersion: v1, kind: Pod}}}\n",
    ],
)
def test_files_of_other_formats_are_not_recognised(text: str):
    reading = read(text)
    assert (reading.recognised, reading.nouns, reading.problems) == (False, [], [])


def test_long_runs_cost_no_more_than_their_length():
    blanks = " " * 200_000
    for text in (
        f"kind:{blanks}x\napiVersion: v1\n",
        f"apiVersion: a/v1\nkind: T\n{blanks}containers:{blanks}\n{blanks}",
    ):
        wants(text)  # a quadratic expression would take minutes
