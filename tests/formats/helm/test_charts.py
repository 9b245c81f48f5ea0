"""Charts as targets: what is judged, where it is shown, and which file a fix edits."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from batten import api
from batten.engine.fix import FixPlan
from batten.model.report import Finding, Report
from batten.model.settings import ChartSettings, HelmSettings, Settings
from batten.report.groups import Entry
from batten.report.words import Commands
from formats.helm.conftest import Recorded

DATA = Path(__file__).parents[2] / "data" / "helm"

pytestmark = pytest.mark.usefixtures("helm")


@pytest.fixture
def web(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "web", tmp_path / "web"))


def scanned(chart: Path | str, **settings: object) -> Report:
    return api.scan([str(chart)], Settings(**settings)).report  # type: ignore[arg-type]


def found(report: Report, check: str, name: str = "") -> Finding:
    (only,) = [
        one for one in report.findings if one.check == check and name in ((one.resource and one.resource.name) or "")
    ]
    return only


def place(one: Finding, folder: Path) -> tuple[str, int]:
    return Path(one.location.path).relative_to(folder).as_posix(), one.location.line


def beside(one: Finding, folder: Path) -> list[tuple[str, int]]:
    return [(Path(each.path).relative_to(folder).as_posix(), each.line) for each in one.related]


def text(plan: FixPlan, path: str) -> str:
    (patch,) = [one for one in plan.patches if one.path == path]
    return patch.after.text()


def test_a_finding_stands_at_the_value_with_the_line_of_the_template_beside_it(web: Path):
    network = found(scanned(web), "NET001")
    assert place(network, web) == ("values.yaml", 12)
    assert beside(network, web) == [("templates/deployment.yaml", 19)]


def test_text_of_a_template_stands_where_it_is_written(web: Path):
    privileged = found(scanned(web), "PRV001", "web-web")
    assert place(privileged, web) == ("templates/deployment.yaml", 31)
    assert privileged.related == []


def test_text_that_is_included_stands_in_the_template_that_holds_it(web: Path):
    (hardening,) = {place(one, web) for one in scanned(web).findings if one.check in ("PRV004", "PRV007", "RUN002")}
    assert hardening == ("templates/_helpers.tpl", 12)


def test_an_item_of_a_range_in_an_include_is_the_item_in_the_values(web: Path):
    port = found(scanned(web), "NET002")
    assert place(port, web) == ("values.yaml", 19)
    assert beside(port, web) == [("templates/_helpers.tpl", 23)]


def test_a_value_that_the_parent_sets_for_its_sub_chart_stands_in_the_parent(web: Path):
    report = scanned(web)
    assert place(found(report, "PRV001", "web-cache"), web) == ("values.yaml", 29)
    assert place(found(report, "PRV011"), web) == ("charts/cache/values.yaml", 2)


def test_tests_are_not_judged_and_nothing_is_told_twice(web: Path):
    report = scanned(web)
    assert {one.resource.name for one in report.findings if one.resource is not None} == {"web-web", "web-cache"}
    assert report.targets[0].problems == []


def test_values_of_the_command_line_win(web: Path):
    given = HelmSettings(values=(str(web / "env" / "prod.yaml"),), sets=(("cache.enabled=false", False),))
    report = scanned(web, helm=given)
    assert {one.check for one in report.findings} & {"NET001", "NET002", "PRV011"} == set()
    assert [one.check for one in report.findings if one.resource is not None and one.resource.name == "web-cache"] == []


def test_the_configuration_names_release_and_values_of_a_chart(web: Path):
    (web.parent / "batten.toml").write_text(
        '[helm."web"]\nrelease = "shop"\nnamespace = "eu"\nvalues = ["web/env/prod.yaml"]\n'
        'set = ["cache.privileged=false"]\n'
    )
    report = api.scan([str(web.parent)], api.settings_for(path=str(web.parent / "batten.toml"))).report
    names = {(one.resource.namespace, one.resource.name) for one in report.findings if one.resource is not None}
    assert names == {("", "shop-web"), ("eu", "shop-cache")}
    assert not any(one.check in ("NET001", "NET002") for one in report.findings)


def test_fingerprints_stay_when_a_value_moves_to_another_file(web: Path):
    before = found(scanned(web), "NET001")
    values = web / "values.yaml"
    values.write_text(values.read_text().replace("hostNetwork: true\n", ""))
    (web / "more.yaml").write_text("hostNetwork: true\n")
    after = found(scanned(web, helm=HelmSettings(values=(str(web / "more.yaml"),))), "NET001")
    assert place(after, web) == ("more.yaml", 1)
    assert after.fingerprint == before.fingerprint


def test_what_set_decides_stands_at_the_template_and_is_not_edited(web: Path):
    settings = Settings(helm=HelmSettings(sets=(("hostNetwork=true", False),)))
    plan = api.fix([str(web)], settings, review=True)
    (network,) = [one for one in plan.proposals if one.finding.check == "NET001"]
    assert place(network.finding, web) == ("templates/deployment.yaml", 19)
    assert network.reason == "a --set of this run decides it; change that"


def test_a_fix_edits_the_value_and_keeps_the_comments(web: Path):
    plan = api.fix([str(web)], review=True)
    values = text(plan, "values.yaml")
    assert "securityContext:  # filled by each team\n  allowPrivilegeEscalation: false\n" in values
    assert "# who may pull\nimage:\n" in values
    assert "hostNetwork: false\n" in values
    assert "hostPort" not in values
    assert "  enabled: true\n  privileged: false\n" in values
    assert text(plan, "charts/cache/values.yaml") == "privileged: false\nhostPID: false\n"


def test_a_fix_puts_keys_into_the_text_of_a_template(web: Path):
    template = text(api.fix([str(web)], review=True), "templates/deployment.yaml")
    assert "            privileged: false\n          {{- if .Values.extra.env }}\n" in template
    assert "          securityContext:\n            allowPrivilegeEscalation: false\n" in template
    before = (web / "templates" / "deployment.yaml").read_text().splitlines()
    assert set(before) - set(template.splitlines()) == {"            privileged: true"}


def test_what_was_mended_is_gone_when_it_is_scanned_again(web: Path):
    from batten.engine.fix import write

    plan = api.fix([str(web)], review=True)
    write(plan.patches, allow_dirty=True)
    left = scanned(web)
    mended = {one.finding.fingerprint for one in plan.proposals if one.applied}
    assert mended
    assert mended & {one.fingerprint for one in left.findings} == set()
    assert left.findings == []
    assert left.targets[0].problems == []


def test_an_edit_with_which_nothing_renders_is_no_fix(web: Path, helm: Recorded):
    (web / "templates" / "guard.yaml").write_text(
        '{{- if not (index .Values "hostNetwork") }}{{ fail "the host network is needed" }}{{ end }}\n'
    )
    plan = api.fix([str(web)], review=True)
    (network,) = [one for one in plan.proposals if one.finding.check == "NET001"]
    assert not network.applied
    assert "the host network is needed" in network.reason
    assert any(one.applied for one in plan.proposals)


def test_a_value_outside_of_the_target_is_read_and_not_edited(web: Path, tmp_path: Path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("hostNetwork: true\n")
    plan = api.fix([str(web)], Settings(helm=HelmSettings(values=(str(outside),))), review=True)
    (network,) = [one for one in plan.proposals if one.finding.check == "NET001"]
    assert network.finding.location.path == str(outside)
    assert "outside of the target" in network.reason


def test_a_packed_chart_is_judged_and_not_written(web: Path, tmp_path: Path):
    packed = tmp_path / "web-1.2.0.tgz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(web, "web")
    report = scanned(packed)
    assert {one.check for one in report.findings} == {one.check for one in scanned(web).findings}
    network = found(report, "NET001")
    assert network.location.path.endswith("web-1.2.0.tgz!web/values.yaml")


def test_a_packed_sub_chart_is_judged_and_edited_through_the_values_of_its_parent(web: Path):
    with tarfile.open(web / "charts" / "cache-0.1.0.tgz", "w:gz") as archive:
        archive.add(web / "charts" / "cache", "cache")
    shutil.rmtree(web / "charts" / "cache")
    plan = api.fix([str(web)], review=True)
    by_check = {one.finding.check: one for one in plan.proposals if one.finding.resource.name == "web-cache"}  # type: ignore[union-attr]
    assert by_check["PRV001"].applied
    assert by_check["PRV011"].finding.location.path.endswith("cache-0.1.0.tgz!cache/values.yaml")
    assert "packed chart" in by_check["PRV011"].reason


def test_a_missing_dependency_is_one_line_and_the_rest_is_judged(web: Path):
    values = web / "values.yaml"
    values.write_text(values.read_text().replace("  enabled: false\n", "  enabled: true\n"))
    report = scanned(web)
    (problem,) = report.targets[0].problems
    told = "the dependency is missing in charts/ and not judged: metrics; run helm dependency build there"
    assert problem.message == told
    assert found(report, "NET001")


def test_what_helm_refuses_is_one_line_at_the_template(web: Path):
    (web / "templates" / "bad.yaml").write_text('a: 1\nb: {{ required "say who owns it: owner" .Values.owner }}\n')
    report = scanned(web)
    (problem,) = report.targets[0].problems
    assert (Path(problem.path).name, problem.line) == ("bad.yaml", 2)
    assert "say who owns it: owner" in problem.message
    assert report.exit_code == 3


def test_a_library_chart_gives_nothing_and_is_no_problem(tmp_path: Path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: lib\nversion: 0.1.0\ntype: library\n")
    (tmp_path / "templates" / "_pod.tpl").write_text('{{- define "lib.pod" -}}\nkind: Pod\n{{- end }}\n')
    report = scanned(tmp_path)
    assert (report.findings, report.targets[0].problems) == ([], [])


def test_what_lies_beside_a_chart_in_its_folder_is_judged_by_itself(web: Path):
    (web / "Dockerfile").write_text("FROM debian:13\nUSER root\n")
    (web / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: own}\nspec:\n  hostPID: true\n"
        "  containers: [{name: own, image: 'registry.example/own:1.0'}]\n"
    )
    shown = {Path(one.location.path).name for one in scanned(web).findings}
    assert {"Dockerfile", "pod.yaml", "values.yaml"} <= shown


def test_two_charts_are_two_scopes(web: Path):
    shutil.copytree(web, web.parent / "other")
    report = scanned(web.parent)
    assert len({one.fingerprint for one in report.findings if one.check == "NET001"}) == 2


def test_a_chart_setting_of_another_folder_is_not_meant(web: Path):
    charts = {str(web.parent / "elsewhere"): ChartSettings(sets=("hostNetwork=false",))}
    assert found(scanned(web, helm=HelmSettings(charts=charts)), "NET001")


def test_without_anything_that_renders_the_command_that_adds_it_is_told(
    web: Path, helm: Recorded, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(helm, "available", lambda: False)
    report = scanned(web)
    assert any("pip install 'batten[helm]'" in one.message for one in report.targets[0].problems)
    assert report.exit_code == 3


def test_a_value_that_something_else_prints_too_is_not_edited(web: Path):
    (web / "templates" / "copy.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: copy}\n"
        "data:\n  context.json: {{ toJson .Values.securityContext | quote }}\n"
    )
    plan = api.fix([str(web)], review=True)
    told = "it would change more than it says where the chart is rendered: data.context.json of ConfigMap copy"
    assert told in {one.reason for one in plan.proposals}
    assert any(one.applied for one in plan.proposals)
    assert not any(
        patch.path == "values.yaml" and "allowPrivilegeEscalation" in patch.after.text() for patch in plan.patches
    )


def test_a_checksum_of_what_is_edited_may_change(web: Path):
    template = web / "templates" / "deployment.yaml"
    head = "metadata:\n  annotations:\n    checksum/values: {{ toYaml .Values | sha256sum }}\n"
    template.write_text(template.read_text().replace("metadata:\n", head, 1))
    (network,) = [one for one in api.fix([str(web)], review=True).proposals if one.finding.check == "NET001"]
    assert network.applied, network.reason


@pytest.mark.parametrize(
    "template",
    [
        '{{ fail (printf "expected another than %s" .Values.adminPassword) }}\n',
        "a: {{ tpl .Values.adminPassword . }}\n",
    ],
)
def test_what_helm_quotes_of_a_secret_is_not_told(web: Path, template: str):
    values = web / "values.yaml"
    values.write_text(values.read_text() + 'adminPassword: "Sup3r{{S3cretWord"\n')
    (web / "templates" / "bad.yaml").write_text(template)
    (problem,) = scanned(web).targets[0].problems
    assert Path(problem.path).name == "bad.yaml"
    assert "S3cretWord" not in problem.message
    assert "…" in problem.message


def test_a_place_is_told_whole_though_a_secret_is_called_as_the_chart(web: Path):
    values = web / "values.yaml"
    values.write_text(values.read_text() + "adminPassword: templates\njoinTokenSecret: {name: wanted-here}\n")
    (web / "templates" / "bad.yaml").write_text('{{ fail "wanted here: another of templates" }}\n')
    (problem,) = scanned(web).targets[0].problems
    assert "/templates/bad.yaml:1:" in problem.message
    assert problem.message.endswith("wanted here: another of …")


def test_a_brace_before_an_action_costs_no_places(web: Path):
    (web / "templates" / "nginx.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nginx}\ndata:\n  nginx.conf: |\n"
        "    location / {\n    {{- if true }}\n      root /app;\n    {{- end }}\n    }\n"
    )
    found = [one for one in scanned(web).findings if one.check == "NET001"]
    assert found
    assert all(Path(one.location.path).name in ("values.yaml", "deployment.yaml") for one in found)
    assert all(one.location.line > 1 for one in found)


def test_an_included_text_that_is_empty_takes_no_edit(web: Path):
    template = web / "templates" / "deployment.yaml"
    text = template.read_text()
    assert "      containers:" in text
    template.write_text(
        '{{- define "nothing" }}{{ end -}}\n'
        + text.replace("      containers:", '      {{- include "nothing" . }}\n      containers:', 1)
    )
    proposals = api.fix([str(web)], review=True).proposals
    assert any(one.applied for one in proposals)


def test_what_a_chart_draws_is_not_committed(web: Path):
    (web / "templates" / "secret.yaml").write_text(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: drawn}\nstringData:\n"
        "  password: {{ randAlphaNum 24 | quote }}\n  tls.key: |\n"
        "{{ randAlphaNum 64 | indent 4 }}\n{{ randAlphaNum 64 | indent 4 }}\n"
        '  token: {{ printf "Kx7%s" "pQz9LmR2vT5wY8nB" }}\n'
    )
    found = [one for one in scanned(web).findings if one.check == "ACC011"]
    assert [one.message for one in found] == ["the value of token stands in this Secret"]


RANGED = """\
apiVersion: v1
kind: Pod
metadata: {name: ranged}
spec:
  containers:
    {{- range .Values.tools }}
    - {name: {{ . }}, image: 'registry.example/{{ . }}:1', volumeMounts: [{name: d, mountPath: /d}]}
    {{- end }}
  volumes:
    - {name: d, emptyDir: {}}
