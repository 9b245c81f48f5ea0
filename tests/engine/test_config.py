"""The configuration: what it accepts, and how it says what is wrong."""

from pathlib import Path

import pytest

from batten.engine.config import ConfigError, find, load


def write(folder: Path, text: str, name: str = "batten.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    settings = load(
        write(
            tmp_path,
            """
fail-on = "critical"
persona = "auditor"
min-confidence = "medium"
checks = ["PRV"]
skip = ["RUN012"]
strategies = [2, 4]
frameworks = ["nsa-cisa"]
pss-version = "v1.30"
exclude = ["vendor/**"]
non-waivable = ["PRV001"]
severity = {RUN010 = "low"}
images = {allowed-registries = ["registry.example/*"], allowed-base-images = ["docker.io/library/*"]}
[kubernetes.pod-templates]
"example.com/Widget" = "spec.template"
[[waiver]]
check = "PRV001"
reason = "the agent needs it"
owner = "@platform"
expires = 2027-03-01
path = "k8s/*.yaml"
""",
        )
    )
    assert settings.fail_on == "critical"
    assert settings.pss_version == "1.30"
    assert settings.severities == {"RUN010": "low"}
    assert settings.allowed_base_images == ("docker.io/library/*",)
    assert settings.pod_template_kinds == {"example.com/Widget": "spec.template"}
    assert settings.waivers[0].expires == "2027-03-01"
    assert settings.waivers[0].where == f"{tmp_path}/batten.toml:16"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('fail_on = "high"\n', "batten.toml:1: unknown key 'fail_on'; did you mean 'fail-on'?"),
        ('\nfail-on = "hihg"\n', "batten.toml:2: expected one of critical, high, medium, low, info, none"),
        ("skip = 3\n", "batten.toml:1: expected a list of strings for skip, found 3"),
        ("strategies = [11]\n", "numbers from 1 to 10"),
        (
            "[severity]\nPRV001 = 'hgih'\n",
            "batten.toml:2: expected one of critical, high, medium, low, info for PRV001",
        ),
        ("x = [\n", "expected TOML"),
        ("[images]\nallowed-registry = ['x']\n", "did you mean 'allowed-registries'"),
        ("[[waiver]]\ncheck = 'PRV001'\nowner = 'me'\n", "batten.toml:1: expected reason in this [[waiver]]"),
        ("[[waiver]]\ncheck='A'\nreason='b'\nowner='c'\nexpires='soon'\n", "batten.toml:5: expected a date YYYY-MM-DD"),
        ('pss-version = "next"\n', 'expected a version such as "1.36"'),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(write(tmp_path, text))
    assert message in str(error.value)


def test_extends_joins_lists_and_overrides_values(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    write(tmp_path / "shared", 'fail-on = "low"\nskip = ["RUN010"]\npersona = "auditor"\n')
    settings = load(write(tmp_path, 'extends = "shared/batten.toml"\nfail-on = "critical"\nskip = ["RUN012"]\n'))
    assert (settings.fail_on, settings.persona, settings.skip) == ("critical", "auditor", ("RUN010", "RUN012"))


def test_a_loop_of_extends_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, 'extends = "b.toml"\n', "a.toml")
    write(tmp_path, 'extends = "a.toml"\n', "b.toml")
    with pytest.raises(ConfigError, match="loop"):
        load(tmp_path / "a.toml")


def test_pyproject_is_read_where_it_has_a_table(tmp_path: Path) -> None:
    write(tmp_path, '[tool.other]\nx = 1\n[tool.batten]\nfail-on = "low"\n', "pyproject.toml")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    found = find(inner)
    assert found == tmp_path / "pyproject.toml"
    assert load(found).fail_on == "low"


def test_outside_a_work_tree_a_file_further_up_belongs_to_somebody_else(tmp_path: Path) -> None:
    own = write(tmp_path, "")
    inner = tmp_path / "elsewhere"
    inner.mkdir()
    assert find(inner) is None
    assert find(tmp_path) == own


