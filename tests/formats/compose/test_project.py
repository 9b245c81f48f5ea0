"""Files that belong together: overrides, extends, include, and what keeps them from being read."""

from __future__ import annotations

import pytest

from batten import limits
from batten.model.values import Capabilities
from batten.model.workload import Workload
from formats.compose.support import container, messages, nouns, project, shown, workload


def names(reading: object) -> list[str]:
    return [one.name for one in nouns(reading, Workload)]  # type: ignore[arg-type]


# ------------------------------------------------------------------ extends


def test_extends_in_the_same_file() -> None:
    reading = project(
        {"compose.yaml": "services:\n  base: {image: a, cap_add: [A]}\n  web: {extends: base, cap_add: [B]}\n"}
    )
    found = container(reading, "web")
    assert found.capabilities == Capabilities(("A", "B"))
    assert shown(found.where()).startswith("compose.yaml:3:")
    assert shown(found.where("image")) == "compose.yaml:2: a"


def test_extends_of_another_file_keeps_its_places_and_directory() -> None:
    reading = project(
        {
            "compose.yaml": "services:\n  web: {extends: {file: common/base.yaml, service: app}, user: me}\n",
            "common/base.yaml": "services:\n  app:\n    build: ./src\n    privileged: true\n    env_file: v.env\n",
            "common/v.env": "A=1\n",
        }
    )
    found = container(reading)
    assert found.build is not None
    assert (found.build.context, found.build.dockerfile) == ("common/src", "common/src/Dockerfile")
    assert shown(found.where("privileged")) == "common/base.yaml:4: true"
    assert shown(found.where("user")) == "compose.yaml:2: me"
    assert [one.value for one in found.environment] == ["1"]
    assert reading.consumed == ["common/v.env", "common/base.yaml"]


def test_chain_of_extends_through_files() -> None:
    reading = project(
        {
            "compose.yaml": "services: {web: {extends: {file: a/x.yaml, service: one}}}",
            "a/x.yaml": "services: {one: {extends: {file: ../b/y.yaml, service: two}, user: u}, other: {user: x}}",
            "b/y.yaml": "services: {two: {extends: three}, three: {image: c, pids_limit: 5}}",
        }
    )
    found = container(reading)
    assert found.pids_limit == 5
    assert getattr(found.user, "name", "") == "u"


def test_file_with_services_that_nobody_extends_stays_a_project_of_its_own() -> None:
    reading = project(
        {
            "compose.yaml": "services: {web: {extends: {file: base.yaml, service: a}}}",
            "base.yaml": "services: {a: {image: x}, b: {image: y}}",
        }
    )
    assert reading.consumed == []


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"compose.yaml": "services: {a: {image: x, extends: b}, b: {extends: a}}"},
            "compose.yaml:1: expected services that do not extend themselves, found a > b > a",
        ),
        (
            {"compose.yaml": "services: {a: {image: x, extends: b}}"},
            "compose.yaml:1: expected the name of a service to extend, found 'b', which is not declared",
        ),
        (
            {"compose.yaml": "services: {a: {image: x, extends: {file: no.yaml, service: b}}}"},
            "compose.yaml:1: extends of no.yaml: no such file in the target; scan a directory that holds it",
        ),
        (
            {"compose.yaml": "services: {a: {image: x, extends: {file: ../../no.yaml, service: b}}}"},
            "compose.yaml:1: extends of ../../no.yaml: no such file in the target; scan a directory that holds it",
        ),
        (
            {"compose.yaml": "services: {a: {image: x, extends: {file: '${F}', service: b}}}"},
            "compose.yaml:1: the file to extend depends on a variable that has no value here",
        ),
        (
            {"compose.yaml": "services: {a: {image: x, extends: {}}}"},
            "compose.yaml:1: expected the name of a service to extend",
        ),
        (
            {"compose.yaml": "include: ['oci://x']\nservices: {a: {image: x}}"},
            "compose.yaml:1: include of oci://x is fetched from elsewhere and was not read; scan it by itself",
        ),
        (
            {"compose.yaml": "include: [b.yaml]\nservices: {a: {image: x}}", "b.yaml": "include: [compose.yaml]\n"},
            "b.yaml:1: expected files that do not include themselves, found compose.yaml > b.yaml > compose.yaml",
        ),
        (
            {"compose.yaml": "include: x\nservices: {a: {image: x}}"},
            "compose.yaml:1: expected a list of files to include, found 'x'",
        ),
        (
            {"compose.yaml": "include: [b.yaml]\nservices: {a: {image: x}}", "b.yaml": "services: [\n"},
            "b.yaml:1: expected a value, found the end of the document",
        ),
    ],
)
def test_what_keeps_a_file_from_being_read_is_told(files: dict[str, str], message: str) -> None:
    reading = project(files)
    assert message in messages(reading)
    assert "a" in names(reading)


