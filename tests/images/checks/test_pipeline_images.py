"""IMG027 to IMG030: scanned before it is pushed, with a gate; signed; deployed by digest."""

import pytest

from harness import Case, Input, assert_case, assert_mends, fails, mendable, passes, silent
from pipeline_cases import action, azure, declarative, gitlab, jenkins, pipeline, task, workflow

BUILD = "- run: docker build -t ghcr.io/shop/web:1 .\n"
PUSH = "- run: docker push ghcr.io/shop/web:1\n"
SCAN = "- uses: aquasecurity/trivy-action@0.28.0\n  with:\n    image-ref: ghcr.io/shop/web:1\n    exit-code: '1'\n"
OPEN = "- uses: aquasecurity/trivy-action@0.28.0\n  with:\n    image-ref: ghcr.io/shop/web:1\n"
SARIF = OPEN + "    format: sarif\n- uses: github/codeql-action/upload-sarif@v3\n"

STAGED = """
stages: [build, scan, publish]
build:
  stage: build
  script:
    - docker build -t $CI_REGISTRY_IMAGE:$CI_COMMIT_SHA .
    - docker push $CI_REGISTRY_IMAGE:$CI_COMMIT_SHA
scan:
  stage: scan
  script: trivy image --exit-code 1 $CI_REGISTRY_IMAGE:$CI_COMMIT_SHA
publish:
  stage: publish
  script:
    - docker push $CI_REGISTRY_IMAGE:latest
"""

DIGEST = "ghcr.io/shop/web@sha256:" + "a" * 64
WHERE = "    if: github.event_name == 'pull_request'\n"
OTHER = "- run: trivy image --exit-code 1 alpine:3.19\n"
TEKTON = """
- name: scan
  image: aquasec/trivy:0.57.0
  args: [image, --exit-code, '%s', ghcr.io/shop/web:1]
"""

UNSCANNED = (
    fails("IMG027", workflow(BUILD + OTHER + PUSH), at="docker push", says="only another one is scanned (alpine:3.19)"),
    passes("IMG027", workflow("- run: docker build -t web .\n- run: grype web:latest --fail-on high\n" + PUSH)),
    passes("IMG027", workflow(BUILD + "- run: trivy image --exit-code 1 $OTHER\n" + PUSH)),
    fails(
        "IMG027",
        workflow(BUILD + SCAN.replace("  with:", WHERE[2:] + "  with:", 1) + PUSH),
        at="docker push",
        severity="low",
        says="scanned only if github.event_name == 'pull_request'",
    ),
    passes(
        "IMG027",
        workflow(BUILD + SCAN.replace("  with:", WHERE[2:] + "  with:", 1) + PUSH + WHERE[2:]),
    ),
    passes("IMG027", workflow(BUILD + SCAN.replace("  with:", "  if: ${{ !cancelled() }}\n  with:", 1) + PUSH)),
    silent("IMG027", workflow(f"- run: crane copy {DIGEST} ghcr.io/shop/web:prod\n")),
    silent("IMG027", workflow(f"- run: docker buildx imagetools create -t ghcr.io/shop/web:prod {DIGEST}\n")),
    silent(
        "IMG027",
        workflow(f"- run: |\n    docker tag {DIGEST} ghcr.io/shop/web:prod\n    docker push ghcr.io/shop/web:prod\n"),
    ),
    fails("IMG027", workflow(BUILD + PUSH), at="docker push", severity="medium", says="nothing in this pipeline scans"),
    fails("IMG027", workflow(BUILD + PUSH + SCAN), at="docker push", severity="low", says="before it is scanned"),
    passes("IMG027", workflow(BUILD + SCAN + PUSH)),
    silent("IMG027", workflow(BUILD)),
    fails(
        "IMG027",
        workflow("- uses: docker/build-push-action@v6\n  with:\n    push: true\n    tags: shop/web\n"),
        at="push: true",
    ),
    silent("IMG027", workflow("- uses: docker/build-push-action@v6\n  with:\n    push: false\n")),
    silent("IMG027", action("- run: docker push x\n  shell: bash")),
    fails("IMG027", gitlab("a:\n  script:\n    - docker build -t x .\n    - docker push x\n"), at="docker push"),
    passes("IMG027", gitlab(STAGED)),
    fails(
        "IMG027",
        gitlab("a:\n  script:\n    - /kaniko/executor --context . --destination $CI_REGISTRY_IMAGE\n"),
        at="executor",
    ),
    fails(
        "IMG027",
        azure("steps:\n- task: Docker@2\n  inputs:\n    command: buildAndPush\n    repository: web\n"),
        at="buildAndPush",
    ),
    passes(
        "IMG027",
        azure(
            "steps:\n- task: Docker@2\n  inputs: {command: build, repository: web}\n"
            "- script: grype web --fail-on high\n- task: Docker@2\n  inputs: {command: push, repository: web}\n"
        ),
    ),
    fails("IMG027", declarative("sh 'docker build -t x .'\nsh 'docker push x'"), at="docker push"),
    fails("IMG027", jenkins("node {\n  def i = docker.build('x')\n  i.push()\n}\n"), at="i.push()"),
    passes("IMG027", jenkins("node {\n  def i = docker.build('x')\n  sh 'grype x -f high'\n  i.push()\n}\n")),
    silent("IMG027", task("- {name: a, image: gcr.io/kaniko-project/executor:v1, args: [--destination=x]}")),
)