def test_the_search_stops_at_the_root_of_the_work_tree(tmp_path: Path) -> None:
    write(tmp_path, "")
    inner = tmp_path / "repository"
    (inner / ".git").mkdir(parents=True)
    assert find(inner) is None


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ('\nchecks = ["PRV001", "PRV999"]', 2, "found 'PRV999'; did you mean 'PRV"),
        ('skip = ["PRX"]', 1, "found 'PRX'; batten checks lists them"),
        ('non-waivable = ["prv"]', 1, "found 'prv'"),
        ('[severity]\nPRV001 = "low"\nPRV01 = "low"', 3, "found 'PRV01'"),
        ('persona = "auditor"\nframeworks = ["pss"]', 2, "did you mean pss-baseline or pss-restricted?"),
        ('pss-version = "1.99"', 1, "expected a version from 1.24 to 1.36 for pss-version, found '1.99'"),
    ],
)
def test_names_of_nothing_are_told_with_file_and_line(tmp_path: Path, text: str, line: int, found: str) -> None:
    file = tmp_path / "batten.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(file)
    assert str(error.value).startswith(f"{file}:{line}: ")
    assert found in str(error.value)


CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "\nname: n\n",
            "batten.toml:2:5: expected TOML (expected '=' after a key in a key/value pair), found 'name: n'",
        ),
        ("fail-on = high\n", "batten.toml:1:11: expected a value after =, found 'fail-on = high'"),
        ("skip = []\nskip = []\n", "expected each key once, found 'skip = []'"),
        ("\nwaiver = [\n 'PRV001'\n]\n", "batten.toml:2: expected a table for [[waiver]], found 'PRV001'"),
        (
            "\n\nextends = 'no.toml'\n",
            "batten.toml:3: expected a file, relative to this one, found nothing at 'no.toml'",
        ),
        ("# vex\n[helm.web]\n[images]\n[rules]\nvex = 3\n", "batten.toml:5: unknown key 'vex' in [rules]"),
        ("\n[helm.nope]\n", "batten.toml:2: expected the folder of a chart, found no nope/Chart.yaml"),
        ("[helm.web]\n\nvalues = 'no'\n", "batten.toml:3: expected a file of values, relative to this file"),
        ("[helm.web]\nrelease = 'a'\n[helm.api]\nrelease = 3\n", "batten.toml:4: expected a string for release"),
        ("[terraform.nope]\n", "batten.toml:1: expected the folder of a module, found no nope"),
        ("[terraform.web]\nvar-files = 'no'\n", "batten.toml:2: expected a file of variables, relative to this file"),
        (
            "[terraform.web]\nvar-file = []\n",
            "batten.toml:2: unknown key 'var-file' in [web]; did you mean 'var-files'?",
        ),
        ("terraform = 3\n", "batten.toml:1: expected tables such as [terraform.\"infra\"], found '3'"),
        ("[engine]\nstopped = 'yes'\n", "batten.toml:2: expected true or false for stopped"),
    ],
)
def test_a_mistake_is_told_once_where_it_is(tmp_path: Path, text: str, message: str) -> None:
    for name in ("web", "api"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, CHART, "Chart.yaml")
    with pytest.raises(ConfigError) as error:
        load(write(tmp_path, text))
    assert message in str(error.value)
    assert "(at line" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "[project.x]\nfail-on = 1\n[tool.batten]\nfail-on = 'hgih'\n",
        "[project]\nx = '''\nfail-on=1'''\n[tool]\nbatten.fail-on = 'hgih'\n",
        "[x]\nfail-on = 1\n\n[ tool . 'batten' ]\nfail-on = 'hgih'\n",
    ],
)
def test_a_key_of_another_table_is_not_taken_for_ours(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text, "pyproject.toml")
    assert find(tmp_path) == path
    with pytest.raises(ConfigError) as error:
        load(path)
    line = text[: text.index("hgih")].count("\n") + 1
    assert f"pyproject.toml:{line}: expected one of critical" in str(error.value)


def test_what_does_not_run_may_be_read_always(tmp_path: Path) -> None:
    assert load(write(tmp_path, "[engine]\nstopped = true\n")).stopped
    assert not load(write(tmp_path, "[engine]\n")).stopped
