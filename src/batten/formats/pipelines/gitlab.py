"""GitLab CI: `.gitlab-ci.yml` with what it includes from the same repository, `extends`, anchors and `!reference`.

Source: https://docs.gitlab.com/ci/yaml/. What is included from other projects, addresses, templates and components
is not read; the pipeline names it among its `uses`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batten.formats.interface import ReadContext, Reading
from batten.formats.part import as_text
from batten.formats.pipelines.complete import CUT, ending
from batten.formats.pipelines.document import PipelineDocument, read_pipeline
from batten.formats.pipelines.draft import Builder, secret_names
from batten.formats.pipelines.gitlab_tree import Located, Sources, leaf, merged
from batten.limits import PIPELINE_DEPTH, PIPELINE_INCLUDES
from batten.model.pipeline import Head, JobImage, Runner, Script, Step, Text, Trigger, Use, Variable
from batten.model.source import File, Place, Problem

_RESERVED: Final = frozenset(
    (
        *("after_script", "before_script", "cache", "default", "image", "include", "services", "spec", "stages"),
        *("types", "variables", "workflow"),
    )
)
_DEFAULTS: Final = ("image", "services", "before_script", "after_script", "tags")
_STAGES: Final = (".pre", "build", "test", "deploy", ".post")


def read(file: File, context: ReadContext) -> Reading:
    """The pipeline of the file and of the local files that it includes."""
    reading = Reading()
    build = _Pipeline(file, context, reading)
    reading.nouns = build.read()
    reading.recognised = bool(reading.nouns or reading.problems)
    return reading


class _Pipeline:
    def __init__(self, file: File, context: ReadContext, reading: Reading) -> None:
        self.file = file
        self.context = context
        self.reading = reading
        self.sources = Sources(reading.problems)
        self.uses: list[Use] = []
        self.seen: set[str] = {file.path}
        self.first: PipelineDocument | None = None
        self.root: dict[str, Located] = {}

    def read(self) -> list[Any]:
        """The nouns; none where nothing of it is GitLab's."""
        self.root = self._file(self.file, 0)
        if self.first is None:
            return []
        self.sources.root = self.root
        jobs = {name: one for name, one in self.root.items() if _is_job(name, one)}
        if not jobs and not any(name in self.root for name in ("include", "stages", "workflow", "default")):
            return []
        return self._build({name: one for name, one in jobs.items() if not name.startswith(".")})

    def _file(self, file: File, depth: int) -> dict[str, Located]:
        """The keys of a file over those of the files that it includes."""
        own: dict[str, Located] = {}
        for document in read_pipeline(file, self.context.files):
            if isinstance(document, Problem):
                self.reading.problems.append(document)
                continue
            if not isinstance(document.value, dict) or "spec" in document.value:
                continue  # a component's inputs stand in a document of their own
            self.first = self.first or document
            self.reading.problems += document.notes
            self.reading.problems += ending(document)
            self.sources.learn(document)
            own = {**own, **leaf(document, (), document.value).mapping()}
        below: dict[str, Located] = {}
        for one in own["include"].items() if "include" in own else ():
            below = merged_all(below, self._include(one, file, depth))
        return merged_all(below, own)

    def _include(self, one: Located, asked_by: File, depth: int) -> dict[str, Located]:
        path = one.scalar() or one.get("local").scalar()
        if path.startswith(("http://", "https://")) or not path:
            self._elsewhere(one, path)
            return {}
        place = one if one.scalar() else one.get("local")
        wanted = path.lstrip("/")
        base = self.file.directory
        paths = [f"{base}/{wanted}" if base else wanted]
        if "*" in wanted:
            folder, _, pattern_ = paths[0].rpartition("/")
            paths = [f"{folder}/{name}" if folder else name for name in self._names(folder, pattern_)]
        found: dict[str, Located] = {}
        for each in paths:
            if each in self.seen:
                continue
            self.seen.add(each)
            file = self.context.files.get(each)
            if file is None or depth >= PIPELINE_DEPTH or len(self.seen) > PIPELINE_INCLUDES:
                line = place.document.locate(place.pointer).line
                what = "expected at most" if file is not None else "expected the file"
                told = f"{PIPELINE_INCLUDES} includes" if file is not None else f"{each} that is included, found none"
                self.reading.problems.append(Problem(asked_by.path, f"{what} {told}; jobs there are not read", line))
                continue
            self.reading.consumed.append(each)
            found = merged_all(found, self._file(file, depth + 1))
        return found

    def _names(self, folder: str, wanted: str) -> list[str]:
        from fnmatch import fnmatchcase

        return [name for name in self.context.files.names(folder) if fnmatchcase(name, wanted.replace("**", "*"))]

    def _elsewhere(self, one: Located, path: str) -> None:
        for kind in ("remote", "project", "component", "template"):
            entry = one.get(kind)
            text = path if kind == "remote" and path else entry.scalar()
            if not text:
                continue
            self.sources.elsewhere = True
            at = one if path else entry
            name, ref = text, one.get("ref").scalar()
            if kind == "component":
                name, _, ref = text.partition("@")
            if kind == "remote" and one.get("integrity").scalar():
                ref = one.get("integrity").scalar()
            # templates come with the GitLab server itself
            self.uses.append(Use("template", Text(text, at.document, at.pointer), name, ref, local=kind == "template"))
            return

    # ------------------------------------------------------------------------------------ jobs

    def _build(self, jobs: dict[str, Located]) -> list[Any]:
        assert self.first is not None
        head = Head("gitlab-ci", "Pipeline", False, tuple(self._triggers()))
        name = self.file.name.partition(".")[0] or "pipeline"
        if self.file.name.startswith("."):
            name = self.file.name.removeprefix(".").partition(".")[0]
        build = Builder(self.first, self.file, head, name)
        stages = [one.scalar() for one in self.root["stages"].items()] if "stages" in self.root else list(_STAGES)
        around = self._variables(self.root.get("variables"))
        whole = {job: self.sources.extended(one, job) for job, one in jobs.items()}
        rank = {job: _rank(stages, one.get("stage").scalar() or "test") for job, one in whole.items()}
        self._tell_unknown(whole, stages)
        for job, one in whole.items():
            self._tell_incomplete(job, jobs[job])
            self._job(build, job, one, around, self._after(job, one, rank))
        self.reading.problems += build.problems
        return build.nouns(uses=self.uses)

    def _tell_incomplete(self, name: str, job: Located) -> None:
        """A job that runs nothing, which GitLab refuses; what another file or job gives it is not known."""
        if self.sources.elsewhere or any(job.get(key).present for key in ("script", "run", "trigger", "extends")):
            return
        line = job.document.locate(job.pointer, key=True).line
        message = f"expected script, run or trigger in the job {name}, {CUT}"
        self.reading.problems.append(Problem(job.document.file.path, message, line))

    def _tell_unknown(self, jobs: dict[str, Located], stages: list[str]) -> None:
        """Stages and jobs that a job names and that are not there; jobs that are none."""
        if self.sources.elsewhere:
            return
        for name, job in jobs.items():
            stage = job.get("stage")
            if stage.scalar() and stage.scalar() not in (*stages, ".pre", ".post") and "$" not in stage.scalar():
                self._absent(stage, f"the stage {stage.scalar()} of the job {name} among the stages")
            for one in job.get("needs").items():
                needed = one.scalar() or one.get("job").scalar()
                away = any(one.get(key).present for key in ("pipeline", "project", "optional"))
                if needed and needed not in jobs and not away and "$" not in needed:
                    self._absent(one, f"the job {needed} that {name} needs")
        for name, one in self.root.items():
            if name not in _RESERVED and name not in jobs and not name.startswith(".") and one.present:
                self._absent(one, f"script, run or trigger in the job {name}")
        if not jobs and "include" not in self.root and not any(name.startswith(".") for name in self.root):
            at = next(iter(self.root.values()))
            self._absent(at, "a job in the pipeline")

    def _absent(self, at: Located, what: str) -> None:
        line = at.document.locate(at.pointer).line
        self.reading.problems.append(Problem(at.document.file.path, f"expected {what}, {CUT}", line))

    def _triggers(self) -> Iterator[Trigger]:
        workflow = self.root.get("workflow")
        for rule in workflow.get("rules").items() if workflow is not None else ():
            condition = rule.get("if")
            if condition.scalar():
                yield Trigger(condition.scalar(), Place(condition.document, condition.pointer))

    def _after(self, job: str, one: Located, rank: dict[str, int]) -> frozenset[str]:
        needs = one.get("needs")
        if needs.present:
            return frozenset(each.scalar() or each.get("job").scalar() for each in needs.items())
        return frozenset(name for name, place in rank.items() if place < rank[job])

    def _variables(self, value: Located | None) -> tuple[Variable, ...]:
        found = []
        for name, one in value.mapping().items() if value is not None else ():
            entry = one.get("value") if one.get("value").present else one
            found.append(Variable(name, entry.text()))
        return tuple(found)

    def _default(self, job: Located, key: str) -> Located:
        own = job.get(key)
        inherit = job.get("inherit").get("default")
        if own.present or inherit.scalar() == "false":
            return own
        default = self.root.get("default")
        found = default.get(key) if default is not None else own
        return found if found.present else self.root.get(key, own)

    def _job(
        self, build: Builder, name: str, job: Located, around: tuple[Variable, ...], after: frozenset[str]
    ) -> None:
        environment = (*self._variables(job.get("variables")), *around)
        secrets = (*job.get("secrets").mapping(), *secret_names(environment, "gitlab-ci"))
        image = self._default(job, "image")
        windows = any("windows" in one.scalar() for one in self._default(job, "tags").items())
        steps: list[Step] = []
        for key in ("before_script", "script", "after_script"):
            value = self._default(job, key) if key != "script" else job.get(key)
            if not value.present and key == "script":
                value = job.get("run")
            for number, line in enumerate(self.sources.lines(value)):
                shell = "powershell" if windows else "sh"
                script = Script(line.scalar(), line.document, line.pointer, shell=shell, pipefail=not windows)
                steps.append(
                    build.step(
                        line.document,
                        line.pointer,
                        name,
                        name=f"{key} {number + 1}",
                        script=script,
                        environment=environment,
                        secrets=secrets,
                        always=key == "after_script",
                    )
                )
        condition = next((one.get("if") for one in job.get("rules").items() if one.get("if").scalar()), None)
        build.job(
            job.document,
            job.pointer,
            name,
            stage=job.get("stage").scalar() or "test",
            after=after,
            runner=_runner(self._default(job, "tags")),
            images=tuple(_images(image, self._default(job, "services"))),
            condition=condition.text() if condition is not None else None,
            may_fail=_may_fail(job.get("allow_failure")),
            steps=tuple(steps),
        )