GATE = (
    fails(
        "IMG028", workflow(OPEN), at="trivy-action", says="without exit-code", fix="review", becomes='exit-code: "1"'
    ),
    passes("IMG028", workflow(SCAN)),
    passes("IMG028", workflow("- run: TRIVY_EXIT_CODE=1 trivy image x\n")),
    passes("IMG028", workflow("- run: |\n    export TRIVY_EXIT_CODE=1\n    trivy image x\n")),
    fails("IMG028", workflow("- run: trivy image --exit-code 1 x | tee report\n"), at="| tee report", says="pipefail"),
    passes("IMG028", workflow("- run: trivy image --exit-code 1 x | tee report\n  shell: bash\n")),
    passes("IMG028", workflow("- run: |\n    set -euo pipefail\n    trivy image --exit-code 1 x | tee report\n")),
    passes("IMG028", gitlab("a: {script: ['trivy image --exit-code 1 x | tee report']}\n")),
    passes("IMG028", pipeline(TEKTON % 1)),
    fails("IMG028", pipeline(TEKTON % 0), at="args", says="exit-code 0"),
    passes("IMG028", workflow(SARIF)),
    fails("IMG028", workflow(SCAN + "  continue-on-error: true\n"), at="continue-on-error", says="goes on"),
    fails(
        "IMG028",
        workflow("- uses: anchore/scan-action@v5\n  with:\n    image: x\n    fail-build: false\n"),
        at="fail-build",
        fix="review",
        becomes="fail-build: true",
    ),
    fails("IMG028", workflow("- run: |\n    make\n    grype x\n"), at="grype x", says="without --fail-on"),
    fails("IMG028", workflow("- run: trivy image --exit-code 1 x || true\n"), at="trivy image", says="`true`"),
    passes("IMG028", workflow("- run: |\n    trivy image x > report.txt\n    trivy image --exit-code 1 x\n")),
    silent("IMG028", workflow(BUILD)),
    fails(
        "IMG028",
        gitlab("a:\n  script:\n    - trivy image --exit-code 0 x\n"),
        at="--exit-code 0",
        fix="review",
        becomes="trivy image --exit-code 1 x",
    ),
    fails("IMG028", gitlab("a:\n  allow_failure: true\n  script:\n    - grype x -f high\n"), at="allow_failure"),
    passes("IMG028", gitlab("a:\n  variables: {TRIVY_EXIT_CODE: '1'}\n  script:\n    - trivy image x\n")),
    fails("IMG028", azure("steps:\n- script: grype x --fail-on high\n  continueOnError: true\n"), at="continueOnError"),
    fails("IMG028", declarative("sh script: 'trivy image --exit-code 1 x', returnStatus: true"), at="returnStatus"),
    fails("IMG028", declarative("catchError {\n  sh 'grype x -f high'\n}"), at="catchError"),
)

