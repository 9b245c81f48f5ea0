"""Overlays as targets: what is judged, where it is shown, and which file a fix edits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batten import api
from batten.model.report import Report
from batten.model.settings import Settings

BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: app
        image: nginx:1.29.3
        securityContext:
          privileged: true
"""
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
      - name: app
        securityContext:
          privileged: false
"""
FILES = {"base/web.yaml": BASE, "base/kustomization.yaml": "resources: [web.yaml]\n"}
TWO = {
    **FILES,
    "dev/kustomization.yaml": "resources: [../base]\nnamespace: dev\nimages:\n- {name: nginx, newTag: latest}\n",
    "prod/kustomization.yaml": "resources: [../base]\nnamespace: prod\npatches:\n- path: patch.yaml\n",
    "prod/patch.yaml": PATCH,
}


def write(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)


def scanned(folder: Path, files: dict[str, str], **settings: object) -> Report:
    return api.scan([write(folder, files)], Settings(**settings)).report  # type: ignore[arg-type]


def places(report: Report, folder: Path, *checks: str) -> list[tuple[str, str, int, str, str]]:
    return sorted(
        (
            one.check,
            str(Path(one.location.path).relative_to(folder)),
            one.location.line,
            one.resource.namespace,
            one.resource.name,
        )
        for one in report.findings
        if one.check in checks
    )


def test_a_finding_stands_where_its_value_was_written(tmp_path: Path):
    report = scanned(tmp_path, TWO)
    assert places(report, tmp_path, "PRV001", "NET001", "IMG001") == [
        ("IMG001", "dev/kustomization.yaml", 4, "dev", "web"),
        ("NET001", "prod/patch.yaml", 7, "prod", "web"),
        ("PRV001", "base/web.yaml", 13, "", "web"),  # the overlay of production takes it back
    ]
    assert report.targets[0].problems == []


def test_a_base_that_cannot_be_built_is_one_problem_where_it_stands(tmp_path: Path):
    files = {
        "base/kustomization.yaml": "resources: [web.yaml]\nhelmCharts: [{name: redis}]\n",
        "base/web.yaml": BASE,
        **{f"{name}/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n" for name in "ab"},
        **{f"{name}/p.yaml": BASE.replace("image: nginx", "tty: true") for name in "ab"},
    }
    report = scanned(tmp_path, files, fail_on="none")
    [problem] = report.targets[0].problems
    assert (problem.path.endswith("base/kustomization.yaml"), problem.line, problem.severe) == (True, 2, True)
    assert report.exit_code == 3


def test_what_overlays_share_is_told_once(tmp_path: Path):
    more = {f"{name}/kustomization.yaml": f"resources: [../base]\nnamespace: {name}\n" for name in ("a", "b", "c")}
    alone = scanned(tmp_path / "alone", FILES)
    three = scanned(tmp_path / "three", {**FILES, **more})
    told = [one.fingerprint for one in three.findings]
    assert len(told) == len(set(told))
    assert places(three, tmp_path / "three", "PRV001", "RUN010") == places(
        alone, tmp_path / "alone", "PRV001", "RUN010"
    )
    assert {one.fingerprint for one in alone.findings} == set(told)


def test_one_entry_of_images_is_blamed_once(tmp_path: Path):
    base = BASE.replace(
        "      containers:\n", "      initContainers:\n      - {name: i, image: nginx}\n      containers:\n"
    )
    report = scanned(tmp_path, {**TWO, "base/web.yaml": base})
    assert [place[1:3] for place in places(report, tmp_path, "IMG001") if place[1].startswith("dev")] == [
        ("dev/kustomization.yaml", 4)
    ]


@pytest.mark.parametrize(
    ("kustomization", "words"),
    [
        ("resources: ['https://example.com/a.yaml']\n", "lies elsewhere"),
        ("resources: ['github.com/a/b?ref=main']\n", "lies elsewhere"),
        ("resources: [web.yaml]\nhelmCharts: [{name: redis}]\n", "Helm charts"),
        (
            'resources: [web.yaml]\ntransformers: ["{apiVersion: a/v1, kind: Own, metadata: {name: a}}\\n"]\n',
            "it uses the transformer Own",
        ),
        ("resources: [web.yaml]\ntransformers: [a.yaml]\n", "found none in the target"),
        ("resources: [web.yaml]\nconfigurations: [a.yaml]\n", "found nothing there in the target"),
        (
            "resources: [web.yaml]\nvars: [{name: A, objref: {kind: Pod, name: b}}]\n",
            "expected the object of the var A",
        ),
        ("resources: [web.yaml]\nvars: [{name: A}]\n", "expected a var with a name and an objref"),
        ("resources: [gone.yaml]\n", "found none in the target"),
        ("resources: [../outside]\n", "lies outside of the target"),
        ("resources: [web.yaml, web.yaml]\n", "once, found it twice"),
        ("resources: [web.yaml]\nresorces: []\n", "expected a field of a kustomization, found 'resorces'"),
        ("resources: [.]\n", "leads to itself"),
        ("resources: [web.yaml]\npatches: [{path: none.yaml}]\n", "found nothing there"),
        ("resources: [web.yaml]\npatches: [{patch: '[{op: remove, path: /a}]'}]\n", "expected a target"),
        ("resources: [web.yaml]\nreplicas: [{name: other, count: 1}]\n", "found none"),
        ("resources: [web.yaml]\nresources: {a: b}\n", "expected a list in resources"),
        ("- a\n", "expected one mapping"),
        ("resources: [web.yaml\n", "kustomization.yaml"),
        ("kind: Deployment\nresources: [web.yaml]\n", "expected a Kustomization or Component"),
    ],
)
def test_what_cannot_be_built_is_a_problem_and_the_files_are_judged_as_they_are(
    tmp_path: Path, kustomization: str, words: str
):
    report = scanned(tmp_path, {"kustomization.yaml": kustomization, "web.yaml": BASE}, fail_on="none")
    [problem] = report.targets[0].problems
    assert problem.path.endswith("kustomization.yaml")
    assert words in problem.message
    assert problem.severe
    assert report.exit_code == 3
    assert len(places(report, tmp_path, "PRV001")) == 1


def test_a_kustomization_of_another_tool_is_none(tmp_path: Path):
    flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./b}\n"
    assert scanned(tmp_path, {"kustomization.yaml": flux, "web.yaml": BASE}).targets[0].problems == []


def test_a_component_counts_where_it_is_used(tmp_path: Path):
    part = "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches:\n- path: patch.yaml\n"
    files = {**FILES, "part/kustomization.yaml": part, "part/patch.yaml": PATCH}
    used = {"prod/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n"}
    report = scanned(tmp_path, {**files, **used})
    assert places(report, tmp_path, "NET001") == [("NET001", "part/patch.yaml", 7, "", "web")]
    assert report.targets[0].problems == []


def test_a_patch_that_is_scanned_alone_is_told_of(tmp_path: Path):
    write(tmp_path, TWO)
    report = api.scan([str(tmp_path / "prod" / "patch.yaml")], Settings()).report
    assert report.exit_code == 3
    assert "Kustomize patch" in report.targets[0].problems[0].message


def test_the_verdict_of_a_framework_is_that_of_what_is_deployed(tmp_path: Path):
    patch = "patches:\n- target: {kind: Deployment}\n  patch: |-\n"
    patch += "    - {op: remove, path: /spec/template/spec/containers/0/securityContext}\n"
    files = {"web.yaml": BASE, "kustomization.yaml": "resources: [web.yaml]\n"}
    assert scanned(tmp_path, files, frameworks=("pss-baseline",)).exit_code == 1
    files["kustomization.yaml"] += patch
    assert scanned(tmp_path, files, frameworks=("pss-baseline",)).exit_code == 0


def test_a_comment_in_the_base_waives_there(tmp_path: Path):
    base = BASE.replace(
        "privileged: true", "privileged: true  # batten: ignore[PRV001] a driver by @ops until 2099-01-01"
    )
    report = scanned(tmp_path, {**TWO, "base/web.yaml": base})
    assert [one.status for one in report.findings if one.check == "PRV001"] == ["waived"]


def test_a_key_that_stands_twice_in_a_resource_is_told(tmp_path: Path):
    base = BASE + "          privileged: false\n"
    report = scanned(tmp_path, {**FILES, "base/web.yaml": base})
    [problem] = report.targets[0].problems
    assert "stands twice" in problem.message
    assert problem.path.endswith("web.yaml")
    assert not problem.severe


@pytest.mark.parametrize(
    "naming",
    [
        "patches:\n- path: ../more/patch.yaml\n- path: ../more/patch.yaml\n",
        "patchesStrategicMerge: [../more/patch.yaml]\n",
        "configMapGenerator:\n- name: c\n  files: [../more/patch.yaml]\n",
    ],
)
def test_a_file_above_its_folder_is_noted_once(tmp_path: Path, naming: str):
    files = {**FILES, "more/patch.yaml": PATCH, "prod/kustomization.yaml": f"resources: [../base]\n{naming}"}
    target = scanned(tmp_path, files).targets[0]
    [problem] = target.problems
    assert "--load-restrictor LoadRestrictionsNone" in problem.message
    assert problem.path.endswith("prod/kustomization.yaml")
    assert (problem.severe, target.status) == (False, "complete")


def test_a_base_above_its_folder_is_not_noted(tmp_path: Path):
    assert scanned(tmp_path, TWO).targets[0].problems == []


def test_a_wrong_type_is_told_where_it_stands(tmp_path: Path):
    report = scanned(tmp_path, {**TWO, "prod/patch.yaml": PATCH.replace("hostNetwork: true", "hostNetwork: 7")})
    [problem] = report.targets[0].problems
    assert problem.path.endswith("prod/patch.yaml")
    assert problem.line == 7


def test_fixes_edit_the_file_that_decides(tmp_path: Path):
    plan = api.fix([write(tmp_path, TWO)], Settings(), review=True)
    texts = {patch.path: patch.after.text() for patch in plan.patches}
    assert sorted(texts) == ["base/web.yaml", "prod/patch.yaml"]
    assert "privileged: false" in texts["base/web.yaml"]
    assert "readOnlyRootFilesystem: true" in texts["base/web.yaml"]
    assert "hostNetwork: false" in texts["prod/patch.yaml"]
    for path, text in texts.items():
        (tmp_path / path).write_text(text)
    again = api.fix([str(tmp_path)], Settings(), review=True)
    assert [patch.path for patch in again.patches] == []
    report = api.scan([str(tmp_path)], Settings()).report
    assert not {"PRV001", "PRV002", "PRV004", "NET001", "RUN009"} & {one.check for one in report.findings}


def inline(patch: str, quote: str = "") -> str:
    if quote:
        return f"resources: [web.yaml]\npatches:\n- patch: {json.dumps(patch)}\n"
    lines = "".join(f"    {line}\n" if line else "\n" for line in patch.rstrip().split("\n"))
    return f"resources: [web.yaml]\npatches:\n- patch: |-\n{lines}\n- target: {{kind: Service}}\n  patch: '[]'\n"


def test_a_patch_that_is_a_block_of_text_is_read_and_edited_line_by_line(tmp_path: Path):
    files = {"web.yaml": BASE, "kustomization.yaml": inline("# why\n" + PATCH.replace("true", "true  # for now"))}
    root = write(tmp_path, files)
    [network] = [one for one in api.scan([root], Settings()).report.findings if one.check == "NET001"]
    at = files["kustomization.yaml"].split("\n").index("          hostNetwork: true  # for now") + 1
    assert (network.location.path, network.location.line) == (f"{root}/kustomization.yaml", at)
    plan = api.fix([root], Settings(checks=("NET001",)), review=True)
    [patch] = plan.patches
    assert patch.after.text() == files["kustomization.yaml"].replace("hostNetwork: true", "hostNetwork: false")


def test_the_value_of_an_operation_is_edited(tmp_path: Path):
    operations = "- op: add\n  path: /spec/template/spec/hostPID\n  value: true\n"
    kustomization = inline(operations).replace("- patch: |-", "- target: {kind: Deployment}\n  patch: |-")
    files = {"web.yaml": BASE, "kustomization.yaml": kustomization}
    plan = api.fix([write(tmp_path, files)], Settings(checks=("PRV011",)), review=True)
    [patch] = plan.patches
    assert patch.after.text() == kustomization.replace("value: true", "value: false")


def test_keys_are_put_into_a_patch_that_is_a_block_of_text(tmp_path: Path):
    bare = BASE.replace("        securityContext:\n          privileged: true\n", "")
    files = {"web.yaml": bare, "kustomization.yaml": inline(PATCH)}
    plan = api.fix([write(tmp_path, files)], Settings(checks=("PRV004",)), review=True)
    [mended] = plan.patches
    written = "              privileged: false\n"
    wanted = f"{written}              allowPrivilegeEscalation: false\n"
    assert mended.after.text() == files["kustomization.yaml"].replace(written, wanted)


def test_a_patch_that_is_written_otherwise_is_not_edited(tmp_path: Path):
    files = {"web.yaml": BASE, "kustomization.yaml": inline(PATCH, '"')}
    plan = api.fix([write(tmp_path, files)], Settings(), review=True)
    [mine] = [one for one in plan.proposals if one.finding.check == "NET001"]
    assert not mine.applied
    assert "a patch that is a text" in mine.reason


def test_an_alias_bomb_in_a_resource_is_refused(tmp_path: Path):
    bomb = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nx0: &x0 [1,1,1,1,1,1,1,1,1,1]\n"
    bomb += "".join(f"x{n}: &x{n} [{','.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 9))
    files = {"a.yaml": bomb, "kustomization.yaml": "resources: [a.yaml]\nimages: [{name: a, newTag: b}]\n"}
    problems = scanned(tmp_path, files).targets[0].problems
    assert any("kustomization.yaml" in one.path and one.severe for one in problems)


def test_a_chain_of_bases_has_an_end(tmp_path: Path):
    files = {f"{n}/kustomization.yaml": f"resources: [../{n + 1}]\n" for n in range(60)}
    files["60/kustomization.yaml"] = "resources: [web.yaml]\n"
    files["60/web.yaml"] = BASE
    report = scanned(tmp_path, files)
    assert report.exit_code in (1, 3)
    assert places(report, tmp_path, "PRV001") == [("PRV001", "60/web.yaml", 13, "", "web")]


@pytest.mark.parametrize("name", ["no***thing", "(a+)+b", "(", "a{1,9}{1,9}", ".*.*.*.*.*x"])
def test_an_expression_that_is_none_or_may_not_end_is_refused(tmp_path: Path, name: str):
    head = "resources: [web.yaml]\n"
    patches = f"patches:\n- target: {{name: '{name}'}}\n  patch: '[{{op: remove, path: /spec/replicas}}]'\n"
    target = f"targets: [{{select: {{name: '{name}'}}, fieldPaths: [spec.a]}}]"
    replacement = f"replacements:\n- source: {{kind: Deployment, name: web}}\n  {target}\n"
    for number, more in enumerate((patches, replacement)):
        report = scanned(tmp_path / str(number), {"web.yaml": BASE, "kustomization.yaml": head + more})
        [problem] = report.targets[0].problems
        assert "expression" in problem.message
        assert problem.severe


@pytest.mark.parametrize("path", ["/metadata", "/metadata/name", "/kind"])
def test_a_patch_that_leaves_no_object_is_refused(tmp_path: Path, path: str):
    patch = f"patches:\n- target: {{kind: Deployment}}\n  patch: '[{{op: remove, path: {path}}}]'\n"
    report = scanned(tmp_path, {"web.yaml": BASE, "kustomization.yaml": "resources: [web.yaml]\n" + patch})
    [problem] = report.targets[0].problems
    assert "expected a" in problem.message
    assert problem.severe


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            "helmCharts:\n- {name: web, repo: https://charts.example}\n",
            "kustomize build --enable-helm . | batten scan -",
        ),
        ("resources: [https://git.example/a//base?ref=v1]\n", "kustomize build . | batten scan -"),
    ],
)
def test_what_only_the_program_builds_is_refused_with_its_command(tmp_path: Path, text: str, command: str):
    (tmp_path / "kustomization.yaml").write_text(text)
    report = api.scan([str(tmp_path)], Settings()).report
    [problem] = report.targets[0].problems
    assert problem.severe
    assert problem.message.endswith(f"to have it judged, in its folder: {command}")
    assert report.exit_code == 3
