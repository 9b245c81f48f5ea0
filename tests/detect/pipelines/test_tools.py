"""What command lines and actions do with images."""

from pathlib import Path

import pytest

from batten.detect.pipelines import Fact, facts
from pipeline_cases import read, task, workflow


def found(script: str, tmp_path: Path) -> list[Fact]:
    given = workflow("- run: |\n" + "".join(f"    {line}\n" for line in script.splitlines()))
    return [fact for step in read(given, tmp_path).steps for fact in facts(step)]


LINES = {
    "docker build -t a/b:1 .": [("build", "a/b:1")],
    "docker buildx build --push -t a/b:${{ github.sha }} .": [
        ("build", "a/b:${{ github.sha }}"),
        ("push", "a/b:${{ github.sha }}"),
    ],
    "docker buildx build -o type=registry -t a .": [("build", "a"), ("push", "a")],
    "docker --context x image push a/b": [("push", "a/b")],
    "docker compose build && docker compose push": [("build", ""), ("push", "")],
    "docker buildx bake --push": [("build", ""), ("push", "")],
    "sudo podman push a/b docker://c/d": [("push", "docker://c/d")],
    "buildah $FLAGS bud -t a .": [("build", "a")],
    "/kaniko/executor --context . --destination a/b": [("build", "a/b"), ("push", "a/b")],
    "/kaniko/executor --context . --no-push": [("build", "")],
    "ko build ./cmd": [("build", ""), ("push", "")],
    "ko build --local ./cmd": [("build", "")],
    "./gradlew clean jib": [("build", ""), ("push", "")],
    "mvn compile jib:build": [("build", ""), ("push", "")],
    "pack build a --publish": [("build", "a"), ("push", "a")],
    "skopeo copy oci:x docker://a/b": [("push", "docker://a/b")],
    "skopeo copy docker://x docker://a/b": [],
    "trivy image a": [("scan", "a")],
    "docker run --rm -v x:/x aquasec/trivy:0.57 image --exit-code 1 a": [("scan", "a")],
    "trivy image --format cyclonedx a": [],
    "cosign sign --yes a@$D": [("sign", "")],
    "kubectl -n shop set image deployment/web web=a:1 db=b:2": [("deploy", "a:1")],
    "kubectl get pods": [],
    "helm upgrade web . --set image.tag=1,replicas=2": [("deploy", "image.tag:1")],
    "gcloud run deploy web --image a:1": [("deploy", "a:1")],
    "echo docker push a": [],
    "docker ps && docker images": [],
    "make push": [],
}


@pytest.mark.parametrize(("line", "expected"), LINES.items(), ids=LINES)
def test_a_line_does(line: str, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    assert [(one.kind, one.images[0] if one.images else "") for one in found(line, tmp_path)] == expected


GATES = {
    "trivy image a": False,
    "trivy image --exit-code 0 a": False,
    "trivy image --exit-code=1 a": True,
    "trivy --quiet image --exit-code 2 a": True,
    "trivy image --exit-code $CODE a": None,
    "trivy image -c trivy.yaml a": None,
    "trivy image --exit-code 1 a || true": False,
    "trivy image --exit-code 1 a || exit 0": False,
    "trivy image --exit-code 1 a || exit 1": True,
    "grype a": False,
    "grype a -f high": True,
    "grype a --fail-on high || echo ignored": False,
    "snyk container test a": True,
    "snyk container monitor a": False,
    "docker scout cves a": False,
    "docker scout cves --exit-code a": True,
    "batten scan a.tar": True,
}


@pytest.mark.parametrize(("line", "gate"), GATES.items(), ids=GATES)
def test_a_scan_stops_the_job_or_not(line: str, gate: bool | None, tmp_path: Path) -> None:
    [fact] = found(line, tmp_path)
    assert fact.kind == "scan"
    assert fact.gate is gate
    assert bool(fact.gate_why) == (gate is False)


def test_the_place_of_a_fact_is_its_command(tmp_path: Path) -> None:
    [fact] = found("make\ndocker push a/b  # now", tmp_path)
    place = fact.place.location()
    assert (place.line, place.column, place.end_column) == (9, 11, 26)


def test_an_image_with_arguments_is_its_tool(tmp_path: Path) -> None:
    given = task("- {name: a, image: 'gcr.io/kaniko-project/executor:v1.23', args: [--destination=$(params.I)]}")
    [step] = read(given, tmp_path).steps
    assert [(one.kind, one.images) for one in facts(step)] == [
        ("build", ("$(params.I)",)),
        ("push", ("$(params.I)",)),
    ]
