"""Pipelines: images that are scanned before they are pushed, signed after, and deployed by digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.engine.check import Context, check
from batten.engine.mend import edit
from batten.model.edits import ReplaceText, Set
from batten.model.pipeline import Job, Pipeline, Step
from batten.model.verdict import LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Fix, Verdict, fail
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.detect.pipelines import Occurrence

_SEVERAL = 5  # further places that are shown of one finding


def _all(pipeline: Pipeline, context: Context) -> list[Occurrence]:
    from batten.detect.pipelines import known_pipelines, occurrences

    key = ("occurrences", pipeline.document, pipeline.pointer)
    found: list[Occurrence] | None = pipeline.head.cache.get(key)
    if found is None:
        found = pipeline.head.cache[key] = occurrences(pipeline, known_pipelines(context.inventory))
    return found


def _pushes(pipeline: Pipeline, context: Context) -> list[Occurrence]:
    """What the pipeline pushes. What others call is judged where it is called: they may scan around it."""
    if pipeline.head.part and pipeline.head.kind not in ("Workflow", "Pipeline"):
        return []
    return [one for one in _all(pipeline, context) if one.fact.kind == "push"]


def _opaque(pipeline: Pipeline) -> bool:
    """Are there steps whose text is elsewhere, so that nobody can say what they do?"""
    if any(one.kind == "library" for one in pipeline.uses):
        return True
    if any(not one.local or one.kind == "template" for one in pipeline.uses):
        return True
    return any(job.use is not None and not job.use.local for job in pipeline.jobs)


@check(
    "IMG027",
    "Image is pushed without a scan",
    severity=MEDIUM,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def pushed_unscanned(pipeline: Pipeline, context: Context) -> Verdict:
    """The pipeline builds an image and pushes it, and nothing looks for known vulnerabilities in between: what is
    wrong with it is found when it runs, if at all. A scan after the push finds the same, but the image is already
    there for everybody to pull. A scan of another image counts for nothing, and one that runs only on some condition
    for what that condition holds for. What is copied or tagged by its digest was pushed, and judged, before.

    Fix:
        github-actions: build with `load: true`, scan the image (`aquasecurity/trivy-action` with `exit-code: '1'`,
            `anchore/scan-action`), push then.
        gitlab-ci: let a job between build and push scan the image (`trivy image --exit-code 1 …`); push to a tag of
            the commit first where the scanner needs a registry, and to the final tag after it.
        azure-pipelines: part `buildAndPush` into `build` and `push`, with a script between that scans the image.
        jenkins: call the scanner with `sh` between `docker.build` and `push`.
        tekton: let a task between build and deployment scan the image, and run it before the final tag is pushed.
    References:
        https://cheatsheetseries.owasp.org/cheatsheets/CI_CD_Security_Cheat_Sheet.html
        https://doi.org/10.6028/NIST.SP.800-190
    """
    pushes = _pushes(pipeline, context)
    if not pushes:
        return NOT_APPLICABLE
    every = _all(pipeline, context)
    scans = [one for one in every if one.fact.kind == "scan" and one.fact.of_images]
    # pushed to be scanned: the final tag, or the deployment, comes after the scan
    gated = [one for one in every if one.fact.kind in ("push", "deploy")]
    before = [scan for scan in scans if any(scan.before(one) for one in gated)]
    here = [scan for scan in before if not _is_of_another(scan, every)]
    sure = [scan for scan in here if any(scan.before(one) and not _only_if(scan, one) for one in gated)]
    if sure:
        return PASS
    first = pushes[0]
    if here:
        condition = _only_if(here[0], first)
        said, severity = f"the image is scanned only if {condition[:80]}, and pushed without that, too", LOW
    elif before:
        said, severity = f"the image is pushed, and only another one is scanned ({before[0].fact.images[0]})", MEDIUM
    elif any(first.before(scan) for scan in scans):
        said, severity = "the image is pushed before it is scanned", LOW
    else:
        said, severity = "the image is pushed, and nothing in this pipeline scans it", MEDIUM
    return fail(
        first.place,
        said,
        subject="push",
        severity=severity,
        confidence="low" if _opaque(pipeline) else "medium" if pipeline.head.part else "high",
        related=tuple(one.place for one in pushes[1 : _SEVERAL + 1]),
        resource=first.job.resource,
        no_fix="which scanner it is to be, and what it lets pass, is for the owner to say",
    )


_VARIABLE = pattern(r"[${}()]")
_STATUS = pattern(r"\s*(?:!?\s*(?:always|success|cancelled|failure)\(\)\s*(?:\|\||&&)?\s*)*\Z")


def _is_of_another(scan: Occurrence, every: list[Occurrence]) -> bool:
    """Does it name an image that the pipeline neither builds nor pushes? What variables name may be any."""
    others = [image for one in every if one.fact.kind in ("build", "push") for image in one.fact.images]
    if not scan.fact.images or not others or any(_VARIABLE.search(one) for one in (*scan.fact.images, *others)):
        return False
    built = {_last_part(one) for one in others}
    return all(_last_part(one) not in built for one in scan.fact.images)


def _last_part(image: str) -> str:
    """`registry.example/shop/web:1` is `web`: a tag and a registry may come with `docker tag`."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _only_if(scan: Occurrence, other: Occurrence) -> str:
    """The condition of the scan that the other step does not have; "" where there is none."""
    mine = [_condition(one) for one in (scan.job, scan.step)]
    theirs = " ".join(_condition(one) for one in (other.job, other.step))
    return next((one for one in mine if one and one not in theirs), "")


