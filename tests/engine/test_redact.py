"""Excerpts never show a secret, wherever in the file it was found."""

import json
from base64 import b64encode
from pathlib import Path

import pytest

from batten import api
from batten.report import Options, get
from engine.support import scan


def test_a_neighbouring_finding_does_not_show_the_secret(tmp_path: Path) -> None:
    secret = "S3cr3t" + "Passw0rd"
    text = "services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: "
    text += f"{secret}\n    privileged: true\n"
    done = scan(tmp_path, {"compose.yaml": text})
    near = [one for one in done.report.findings if one.check == "PRV001"]
    assert near
    for one in done.report.findings:
        assert one.excerpt is None or secret not in "\n".join(one.excerpt.lines)


@pytest.mark.parametrize(
    "words",
    [
        'args: ["--db-password", "{}"]',
        "args: [--db-password, {}]",
        'command: ["redis-cli"], args: ["-a", "{}"]',
        "livenessProbe: {{exec: {{command: [redis-cli, -a, {}, ping]}}}}",
    ],
)
def test_no_finding_shows_the_value_behind_a_flag(tmp_path: Path, words: str) -> None:
    value = "q8ZrT5wLm2" + "xV9pKdE"
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
        f"spec: {{containers: [{{name: web, image: 'a:1', privileged: true, {words.format(value)}}}]}}\n"
    )
    found = scan(tmp_path, {"pod.yaml": text}).report.findings
    shown = "\n".join(line for one in found if one.excerpt for line in one.excerpt.lines)
    assert "spec:" in shown
    assert value[4:] not in shown


def test_several_lines_of_a_key_are_masked(tmp_path: Path) -> None:
    body = "\n".join(["    " + "MIIEpAIBAAKCAQEA" * 4] * 5)
    text = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: tls}\nstringData:\n  key: |\n"
        f"    -----BEGIN RSA PRIVATE {'KEY'}-----\n{body}\n    -----END RSA PRIVATE {'KEY'}-----\n"
    )
    done = scan(tmp_path, {"secret.yaml": text})
    assert done.report.findings
    for one in done.report.findings:
        assert one.excerpt is None or "MIIEpAIBAAKCAQEA" not in "\n".join(one.excerpt.lines)


def _shown(tmp_path: Path, name: str, text: str) -> list[str]:
    """The lines of all excerpts of a file."""
    done = scan(tmp_path, {name: text}, min_confidence="low", persona="auditor")
    assert done.report.findings
    return [line for one in done.report.findings if one.excerpt is not None for line in one.excerpt.lines]


WEAK = ("postgres", "letmein123", "Sommer23", "minioadmin", "Winter2024!", "toor", "x7")


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_no_value_of_a_secret_is_shown_however_weak_it_is(tmp_path: Path) -> None:
    data = "".join(f"  password{number}: {_encoded(word)}\n" for number, word in enumerate(WEAK))
    plain = "".join(f"  pw{number}: {word}\n" for number, word in enumerate(WEAK))
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata:\n{data}stringData:\n{plain}"
    shown = "\n".join(_shown(tmp_path, "secret.yaml", text))
    assert "password0: ••••••••" in shown
    assert not [word for word in WEAK if word in shown or _encoded(word).rstrip("=") in shown]


@pytest.mark.parametrize(
    ("part", "hidden"),
    [
        ("data: {a: aHVudGVyMg==, b: bW9yZXB3}", ("aHVudGVyMg", "bW9yZXB3")),
        ("data:\n  # was: b2xkcGFzc3c=\n  a: aHVudGVyMg==\n  # next: bmV4dHB3MQ==", ("b2xkcGFzc3c", "bmV4dHB3MQ")),
        ("data:\n  a: Zmlyc3QtZHVw\n  a: c2Vjb25kLWR1cA==", ("Zmlyc3QtZHVw", "c2Vjb25kLWR1cA")),
        ("data:\n  \"a\": \"cXVvdGVkcHc=\"\n  'b': 'c2luZ2xldw=='", ("cXVvdGVkcHc", "c2luZ2xldw")),
        ("data:\n  a: >-\n    bG9uZ2xv\n    bGluZXR3bw==\n  b: eA==", ("bG9uZ2xv", "bGluZXR3bw", "eA")),
        ("stringData:\n  cfg: |\n    user = bob\n    pin = 9911", ("bob", "9911")),
        ("data:\n  .dockerconfigjson: " + "YWJjZGVm" * 200, ("YWJjZGVm",)),
    ],
)
def test_all_forms_of_data_are_masked(tmp_path: Path, part: str, hidden: tuple[str, ...]) -> None:
    text = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n{part}\n"
    shown = "\n".join(_shown(tmp_path, "secret.yaml", text))
    assert not [word for word in hidden if word in shown]


