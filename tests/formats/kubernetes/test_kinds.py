"""Every kind that holds a pod template gives a workload."""

from batten.formats.kubernetes import READER
from batten.model.objects import KubernetesObject
from batten.model.values import UNKNOWN, User
from batten.model.workload import Workload
from formats.kubernetes.reading import made, of, read, read_data


def test_every_kind_gives_one_workload_of_its_name():
    reading = read_data("kinds.yaml")
    found = of(reading, Workload)
    assert [workload.kind.lower() for workload in found] == [workload.name for workload in found]
    assert len(found) == 13
    assert reading.problems == []
    assert {container.image.repository for workload in found for container in workload.containers} == {"app"}  # type: ignore[union-attr]


def test_a_knative_container_without_a_name_is_called_like_its_service():
    service = next(workload for workload in of(read_data("kinds.yaml"), Workload) if workload.name == "service")
    assert service.containers[0].name == "service"


def test_every_object_that_is_read_is_an_object_too():
    found = of(read_data("declared.yaml"), KubernetesObject)
    assert [(one.api_version, one.kind) for one in found][-2:] == [
        ("policy/v1", "PodDisruptionBudget"),
        ("storage.k8s.io/v1beta1", "CSIDriver"),
    ]
    assert len(found) == 11


def test_lists_are_read_and_items_of_a_typed_list_take_its_kind():
    first, second = of(read_data("list.json"), Workload)
    assert (first.kind, first.name, first.namespace) == ("Deployment", "first", "a")
    assert first.containers[0].where("privileged").location().line == 11
    assert (second.kind, second.object_pointer) == ("Pod", ("items", 1))
    assert second.metadata_pointer == ("items", 1, "metadata")


def test_all_templates_of_an_object_are_read_and_told_apart():
    found = of(read_data("replicas.yaml"), Workload)
    assert [workload.name for workload in found] == ["ray", "ray/small", "ray/gpu"]
    assert len({workload.id for workload in found}) == 3
    assert found[1].labels == {"group": "small"}
    assert found[2].pointer == ("spec", "workerGroupSpecs", 1, "template", "spec")


def test_an_argo_workflow_gives_the_containers_of_all_its_templates():
    reading = read_data("workflow.yaml")
    (nightly,) = of(reading, Workload)
    assert (nightly.host_network, nightly.service_account) == (True, "builder")
    assert [(container.name, container.kind) for container in nightly.containers] == [
        ("clone", "init"),
        ("build", "main"),
        ("docker", "sidecar"),
        ("report", "main"),
        ("one", "main"),
    ]
    build = nightly.containers[1]
    assert build.privileged is True
    assert build.pointer == ("spec", "workflowSpec", "templates", 1, "container")
    assert build.user == User(must_not_be_root=True)


def test_an_argo_expression_is_unknown_but_no_problem_since_nothing_can_render_it():
    reading = read_data("workflow.yaml")
    assert of(reading, Workload)[0].containers[1].image is UNKNOWN
    assert reading.problems == []


CUSTOM = """
apiVersion: example.com/v1
kind: Machine
metadata: {name: m}
spec:
  pod:
    spec: {containers: [{name: app, image: "app:1"}]}
  bare: {containers: [{name: other, image: "app:1"}]}
"""


def test_a_kind_that_nobody_knows_is_passed_over_and_told():
    reading = read("apiVersion: example.com/v1\nkind: Machine\nspec:\n  containers:\n  - name: app\n")
    assert reading.nouns == []
    (problem,) = reading.problems
    assert not problem.severe
    assert "example.com/Machine holds containers" in problem.message


def test_the_users_table_names_the_paths_of_a_custom_kind():
    found = of(read(CUSTOM, **{"example.com/Machine": "spec.pod, spec.bare"}), Workload)
    assert [workload.pointer for workload in found] == [("spec", "pod", "spec"), ("spec", "bare")]
    assert [workload.id for workload in found] == ["./kubernetes//Machine/m/pod", "./kubernetes//Machine/m/bare"]


def test_the_users_table_may_leave_the_group_out():
    assert len(of(read(CUSTOM, Machine="spec.pod"), Workload)) == 1


def test_a_path_of_the_users_table_that_leads_to_nothing_is_told():
    reading = read(CUSTOM, Machine="spec.nowhere")
    assert of(reading, Workload) == []
    assert [problem.message for problem in reading.problems] == [
        "expected a pod template at spec.nowhere, as [kubernetes.pod-templates] says, found none"
    ]


def test_a_rollout_that_refers_to_a_deployment_is_no_problem():
    text = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\nspec: {workloadRef: {name: web}}\n"
    reading = read(text)
    assert of(reading, Workload) == []
    assert reading.problems == []


def test_a_controller_without_a_template_is_told_and_not_judged():
    reading = read("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 2}\n")
    assert of(reading, Workload) == []
    (problem,) = reading.problems
    message = (
        "expected a pod spec at spec.template.spec, found none: the file was cut off, or this is a part of an object"
    )
    assert (problem.message, problem.severe) == (message, True)


def test_names_of_manifests_and_standard_input_are_wanted():
    assert [READER.wants_name(path) for path in ("-", "a/b.yaml", "B.YML", "x.json", "x.tf", "Dockerfile")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_only_files_that_speak_of_version_and_kind_are_wanted():
    assert READER.wants(made("apiVersion: v1\nkind: Pod\n"))
    assert not READER.wants(made("services: {web: {image: nginx}}\n"))


def test_templates_of_one_object_are_told_apart_by_where_they_stand():
    text = """\
apiVersion: leaderworkerset.x-k8s.io/v1
kind: LeaderWorkerSet
metadata: {name: lws}
spec:
  leaderWorkerTemplate:
    leaderTemplate: {spec: {containers: [{name: c, image: "x:1"}]}}
    workerTemplate: {spec: {containers: [{name: c, image: "x:1"}]}}
"""
    assert [one.name for one in of(read(text), Workload)] == ["lws/leader", "lws/worker"]
    lone = text.replace('    leaderTemplate: {spec: {containers: [{name: c, image: "x:1"}]}}\n', "")
    assert [one.name for one in of(read(lone), Workload)] == ["lws"]
