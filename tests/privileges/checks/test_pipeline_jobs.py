"""PRV021 to PRV023: privileged jobs, sockets in jobs, machines that are kept."""

import pytest

from harness import Case, assert_case, fails, passes, silent
from pipeline_cases import azure, declarative, gitlab, jenkins, task, workflow

SOCKET = "/var/run/docker.sock:/var/run/docker.sock"
CONTAINER = (
    "resources:\n  containers:\n  - container: c\n    image: node:20\n    %s\n"
    "jobs:\n- job: a\n  container: c\n  steps: [{script: make}]\n"
)

CASES = (
    passes("PRV021", azure(CONTAINER % "options: --cpus 2")),
    passes("PRV021", declarative("sh 'x'", agent="{ docker { image 'a:1' } }")),
    passes("PRV022", azure(CONTAINER % "volumes: ['/srv:/srv']")),
    passes("PRV022", gitlab("a:\n  script:\n    - docker run -v /srv:/srv x:1\n")),
    passes("PRV022", declarative("sh 'x'", agent="{ docker { image 'a:1'; args '-v /srv:/srv' } }")),
    fails(
        "PRV021", workflow("- run: make", job="container:\n  image: x:1\n  options: --privileged"), at="--privileged"
    ),
    passes("PRV021", workflow("- run: make")),
    fails("PRV021", gitlab("a:\n  services: [docker:27-dind]\n  script: make\n"), at="docker:27-dind"),
    passes("PRV021", gitlab("a:\n  services: [docker:27-dind-rootless]\n  script: make\n")),
    passes("PRV021", gitlab("a:\n  image: quay.io/buildah/stable:v1\n  script: make\n")),
    fails("PRV021", azure(CONTAINER % "options: --privileged"), at="--privileged"),
    fails("PRV021", declarative("sh 'x'", agent="{ docker { image 'a:1'; args '--privileged' } }"), at="--privileged"),
    # its steps are workloads, which PRV001 judges
    silent("PRV021", task("- {name: a, image: 'alpine:3', securityContext: {privileged: true}, args: [make]}")),
    fails("PRV022", workflow("- run: make", job=f"container:\n  image: x:1\n  volumes: ['{SOCKET}']"), at=SOCKET),
    passes("PRV022", workflow("- run: make")),
    fails("PRV022", workflow(f"- run: docker run -v {SOCKET} x:1"), at=SOCKET, severity="medium"),
    fails("PRV022", gitlab(f"a:\n  script:\n    - docker run -v {SOCKET} x:1\n"), at=SOCKET),
    fails("PRV022", azure(CONTAINER % f"volumes: ['{SOCKET}']"), at=SOCKET),
    fails("PRV022", declarative("sh 'x'", agent=f"{{ docker {{ image 'a:1'; args '-v {SOCKET}' }} }}"), at=SOCKET),
    fails(
        "PRV022", jenkins(f"node {{\n  docker.image('a:1').inside('-v {SOCKET}') {{\n    sh 'x'\n  }}\n}}\n"), at=SOCKET
    ),
    *(
        fails("PRV021", gitlab(f"a:\n  script:\n    - {line}\n"), at=at, severity=severity)
        for line, at, severity in (
            ("docker run --rm --privileged x:1", "--privileged", "medium"),
            ("sudo podman --log-level info container run -it --pid=host x:1", "--pid=host", "medium"),
            ("docker create --cap-add CAP_SYS_ADMIN x:1", "--cap-add CAP_SYS_ADMIN", "medium"),
            ("docker run --network host x:1", "--network host", "low"),
            ("docker run --net=host x:1", "--net=host", "low"),
            ("docker run --security-opt seccomp=unconfined x:1", "--security-opt seccomp=unconfined", "low"),
        )
    ),
    *(
        passes("PRV021", gitlab(f"a:\n  script:\n    - {line}\n"))
        for line in (
            "docker run x:1 --privileged",  # what the image is given
            "docker run --privileged=false x:1",
            "docker run --name host --network other --cap-add CHOWN --security-opt no-new-privileges x:1",
            "docker exec --privileged x ls",
            "echo docker run --privileged x:1",
        )
    ),
    fails("PRV021", workflow("- run: docker run --privileged x:1"), at="--privileged", severity="low"),
    fails(
        "PRV021",
        workflow("- run: docker run --privileged x:1", job="runs-on: [self-hosted]"),
        at="--privileged",
        severity="high",
    ),
    fails("PRV021", azure("steps:\n- bash: docker run --cap-add ALL x:1\n"), at="--cap-add ALL"),
    fails("PRV021", declarative("sh 'docker run --privileged x:1'"), at="--privileged"),
    fails("PRV021", task("- {name: a, image: x, script: docker run --privileged y}"), at="--privileged y"),
    passes("PRV021", task("- {name: a, image: x, script: make}")),
    fails("PRV022", task(f"- {{name: a, image: x, script: 'docker run -v {SOCKET} y'}}"), at=SOCKET),
    passes("PRV022", task("- {name: a, image: x, script: make}")),
    fails("PRV023", workflow("- run: make", job="runs-on: [self-hosted]", on="pull_request"), at="self-hosted"),
    passes("PRV023", workflow("- run: make", job="runs-on: [self-hosted]", on="push")),
    passes("PRV023", workflow("- run: make", on="pull_request")),
    silent("PRV023", gitlab("a: {script: make}\n")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)