def test_what_kubectl_keeps_of_a_secret_is_masked(tmp_path: Path) -> None:
    kept = '    kubectl.kubernetes.io/last-applied-configuration: \'{"data":{"a":"YXBwbGllZA=="}}\'\n'
    text = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n{kept}data:\n  a: YXBwbGllZA==\n"
    shown = _shown(tmp_path, "secret.yaml", text)
    assert "YXBwbGllZA" not in "\n".join(shown)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_secret_in_json(tmp_path: Path, indent: int | None, mark: str) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"password": "anNvbnB3MQ=="}}
    shown = "\n".join(_shown(tmp_path, "secret.json", mark + json.dumps(secret, indent=indent)))
    assert '"password"' in shown or '"data"' in shown
    assert "anNvbnB3" not in shown


def test_names_of_variables_stay(tmp_path: Path) -> None:
    text = "services:\n  a:\n    image: x:1\n    environment:\n"
    text += '    - "DB_PASSWORD=listwinter24"\n    - C_PASSWORD=${C:-defaultpw1}\n'
    text += "    - D_PASSWORD=${D}\n    - E_PASSWORD\n"
    shown = _shown(tmp_path, "compose.yaml", text)
    for line in ('"DB_PASSWORD=••••••••"', "C_PASSWORD=••••••••", "D_PASSWORD=${D}", "E_PASSWORD"):
        assert f"    - {line}" in shown


def test_a_default_of_an_interpolated_password_is_masked(tmp_path: Path) -> None:
    text = "services:\n  a:\n    image: x:1\n    environment:\n      DB_TOKEN: ${DB_TOKEN:-words}\n"
    assert "words" not in "\n".join(_shown(tmp_path, "compose.yaml", text))


@pytest.mark.parametrize("form", ["table", "json", "sarif", "html", "markdown", "junit", "csv", "gitlab"])
def test_no_report_shows_a_value(tmp_path: Path, form: str) -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n"
    text += "  DB_PASSWORD: V2ludGVyMjAyNCE=\n  rootpw: bGV0bWVpbjEyMw==\n"
    done = scan(tmp_path, {"secret.yaml": text})
    output = str(get(form).render(done.report, Options()))
    assert "ACC011" in output
    assert "V2ludGVyMjAyNCE" not in output
    assert "bGV0bWVpbjEyMw" not in output


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: x:1\n    env:\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yaml", "services:\n  a:\n    image: x:1\n    environment:\n      DB_PASSWORD: 'pa${Winter2024'\n"),
        ("s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  a: @Winter2024\n"),
        ("s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  a: 'x' Winter2024\n"),
        ("s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  a: *Winter2024\n"),
        ("pod.yaml", POD + "    - name: DB_PASSWORD\n      value: %Winter2024\n"),
        ("pod.yaml", POD + "    - {name: DB_PASSWORD, value: @Winter2024}\n"),
        ("pod.yaml", POD + "    - name: DB_PASSWORD\n      value: Autumn\n    Winter2024\n"),
        (
            "task-definition.json",
            '{"family": "x", "containerDefinitions": [{"environment": [{"name": "PASSWORD", "value": Winter2024}]}]}',
        ),
        ("kustomization.yaml", "secretGenerator:\n- name: s\n  literals: [password Winter2024]\n"),
        ("pod.yaml", POD + "    - name: DB_PASSWORD\n      value: %" + "Winter2024" * 20 + "\n"),
    ],
)
def test_no_problem_quotes_a_value(tmp_path: Path, name: str, text: str) -> None:
    done = scan(tmp_path, {name: text})
    messages = [one.message for target in done.report.targets for one in target.problems]
    assert messages
    assert not [one for one in messages if "Winter" in one]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", 'DB_PASSWORD="${Winter2024"\n'),
        ("compose.override.yaml", "services:\n  a:\n    environment:\n      DB_PASSWORD: 'pa${Winter2024'\n"),
    ],
)
def test_no_problem_of_a_second_file_quotes_a_value(tmp_path: Path, name: str, text: str) -> None:
    compose = "services:\n  a:\n    image: x:1\n    env_file: [.env]\n"
    done = scan(tmp_path, {".env": "", "compose.yaml": compose, name: text})
    [problem] = done.report.targets[0].problems
    assert problem.path.endswith(name)
    assert "Winter" not in problem.message