def merged_all(below: dict[str, Located], above: dict[str, Located]) -> dict[str, Located]:
    """The keys of both; mappings are merged, of all else the upper one holds."""
    found = dict(below)
    for name, one in above.items():
        found[name] = merged(found[name], one) if name in found else one
    return found


def _is_job(name: str, one: Located) -> bool:
    if name in _RESERVED:
        return False
    keys = one.mapping()
    return any(key in keys for key in ("script", "trigger", "extends", "run", "stage", "rules", "before_script"))


def _rank(stages: list[str], stage: str) -> int:
    if stage == ".pre":
        return -1
    return stages.index(stage) if stage in stages else len(stages)


def _runner(tags: Located) -> Runner:
    """A runner that is asked for by tags; those of GitLab.com are lent, and have names of their own."""
    first = next(tags.items(), None)
    if first is None:
        return Runner("unknown")
    text = first.text()
    return Runner("hosted" if text.text.startswith("saas-") else "unknown", text)


def _images(image: Located, services: Located) -> Iterator[JobImage]:
    named = image if image.scalar() else image.get("name")
    if named.scalar():
        yield JobImage("job", named.text())
    for one in services.items():
        named = one if one.scalar() else one.get("name")
        if named.scalar():
            yield JobImage("service", named.text())


def _may_fail(value: Located) -> Place | None:
    return Place(value.document, value.pointer) if as_text(value.raw) == "true" else None
