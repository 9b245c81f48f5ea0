"""Updates of the plan as fixes, with their proof."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.engine.fix import FixPlan, write
from batten.model.settings import ImageSettings, Settings
from images.builder import configuration, docker_archive, file, layer
from vulnerabilities.support import database, osv, tracker

REQUESTS = osv("PYSEC-2024-1", "PyPI", "requests", ("introduced", "0"), ("fixed", "2.32.0"))
LODASH = osv("GHSA-35jh-r3h4-6jhm", "npm", "lodash", ("introduced", "0"), ("fixed", "4.17.21"))
NET = osv("GO-2024-1", "Go", "golang.org/x/net", ("introduced", "0"), ("fixed", "0.23.0"))
YAML = osv("GHSA-mjmj-j48q-9wg2", "Maven", "org.yaml:snakeyaml", ("introduced", "0"), ("fixed", "2.0"))
OPENSSL = tracker(
    openssl={"CVE-2024-1": {"status": "resolved", "fixed_version": "3.0.14-1~deb12u1", "urgency": "high"}},
    curl={"CVE-2024-2": {"status": "resolved", "fixed_version": "7.88.1-10", "urgency": "low"}},
)

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.yaml</groupId><artifactId>snakeyaml</artifactId><version>1.30</version></dependency>
  </dependencies>
</project>
"""


def settings(folder: Path, **more: object) -> Settings:
    path = database(folder / "db", REQUESTS, LODASH, NET, YAML, OPENSSL).path
    return Settings(images=ImageSettings(database=str(path), offline=True, cache=False), **more)  # type: ignore[arg-type]


def planned(folder: Path, files: dict[str, str], *, review: bool = True, **more: object) -> FixPlan:
    shop = folder / "shop"
    shop.mkdir()
    for name, text in files.items():
        (shop / name).write_text(text)
    return api.fix([str(shop)], settings(folder, **more), review=review)


def updates(plan: FixPlan) -> dict[str, str]:
    """Name of what is updated -> "" where it is applied, else the reason."""
    return {
        one.judged.result.noun.name: "" if one.applied else one.reason
        for one in plan.proposals
        if one.finding.check == "update"
    }


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("requirements.txt", "# ours\nrequests==2.31.0  # http\nflask==3.0.0\n", "requests==2.32.0  # http\nflask"),
        ("go.mod", "module shop.example/web\n\ngo 1.21\n\nrequire golang.org/x/net v0.7.0\n", "x/net v0.23.0\n"),
        (
            "pom.xml",
            POM,
            "<artifactId>snakeyaml</artifactId><version>2.0</version>",
        ),
    ],
)
def test_a_pin_is_moved_and_written(tmp_path: Path, name: str, before: str, after: str) -> None:
    plan = planned(tmp_path, {name: before})
    assert list(updates(plan).values()) == [""]
    (patch,) = plan.patches
    assert after in patch.after.text()
    write(plan.patches, allow_dirty=True)
    assert (tmp_path / "shop" / name).read_text() == patch.after.text()
    again = api.fix([str(tmp_path / "shop")], settings(tmp_path), review=True)
    assert not again.scan.report.vulnerabilities
    assert updates(again) == {}


def test_an_update_waits_for_a_review(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"requirements.txt": "requests==2.31.0\n"}, review=False)
    assert updates(plan) == {"requests": "it changes what runs: review it, then use --unsafe"}
    assert not plan.patches


def test_a_lock_with_hashes_is_left_to_its_tool_with_the_command(tmp_path: Path) -> None:
    lock = (
        '{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"dependencies": {"lodash": "4"}},'
        '"node_modules/lodash": {"version": "4.17.20", "integrity": "sha512-x"}}}'
    )
    hashed = f"requests==2.31.0 --hash=sha256:{'0' * 64}\n"
    found = updates(planned(tmp_path, {"package-lock.json": lock, "requirements.txt": hashed}))
    assert found["lodash"].endswith("run `npm install lodash@4.17.21`")
    assert "hashes belong to this version" in found["requests"]


def test_a_package_that_is_named_twice_is_left_with_the_reason(tmp_path: Path) -> None:
    found = updates(planned(tmp_path, {"requirements.txt": "requests[socks]==2.31.0\nrequests==2.31.0\n"}))
    assert found == {"requests": "requests 2.31.0 still stands in the edited file: it is named more than once"}