@pytest.mark.parametrize(
    "patch", ["{path: p.yaml}", "{target: {kind: Pod}, patch: 'spec: {env: [{name: PASSWORD, value: @Winter2024}]}'}"]
)
def test_a_kustomization_that_cannot_be_built_quotes_no_value(tmp_path: Path, patch: str) -> None:
    files = {
        "kustomization.yaml": f"resources: [pod.yaml]\npatches: [{patch}]\n",
        "p.yaml": POD + "    - {name: DB_PASSWORD, value: @Winter2024}\n",
        "pod.yaml": POD.replace("    env:\n", ""),
    }
    messages = [one.message for one in scan(tmp_path, files).report.targets[0].problems]
    assert any("cannot be built" in one and "expected a value, found `…`, which" in one for one in messages)
    assert not [one for one in messages if "Winter" in one]


def test_words_of_a_problem_before_what_it_quotes_stay(tmp_path: Path) -> None:
    text = POD + "    - {name: DB_PASSWORD, value: the-anchor, expected: *anchor}\n"
    [problem] = scan(tmp_path, {"pod.yaml": text}).report.targets[0].problems
    assert problem.message.startswith("expected an anchor `&…` above its alias, found none")


def test_a_problem_elsewhere_says_what_was_found(tmp_path: Path) -> None:
    done = scan(tmp_path, {"pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: @web}\n"})
    assert "@web" in done.report.targets[0].problems[0].message


def test_a_secret_in_a_template_is_masked(tmp_path: Path) -> None:
    text = (
        "{{- if .Values.x }}\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  rootpin: bGV0bWVpbjEyMw==\n"
    )
    text += "  password: V2ludGVyMjAyNCE=\n  pin: OTkxMQ==\n{{- end }}\n"
    done = scan(tmp_path, {"templates/secret.yaml": text, "Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n"})
    shown = [line for one in done.report.findings if one.excerpt is not None for line in one.excerpt.lines]
    assert "  password: ••••••••" in shown
    assert not [line for line in shown if "bGV0" in line or "OTkx" in line]


SERVICE = """\
services:
  postgres:
    image: postgres:12
    privileged: true
    command: login NAME /NAMEes
    environment:
      DB_PASSWORD: VALUE
"""


def _lines(tmp_path: Path, files: dict[str, str]) -> set[str]:
    report = scan(tmp_path, files, persona="auditor").report
    return {line for one in report.findings if one.excerpt for line in one.excerpt.lines}


def test_a_service_that_has_a_secret_from_elsewhere_is_shown(tmp_path: Path) -> None:
    text = SERVICE.replace("VALUE", "${DB_PASSWORD}")
    lines = _lines(tmp_path, {"compose.yaml": text, ".env": "DB_PASSWORD=hunter2hunter2xY9\n"})
    assert {"    image: postgres:12", "    privileged: true", "  postgres:"} <= lines


def test_a_weak_password_is_not_looked_for_in_names(tmp_path: Path) -> None:
    lines = _lines(tmp_path, {"compose.yaml": SERVICE.replace("VALUE", "postgres")})
    assert {"    image: postgres:12", "  postgres:", "      DB_PASSWORD: ••••••••"} <= lines


def test_a_word_that_is_a_password_is_masked_where_it_stands_alone(tmp_path: Path) -> None:
    text = SERVICE.replace("VALUE", "hunterpass").replace("NAME", "hunterpass")
    lines = _lines(tmp_path, {"compose.yaml": text})
    assert "    command: login •••••••• /hunterpasses" in lines


@pytest.mark.parametrize("value", ["a" * 200_000, "9" * 200_000, "a." * 100_000])
def test_a_long_value_in_a_problem_is_searched_in_one_go(tmp_path: Path, value: str) -> None:
    """Not in as many as it has characters, which took minutes."""
    path = tmp_path / "pod.yaml"
    path.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
        f"spec: {{containers: [{{name: c, image: x, securityContext: {{runAsUser: '{value}'}}}}]}}\n"
    )
    [problem] = api.scan([str(path)]).report.targets[0].problems
    assert len(problem.message) < 1000