"""


def test_the_text_of_all_turns_of_a_range_is_edited_once(web: Path):
    values = web / "values.yaml"
    values.write_text(values.read_text() + "tools: [one, two]\n")
    (web / "templates" / "ranged.yaml").write_text(RANGED)
    plan = api.fix([str(web)], review=True)
    told = [one for one in plan.proposals if one.finding.resource.name == "ranged" and one.finding.check == "RUN009"]  # type: ignore[union-attr]
    assert [one.applied for one in told] == [True, True]
    template = text(plan, "templates/ranged.yaml")
    assert template.count("mountPath: /tmp") == 1
    assert template.count("readOnlyRootFilesystem: true") == 1


def test_the_command_beside_a_finding_names_the_chart(web: Path):
    report = scanned(web)
    for check in ("NET001", "PRV011"):
        one = found(report, check)
        assert one.fix is not None
        assert one.fix.of == str(web)
        assert Commands(report).fix(Entry((one,))) == f"batten fix --unsafe --check {check} {web}"


def test_what_is_drawn_up_to_a_separator_is_an_object_of_its_own(web: Path):
    """As Helm takes it apart: `{{- end -}}` and `{{- if … -}}` take the line's end behind `---` away."""
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {}\nspec:\n  {}: true\n  containers: [{{name: a, image: b:1}}]\n"
    )
    (web / "templates" / "drawn.yaml").write_text(
        f"---\n{{{{- if true -}}}}\n{pod.format('first', 'hostPID')}---\n\n{{{{- end -}}}}\n\n# more\n"
        f"{pod.format('second', 'hostIPC')}---\n{pod.format('third', 'hostNetwork')}"
    )
    report = scanned(web)
    assert report.targets[0].problems == []
    assert place(found(report, "PRV011", "first"), web) == ("templates/drawn.yaml", 8)
    assert place(found(report, "PRV012", "second"), web) == ("templates/drawn.yaml", 20)
    assert place(found(report, "NET001", "third"), web) == ("templates/drawn.yaml", 28)
    plan = api.fix([str(web)], Settings(checks=("PRV012",)), review=True)
    assert "hostIPC: true" not in text(plan, "templates/drawn.yaml")