def test_long_chain_of_extends_is_refused() -> None:
    services = "".join(f"  s{n}: {{image: a, extends: s{n + 1}}}\n" for n in range(limits.COMPOSE_CHAIN + 2))
    reading = project({"compose.yaml": f"services:\n{services}  s{limits.COMPOSE_CHAIN + 2}: {{image: a}}\n"})
    assert f"at most {limits.COMPOSE_CHAIN} services that extend one another" in messages(reading)[0]


def test_fan_of_includes_is_refused() -> None:
    files = {f"{n}.yaml": f"include: [{n + 1}.yaml, {n + 1}.yaml]\nservices: {{}}\n" for n in range(12)}
    files["12.yaml"] = "services: {}\n"
    files["compose.yaml"] = "include: [0.yaml]\nservices: {a: {image: x}}\n"
    assert f"at most {limits.COMPOSE_INCLUDES} includes" in messages(project(files))[0]


# ------------------------------------------------------------------ include


def test_include_adds_a_project_with_its_own_directory_and_env_file() -> None:
    reading = project(
        {
            "compose.yaml": "include: [db/compose.yaml]\nservices: {web: {image: 'w:$TAG'}}\n",
            ".env": "TAG=1\n",
            "db/compose.yaml": "services:\n  db: {image: 'd:$TAG-$OWN', build: .}\n",
            "db/.env": "TAG=2\nOWN=3\n",
        }
    )
    assert names(reading) == ["db", "web"]
    found = container(reading, "db")
    assert getattr(found.image, "tag", "") == "1-3"  # the outer project's variables come first
    assert found.build is not None
    assert found.build.dockerfile == "db/Dockerfile"
    assert shown(found.where()).startswith("db/compose.yaml:2:")
    assert reading.consumed == ["db/compose.yaml"]


def test_long_include_syntax() -> None:
    reading = project(
        {
            "compose.yaml": "include:\n- path: [db/a.yaml, db/b.yaml]\n  project_directory: other\n  env_file: x.env\n",
            "db/a.yaml": "services: {db: {image: 'd:$TAG', build: .}}",
            "db/b.yaml": "services: {db: {user: u}}",
            "x.env": "TAG=7\n",
        }
    )
    found = container(reading, "db")
    assert getattr(found.image, "tag", "") == "7"
    assert getattr(found.user, "name", "") == "u"
    assert found.build is not None
    assert found.build.context == "other"


def test_own_service_is_laid_over_an_included_one() -> None:
    reading = project(
        {
            "compose.yaml": "include: [a.yaml]\nservices: {x: {user: me}, y: {extends: x}}\n",
            "a.yaml": "services: {x: {image: i, user: you, privileged: true}}",
        }
    )
    for name in ("x", "y"):
        found = container(reading, name)
        assert getattr(found.user, "name", "") == "me"
        assert shown(found.where("privileged")) == "a.yaml:1: true"


# ------------------------------------------------------------------ overrides and names


def test_override_beside_the_file_that_compose_takes_first() -> None:
    files = {
        "shop/compose.yaml": "services: {web: {image: a}}",
        "shop/docker-compose.yml": "services: {web: {image: b}}",
        "shop/docker-compose.override.yml": "services: {web: {user: o}}",
    }
    assert project(files, "shop/compose.yaml").consumed == ["shop/docker-compose.override.yml"]
    assert project(files, "shop/docker-compose.yml").consumed == []


@pytest.mark.parametrize(
    ("path", "text", "scope"),
    [
        ("shop/compose.yaml", "services: {web: {image: a}}", "shop"),
        ("shop/compose.yaml", "name: store\nservices: {web: {image: a}}", "shop:store"),
        ("compose.yaml", "services: {web: {image: a}}", "."),
        ("shop/docker-compose.prod.yml", "services: {web: {image: a}}", "shop:docker-compose.prod.yml"),
    ],
)
def test_scope(path: str, text: str, scope: str) -> None:
    found = workload(project({path: text}, path))
    assert found.scope == found.containers[0].scope == scope
    assert found.id == f"{scope}/compose//service/web"


def test_service_removed_by_an_override_is_gone() -> None:
    reading = project(
        {
            "compose.yaml": "services: {a: {image: x}, b: {image: y}}",
            "compose.override.yaml": "services: {a: !reset null}",
        }
    )
    assert names(reading) == ["b"]