SIGNED = (
    fails("IMG029", workflow(BUILD + PUSH), at="docker push"),
    passes("IMG029", workflow(BUILD + PUSH + "- run: cosign sign --yes ghcr.io/shop/web@$DIGEST\n")),
    passes("IMG029", workflow(BUILD + PUSH + "- uses: actions/attest-build-provenance@v2\n")),
    silent("IMG029", workflow(BUILD)),
    fails("IMG029", gitlab("a:\n  script: [docker push x]\n"), at="docker push"),
)

DEPLOYED = (
    fails("IMG030", workflow("- run: kubectl set image deployment/web web=shop/web:1.4\n"), at="kubectl"),
    passes("IMG030", workflow("- run: kubectl set image deployment/web web=shop/web@$DIGEST\n")),
    silent("IMG030", workflow("- run: kubectl apply -f k8s\n")),
    fails("IMG030", gitlab("a:\n  script:\n    - helm upgrade web . --set image.tag=$CI_COMMIT_SHA\n"), at="helm"),
    fails(
        "IMG030",
        azure("steps:\n- task: KubernetesManifest@1\n  inputs:\n    action: deploy\n    containers: x/web:$(tag)\n"),
        at="task:",
    ),
)
SHIP = """
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: ship}
spec:
  tasks:
  - name: build
    taskSpec:
      steps:
      - {name: b, image: quay.io/buildah/stable:v1, script: buildah bud -t x/web .}
      - {name: s, image: x/tools:1, script: %s}
      - {name: p, image: quay.io/buildah/stable:v1, script: buildah push x/web}
  - name: sign
    runAfter: [build]
    taskSpec:
      steps:
      - {name: a, image: x/tools:1, script: %s}
"""


def ship(scan: str, sign: str = "make") -> Input:
    return Input("tekton", {"ship.yaml": (SHIP % (scan, sign)).lstrip()})


OTHERS = (
    fails("IMG027", ship("make"), at="buildah push"),
    passes("IMG027", ship("grype x/web -f high")),
    fails("IMG028", ship("grype x/web"), at="grype"),
    passes("IMG028", ship("grype x/web -f high")),
    passes("IMG028", azure("steps:\n- script: grype x --fail-on high\n")),
    passes("IMG028", declarative("sh 'grype x -f high'")),
    fails("IMG029", ship("make"), at="buildah push"),
    passes("IMG029", ship("make", "cosign sign x/web")),
    fails("IMG029", azure("steps:\n- script: docker push x\n"), at="docker push"),
    passes("IMG029", azure("steps:\n- script: docker push x\n- script: notation sign x\n")),
    passes("IMG029", gitlab("a:\n  script: [docker push x, cosign sign x]\n")),
    fails("IMG029", declarative("sh 'docker push x'"), at="docker push"),
    passes("IMG029", declarative("sh 'docker push x'\nsh 'cosign sign x'")),
    passes("IMG030", azure("steps:\n- script: kubectl set image deployment/web web=x@$DIGEST\n")),
    passes("IMG030", gitlab("a:\n  script:\n    - kubectl set image deployment/web web=x@$DIGEST\n")),
    fails("IMG030", declarative("sh 'kubectl set image deployment/web web=x:1'"), at="kubectl"),
    passes("IMG030", declarative("sh 'kubectl set image deployment/web web=x@$DIGEST'")),
)
CASES = UNSCANNED + GATE + SIGNED + DEPLOYED + OTHERS


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)


def test_an_action_of_the_same_repository_is_looked_into() -> None:
    given = workflow(
        BUILD + "- uses: ./.github/actions/greet\n" + PUSH,
        **action("- run: grype web:1 -f high\n  shell: bash").files,
    )
    assert_case(passes("IMG027", given))