def _condition(of: Job | Step) -> str:
    """What it runs only if, "" for what is true as long as nothing fails, or of an earlier step of the same job."""
    text = of.condition.text.strip() if of.condition is not None else ""
    text = text.removeprefix("${{").removesuffix("}}").strip() if text.startswith("${{") else text
    return "" if _STATUS.match(text) or text.startswith("steps.") else " ".join(text.split())


@check(
    "IMG028",
    "Scan cannot fail the pipeline",
    severity=MEDIUM,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def scan_without_gate(pipeline: Pipeline, context: Context) -> Verdict:
    """The scanner runs, and whatever it finds the pipeline goes on: `exit-code: '0'` (the default of Trivy and of its
    action), `fail-build: false`, `|| true`, a pipe (`| tee report`) without `pipefail`, `continue-on-error`,
    `allow_failure`. Its report is a log that nobody reads. Results that are handed to code scanning as SARIF are judged
    there and are not told, nor is a report beside another scan of the same job that does stop it.

    Fix:
        github-actions: set `exit-code: '1'` (Trivy) or `fail-build: true` (Anchore) with the severities that count,
            and remove `continue-on-error`.
        gitlab-ci: add `--exit-code 1 --severity CRITICAL` or `--fail-on critical`; remove `|| true` and
            `allow_failure`.
        azure-pipelines: add `--exit-code 1` or `--fail-on`; remove `continueOnError`.
        jenkins: add `--exit-code 1` or `--fail-on`; remove `|| true`, `returnStatus` and `catchError`.
        tekton: add `--exit-code 1` or `--fail-on`; remove `onError: continue`.
    References:
        https://trivy.dev/latest/docs/configuration/others/#exit-code
        https://github.com/anchore/grype#gating-on-severity-of-vulnerabilities
    """
    scans = [one for one in _all(pipeline, context) if one.fact.kind == "scan"]
    if not scans or (pipeline.head.part and pipeline.head.kind not in ("Workflow", "Pipeline", "Template")):
        return NOT_APPLICABLE
    stopping = {one.job.name for one in scans if one.fact.gate and one.may_fail is None}
    failures: list[Failure] = []
    for one in scans:
        excused = (
            one.job.name in stopping
            or one.step.always
            or (one.fact.reported and _handed_on(one))
            or (one.fact.gate is not False and one.may_fail is None)
        )
        if excused:
            continue
        fact = one.fact
        if fact.gate is False:
            place, why = fact.gate_place or one.place, fact.gate_why
        else:
            place, why = one.may_fail or one.place, "the job goes on when it fails"
        failures.append(
            fail(
                place,
                f"{fact.tool} cannot stop the pipeline: {why}",
                subject=f"{one.step.name}/{fact.tool}",
                resource=one.job.resource,
                fix=_gate(one),
                no_fix="" if _gate(one) else "what it finds today must be seen first, and which severities count",
            )
        )
    return failures or PASS


def _handed_on(scan: Occurrence) -> bool:
    """Does a later step of the job hand its results to code scanning?"""
    return any(
        step.use is not None and step.use.name.startswith("github/codeql-action/upload-sarif")
        for step in scan.job.steps
    )


def _gate(scan: Occurrence) -> Fix | None:
    """Switches the gate on, where an input of an action or an option does."""
    fact, step = scan.fact, scan.step
    if fact.gate_text and fact.gate_place is not None and fact.gate is False:
        place = fact.gate_place
        return edit("review", f"write {fact.gate_text}", place.document, ReplaceText(place.pointer, fact.gate_text))
    if fact.gate is not False or not fact.gate_input or step.document is not scan.job.document or step.use is None:
        return None
    value: object = "1" if fact.gate_input == "exit-code" else True
    if isinstance(value, bool) and fact.gate_input in step.inputs:
        written = step.inputs[fact.gate_input].text
        value = "true" if written not in ("false", "False") else True
    pointer = (*step.pointer, "with", fact.gate_input)
    return edit("review", f"set {fact.gate_input} to {value}".lower(), step.document, Set(pointer, value))


@check(
    "IMG029",
    "Pushed image is not signed",
    severity=LOW,
    persona="pedantic",
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def pushed_unsigned(pipeline: Pipeline, context: Context) -> Verdict:
    """The pipeline pushes an image and neither signs it nor attests how it was built: whoever pulls it cannot tell it
    from one that somebody else pushed under its name.

    Fix:
        github-actions: `actions/attest-build-provenance` with `push-to-registry: true`, or `cosign sign` with the
            digest that the push gives.
        all: `cosign sign` or `notation sign` with the digest that the push gives.
    References:
        https://docs.sigstore.dev/cosign/signing/signing_with_containers/
        https://slsa.dev/spec/v1.1/levels
    """
    pushes = _pushes(pipeline, context)
    if not pushes:
        return NOT_APPLICABLE
    if any(one.fact.kind == "sign" for one in _all(pipeline, context)):
        return PASS
    return fail(
        pushes[0].place,
        "the image is pushed and not signed",
        subject="sign",
        confidence="low" if _opaque(pipeline) else "high",
        related=tuple(one.place for one in pushes[1 : _SEVERAL + 1]),
        resource=pushes[0].job.resource,
        no_fix="with which identity or key it is signed is for the owner to say",
    )


_DIGEST = pattern(r"@sha256:[0-9a-f]{64}|@?\$\{?\{?[^}]{0,200}[Dd]igest|@\$|\bsha256:|DIGEST")


@check(
    "IMG030",
    "Deployed by a tag",
    severity=LOW,
    persona="pedantic",
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins"),
)
def deployed_by_tag(pipeline: Pipeline, context: Context) -> Verdict:
    """The deployment names the image by a tag. What runs is what the tag means when a node pulls it, which need not be
    what this pipeline built, scanned and signed; a digest cannot be moved.

    Fix:
        all: take the digest that the push gives (`steps.build.outputs.digest`, `docker inspect`, `--digest-file`) and
            deploy `name@sha256:…`.
    References:
        https://kubernetes.io/docs/concepts/containers/images/#image-names
    """
    deployments = [one for one in _all(pipeline, context) if one.fact.kind == "deploy" and one.fact.images]
    if not deployments:
        return NOT_APPLICABLE
    failures: list[Failure] = [
        fail(
            one.place,
            f"{image} is deployed by its tag",
            subject=image,
            resource=one.job.resource,
            no_fix="the digest is known when the image has been pushed",
        )
        for one in deployments
        for image in one.fact.images
        if not _DIGEST.search(image)
    ]
    return failures or PASS