def test_one_check_alone_asks_for_no_update(tmp_path: Path) -> None:
    assert updates(planned(tmp_path, {"requirements.txt": "requests==2.31.0\n"}, checks=("PRV",))) == {}


def test_several_pins_of_a_file_and_fixes_of_checks_go_together(tmp_path: Path) -> None:
    files = {
        "requirements.txt": "requests==2.31.0\n",
        "go.mod": "module shop.example/web\n\ngo 1.21\n\nrequire golang.org/x/net v0.7.0\n",
        "Dockerfile": "FROM debian:12\nRUN make\n",
    }
    plan = planned(tmp_path, files)
    assert {patch.path for patch in plan.patches} == set(files)
    assert updates(plan) == {"requests": "", "golang.org/x/net": ""}


def test_what_the_edited_file_does_not_mend_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from batten.vulnerabilities.fixes.updates import PlannedUpdates

    real = PlannedUpdates.flaws

    def stubborn(self: PlannedUpdates, packages: object, scan: object) -> object:
        found = real(self, packages, scan)  # type: ignore[arg-type]
        return (found or set()) | {("PYSEC-2024-1", "requests")}

    monkeypatch.setattr(PlannedUpdates, "flaws", stubborn)
    plan = planned(tmp_path, {"requirements.txt": "requests==2.31.0\n"})
    assert updates(plan) == {"requests": "PYSEC-2024-1 is still there with requests 2.32.0"}
    assert not plan.patches


DOCKERFILE = 'FROM debian:12\nRUN apt-get update && \\\n    apt-get install -y openssl\nCOPY web /web\nCMD ["/web"]\n'
HISTORY = [
    "/bin/sh -c #(nop) ADD file:1 in / ",
    "RUN /bin/sh -c apt-get update &&     apt-get install -y openssl # buildkit",
    "COPY web /web # buildkit",
]
STATUS = (
    b"Package: openssl\nStatus: install ok installed\nVersion: 3.0.13-1~deb12u1\nArchitecture: amd64\n"
    b"Maintainer: Debian OpenSSL Team <pkg-openssl-devel@lists.alioth.debian.org>\n\n"
)
RELEASE = b'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'


def shop(folder: Path, dockerfile: str, status: bytes = STATUS) -> list[str]:
    """An image archive and the folder of the Dockerfile."""
    import json

    built = [layer([file("etc/os-release", RELEASE)]), layer([file("var/lib/dpkg/status", status)]), layer([])]
    raw = json.loads(configuration(built, HISTORY, Cmd=["/web"]))
    raw["history"].append({"created_by": 'CMD ["/web"]', "empty_layer": True, "created": "2026-01-01T00:00:00Z"})
    archive = docker_archive(folder / "web.tar", built, json.dumps(raw).encode())
    (folder / "web").mkdir()
    (folder / "web" / "Dockerfile").write_text(dockerfile)
    return [str(archive), str(folder / "web")]


def test_a_package_of_the_image_is_updated_in_the_dockerfile_that_builds_it(tmp_path: Path) -> None:
    plan = api.fix(shop(tmp_path, DOCKERFILE), settings(tmp_path), review=True)
    assert updates(plan) == {"openssl": ""}
    (patch,) = plan.patches
    assert "only-upgrade openssl" in patch.after.text()
    proposal = next(one for one in plan.proposals if one.finding.check == "update")
    assert proposal.finding.location.path.endswith("web/Dockerfile")


def test_updates_of_several_packages_are_one_step_of_the_build(tmp_path: Path) -> None:
    old = STATUS + STATUS.replace(b"openssl", b"curl").replace(b"3.0.13-1~deb12u1", b"7.88.1-9")
    targets = shop(tmp_path, DOCKERFILE, old)
    plan = api.fix(targets, settings(tmp_path), review=True)
    assert updates(plan) == {"openssl": "", "curl": ""}
    (patch,) = plan.patches
    told = "RUN apt-get update && apt-get install -y --only-upgrade"
    assert patch.after.text().count("--only-upgrade") == 1
    assert f"{told} openssl curl &&" in patch.after.text() or f"{told} curl openssl &&" in patch.after.text()


def test_another_dockerfile_is_left_alone(tmp_path: Path) -> None:
    plan = api.fix(shop(tmp_path, 'FROM debian:12\nRUN make\nCMD ["/web"]\n'), settings(tmp_path), review=True)
    assert updates(plan)["openssl"].startswith("the Dockerfile of the image was not read; `apt-get update")
