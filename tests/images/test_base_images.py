"""Bases beside what a registry has of them, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batten import api
from batten.engine.scan import Scan
from batten.images.newest_tag import newest_tag
from batten.model.image_content import BaseState
from batten.model.settings import ImageSettings, Settings
from sources.oci.made import Made, image, tar_of
from sources.oci.registry import Fault, Registry
from vulnerabilities.support import database, tracker

OLD, NEW = "3.0.13-1~deb12u1", "3.0.14-1~deb12u1"
FLAWS = tracker(
    openssl={"CVE-2024-1": {"status": "resolved", "fixed_version": NEW, "urgency": "high"}},
    curl={"CVE-2024-2": {"status": "open", "urgency": "low"}},
)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Registry]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.delenv("BATTEN_OFFLINE", raising=False)
    with Registry() as found:
        yield found


def layer(openssl: str) -> bytes:
    """Debian with openssl and curl."""
    packages = "".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: {version}\nArchitecture: amd64\n"
        "Maintainer: Debian <debian-devel@lists.debian.org>\n\n"
        for name, version in (("openssl", openssl), ("curl", "7.88.1-10"))
    )
    release = b'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
    return tar_of({"etc/os-release": release, "var/lib/dpkg/status": packages.encode()})


def base(openssl: str) -> Made:
    return image(layer(openssl))


def built(
    registry: Registry, on: Made, *, named: bool = True, step: str = "COPY app /app", later: str = "2026-02-01"
) -> str:
    """Stores an image that was built on `on` under the name base:12; its reference."""
    names = {"org.opencontainers.image.base.name": f"{registry.host}/base:12"}
    if named:
        names["org.opencontainers.image.base.digest"] = on.digest
    history = [
        {"created_by": "ADD rootfs", "created": "2026-01-01T00:00:00Z"},
        {"created_by": step, "created": f"{later}T00:00:00Z"},
    ]
    app = image(on.layers[0], tar_of({"app": b"1"}), manifest={"annotations": names}, config={"history": history})
    registry.store("shop/web", app, "1")
    return f"image:{registry.host}/shop/web:1"


def scan(folder: Path, *targets: str, **images: Any) -> Scan:
    given = {"database": str(database(folder / "db", FLAWS).path), "platform": "linux/amd64", **images}
    return api.scan(targets, Settings(as_of="2026-11-01", images=ImageSettings(**given)))


def findings(done: Scan, check: str) -> list[str]:
    return [one.message for one in done.report.findings if one.check == check]


def test_a_base_that_was_published_again_is_told_with_what_goes(registry: Registry, tmp_path: Path) -> None:
    old, new = base(OLD), base(NEW)
    registry.store("base", new, "12")
    done = scan(tmp_path, built(registry, old))
    (message,) = findings(done, "IMG025")
    assert f"/base:12 leads to {new.digest[:19]} by now, not to {old.digest[:19]}" in message
    step = done.report.plan[0]
    assert step.text == (
        f"update the base image {registry.host}/base:12 to digest {new.digest[:19]}: 1 of 2 flaws gone"
    )
    assert (step.removes, step.to) == (("CVE-2024-1",), new.digest)
    assert step.command == f"FROM {registry.host}/base:12@{new.digest}"


@pytest.mark.parametrize(
    ("remembered", "kinds"), [(True, ["base"]), (False, ["package"])], ids=["remembered", "forgotten"]
)
def test_where_the_history_does_not_tell_the_registry_tells_the_layers_of_a_base(
    registry: Registry, tmp_path: Path, remembered: bool, kinds: list[str]
) -> None:
    """A reproducible build dates all of its steps alike, and those of its base."""
    old = base(OLD)
    if remembered:
        registry.store("base", old, "old")
    registry.store("base", base(NEW), "12")
    done = scan(tmp_path, built(registry, old, later="2026-01-01"))
    assert [one.layers for one in done.inventory.of(BaseState)] == [1 if remembered else 0]
    assert [step.kind for step in done.report.plan] == kinds
    assert {row.from_base for row in done.report.vulnerabilities} == {True if remembered else None}


def test_a_base_that_is_what_the_tag_leads_to_is_current(registry: Registry, tmp_path: Path) -> None:
    old = base(OLD)
    registry.store_index("base", [old, image(platform="linux/arm64")], "12")
    done = scan(tmp_path, built(registry, old))
    assert [one.is_current for one in done.inventory.of(BaseState)] == [True]
    assert findings(done, "IMG025") == []
    assert [step.kind for step in done.report.plan] == ["package"]


def test_without_a_digest_the_layers_decide(registry: Registry, tmp_path: Path) -> None:
    old, new = base(OLD), base(NEW)
    registry.store("base", old, "12")
    target = built(registry, old, named=False)
    assert findings(scan(tmp_path, target), "IMG025") == []
    registry.store("base", new, "12")
    (message,) = findings(scan(tmp_path, target), "IMG025")
    assert message.startswith(f"the base {registry.host}/base:12 leads to {new.digest[:19]} by now:")


def test_a_newer_patch_release_is_preferred(registry: Registry, tmp_path: Path) -> None:
    old, new = base(OLD), base(NEW)
    registry.store("base", old, "12.1.4-slim", "12.1.9", "12.2.0-slim")
    registry.store("base", new, "12.1.10-slim")
    target = built(registry, old)
    repository = registry.manifests["shop/web"]
    media_type, data = repository["1"]
    raw = json.loads(data)
    raw["annotations"]["org.opencontainers.image.base.name"] = f"{registry.host}/base:12.1.4-slim"
    registry.put("shop/web", json.dumps(raw).encode(), media_type, "1")
    done = scan(tmp_path, target)
    assert "there is 12.1.10-slim by now" in findings(done, "IMG025")[0]
    step = done.report.plan[0]
    assert step.to == f"12.1.10-slim@{new.digest}"
    assert f"to 12.1.10-slim, digest {new.digest[:19]}: 1 of 2 flaws gone" in step.text


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault("/v2/base/", times=99, status=500), "answered 500"),
        (Fault("/v2/base/", times=99, status=404), "has no tag 12 any more"),
        (Fault("/v2/base/", times=99, status=403, body=b"{}"), "denies access"),
    ],
)
def test_a_registry_that_cannot_be_asked_is_one_line(
    registry: Registry, tmp_path: Path, fault: Fault, told: str
) -> None:
    target = built(registry, base(OLD))
    registry.faults.append(fault)
    done = scan(tmp_path, target)
    problems = [one for one in done.report.targets[0].problems if "newest base" in one.message]
    assert len(problems) == 1
    assert told in problems[0].message
    assert not problems[0].severe
    assert done.report.targets[0].status == "complete"


def test_no_credentials_in_what_is_told(registry: Registry, tmp_path: Path) -> None:
    import base64

    (tmp_path / "docker").mkdir()
    login = base64.b64encode(b"ci:hunter2secret").decode()
    (tmp_path / "docker/config.json").write_text(json.dumps({"auths": {registry.host: {"auth": login}}}))
    target = built(registry, base(OLD))
    registry.auth, registry.users = "basic", {"ci": "hunter2secret"}
    registry.faults.append(Fault("/v2/base/", times=99, status=500, echo=True))
    done = scan(tmp_path, target)
    text = str(done.report)
    assert "newest base" in text
    assert "hunter2secret" not in text
    assert login not in text


def test_offline_and_archives_ask_nothing(registry: Registry, tmp_path: Path) -> None:
    from images.builder import configuration, docker_archive
    from images.builder import layer as builder_layer

    layers = [builder_layer([])]
    raw = json.loads(configuration(layers, Labels={"org.opencontainers.image.base.name": f"{registry.host}/base:12"}))
    saved = str(docker_archive(tmp_path / "web.tar", layers, json.dumps(raw).encode()))
    registry.store("base", base(NEW), "12")
    scan(tmp_path, saved)
    scan(tmp_path, saved, with_images=True, offline=True)
    assert registry.seen == []
    done = scan(tmp_path, saved, with_images=True)
    assert registry.seen
    assert len(findings(done, "IMG025")) == 1


def test_an_image_sends_nobody_to_another_host_by_itself(registry: Registry, tmp_path: Path) -> None:
    with Registry() as other:
        names = {"org.opencontainers.image.base.name": f"{other.host}/base:12"}
        registry.store("shop/web", image(layer(OLD), manifest={"annotations": names}), "1")
        target = f"image:{registry.host}/shop/web:1"
        assert not scan(tmp_path, target).inventory.of(BaseState)
        assert other.seen == []
        scan(tmp_path, target, with_images=True)
        assert other.seen


def test_a_pin_in_a_dockerfile_is_moved(registry: Registry, tmp_path: Path) -> None:
    old, new = base(OLD), base(NEW)
    registry.store("base", new, "12")
    (tmp_path / "src").mkdir()
    text = f"FROM {registry.host}/base:12@{{}}\nUSER 10001\nCOPY a /a\n"
    (tmp_path / "src/Dockerfile").write_text(text.format(old.digest))
    settings = Settings(checks=("IMG026",), images=ImageSettings(with_images=True))
    plan = api.fix([str(tmp_path / "src")], settings, review=True)
    assert [one.finding.check for one in plan.proposals] == ["IMG026"]
    assert plan.proposals[0].applied, plan.proposals[0].reason
    assert plan.patches[0].after.text() == text.format(new.digest)
    registry.store("base", old, "12")
    assert not api.scan([str(tmp_path / "src")], settings).report.findings


def test_the_plan_moves_the_base_in_the_dockerfile_that_builds_the_image(registry: Registry, tmp_path: Path) -> None:
    old, new = base(OLD), base(NEW)
    registry.store("base", new, "12")
    target = built(registry, old, step="RUN /bin/sh -c make shop # buildkit")
    (tmp_path / "src").mkdir()
    text = f"FROM {registry.host}/base:12\nRUN make shop\n"
    (tmp_path / "src/Dockerfile").write_text(text)
    given = ImageSettings(database=str(database(tmp_path / "db", FLAWS).path), platform="linux/amd64")
    plan = api.fix([target, str(tmp_path / "src")], Settings(images=given, strategies=(6,)))
    applied = [one for one in plan.proposals if one.applied]
    assert [one.finding.message.partition(":")[0] for one in applied] == [
        f"update the base image {registry.host.partition(':')[0]}"
    ]
    assert plan.patches[0].after.text() == text.replace("base:12", f"base:12@{new.digest}")


@pytest.mark.parametrize(
    ("tag", "tags", "found"),
    [
        ("3.11.4-slim", ["3.11.9-slim", "3.11.10-slim", "3.12.1-slim", "3.11.11", "latest"], "3.11.10-slim"),
        ("v1.2.3", ["1.2.9", "v1.2.4", "v1.2.3"], "v1.2.4"),
        ("3.19.1", ["3.19.0", "3.19.1", "3.20.5"], ""),
        ("12.5", ["12.9"], ""),  # moves by itself, or is another release
        ("22.04", ["22.10"], ""),
        ("latest", ["1.2.3"], ""),
        ("1.2.3.4", ["1.2.3.5", "1.2.4.9"], "1.2.3.5"),
        ("1.2.3", ["1.2.99999999999999999999", "x" * 9000], ""),
    ],
)
def test_the_newest_patch_release_of_a_line(tag: str, tags: list[str], found: str) -> None:
    assert newest_tag(tag, tags) == found
