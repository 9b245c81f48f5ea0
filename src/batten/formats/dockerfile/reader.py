"""Dockerfiles as nouns: the image that the last stage builds as a workload, and the build itself."""

from __future__ import annotations

from msgspec.structs import replace

from batten.formats.dockerfile.config import Setting, StageConfig, is_windows, stage_config
from batten.formats.dockerfile.context import Held, held
from batten.formats.dockerfile.environment import environment
from batten.formats.dockerfile.names import begins_as_template
from batten.formats.dockerfile.nodes import Dockerfile, pointer_of
from batten.formats.dockerfile.noun import BuildFile
from batten.formats.dockerfile.parser import parse
from batten.formats.dockerfile.templates import problem_at, template_problem, unknown_values, wrong_bases
from batten.formats.image_users import image_user
from batten.formats.interface import ReadContext, Reading
from batten.model.image import ImageReference, parse_reference
from batten.model.source import File, Pointer, Unreadable
from batten.model.values import UNKNOWN, Absent, User, nothing
from batten.model.workload import Container, Port, Resource, Workload
from batten.pattern import pattern

_IGNORE_NAMES = (".dockerignore", ".containerignore")


def read(file: File, context: ReadContext) -> Reading:
    """The image that the file builds as a workload, and the build itself."""
    try:
        dockerfile = parse(file)
    except Unreadable:
        if not begins_as_template(file.data):
            raise
        return Reading(problems=[problem_at(file.path, _first(file), None)])
    if (template := template_problem(dockerfile)) is not None:
        return Reading(problems=[template])
    reading = Reading(problems=list(dockerfile.problems))
    if not dockerfile.stages:
        return reading
    reading.problems += unknown_values(dockerfile)
    reading.problems += wrong_bases(dockerfile)
    added = held(dockerfile, context.files)
    reading.nouns = list(nouns_of(dockerfile, file.path, _ignore_file(file, context), added))
    return reading


def _first(file: File) -> str:
    """The first line that is no comment."""
    lines = (line.strip() for line in file.text().removeprefix("\ufeff").splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def nouns_of(
    dockerfile: Dockerfile, name: str, ignored: str | None, added: dict[str, Held] | None = None
) -> tuple[Workload, BuildFile]:
    """The image and the build of a Dockerfile with at least one stage; `ignored` and `added` as in `BuildFile`."""
    resource = Resource("dockerfile", "Dockerfile", name)
    scope = dockerfile.file.directory or "."
    build = BuildFile(
        document=dockerfile,
        pointer=(),
        resource=resource,
        scope=scope,
        name=name,
        dockerfile=dockerfile,
        ignored=ignored,
        added=added or nothing(),
    )
    return _workload(dockerfile, resource, scope), build


def _ignore_file(file: File, context: ReadContext) -> str | None:
    folder = file.directory + "/" if file.directory else ""
    for name in (f"{file.name}.dockerignore", *_IGNORE_NAMES):
        found = context.files.get(folder + name)
        if found is not None:
            return found.data.decode("utf-8", "replace")
    # a build whose context is further up has its ignore file there
    for name in _IGNORE_NAMES:
        found = context.files.get(name)
        if found is not None:
            return found.data.decode("utf-8", "replace")
    return None


def _workload(dockerfile: Dockerfile, resource: Resource, scope: str) -> Workload:
    config = stage_config(dockerfile)
    identifier = f"{scope}/dockerfile/{resource.name}"
    last = dockerfile.stages[-1].from_
    places: dict[str, Pointer] = {}
    container = Container(
        name="",
        platform="dockerfile",
        workload=identifier,
        document=dockerfile,
        pointer=pointer_of(last),
        resource=resource,
        scope=scope,
        os="windows" if is_windows(dockerfile, dockerfile.stages[-1].index) else "linux",
        places=places,
        image=_image(config, places),
        user=_user(dockerfile, config, places),
        healthcheck=config.healthcheck is not None,
        ports=tuple(
            Port(
                port.first,
                protocol=port.protocol,
                container_end=port.last,
                pointer=_argument(port.setting),
            )
            for port in config.ports
        ),
        environment=environment(dockerfile),
        command=config.entrypoint.argv if config.entrypoint is not None else None,
        args=config.cmd.argv if config.cmd is not None else None,
    )
    for name, line in (("command", config.entrypoint), ("args", config.cmd)):
        if line is not None:
            places[name] = pointer_of(line.instruction)
    return Workload(
        id=identifier,
        platform="dockerfile",
        kind="Dockerfile",
        name=resource.name,
        document=dockerfile,
        pointer=pointer_of(last),
        resource=resource,
        scope=scope,
        containers=(container,),
        os=container.os,
    )


def _argument(setting: Setting) -> Pointer:
    """The argument that holds a value; of the only one of its instruction, the instruction."""
    instruction = setting.instruction
    words = [index for index, word in enumerate(instruction.args) if word is setting.source]
    whole = pointer_of(instruction)
    return (*whole, "arg", words[0]) if words and len(instruction.args) > 1 else whole


def _image(config: StageConfig, places: dict[str, Pointer]) -> ImageReference | Absent | None:
    places["image"] = (*pointer_of(config.base.instruction), "arg", 0)
    if not config.base.known:
        return UNKNOWN
    if config.base.value == "scratch":
        return None
    return parse_reference(config.base.value) or UNKNOWN


def _user(dockerfile: Dockerfile, config: StageConfig, places: dict[str, Pointer]) -> User | Absent:
    if config.user is not None:
        places["user"] = pointer_of(config.user.instruction)
    return user_of(dockerfile, config)


def user_of(dockerfile: Dockerfile, config: StageConfig) -> User | Absent:
    """Whom the image of a stage runs as, as far as its Dockerfile and the name of its base say."""
    setting = config.user
    if setting is None:
        base = parse_reference(config.base.value)
        known = image_user(base) if base is not None else None
        if known is not None and known.starts:
            return User(known.uid, "nonroot" if known.uid is None else None, decided_by="image")
        return User(decided_by="default") if config.base.known else UNKNOWN
    user = named_user(setting)
    if isinstance(user, User) and user.name and user.name != "root" and may_make_root(config):
        from batten.formats.dockerfile.users import root_names

        return replace(user, uid=0) if user.name in root_names(dockerfile, config) else user
    return user


# an account with uid 0 that is not called root; cheap, for the scripts are parsed only where one may be made
_MAY_MAKE_ROOT = pattern(r"\b(?:useradd|adduser|usermod)\b[^\n]{0,400}?(?:-\w{0,8}u|--uid)[ =]?[\"']?0|passwd")


def may_make_root(config: StageConfig) -> bool:
    """May a RUN of these stages give uid 0 to another user than root?"""
    return any(
        one.keyword == "RUN" and _MAY_MAKE_ROOT.search(one.script) is not None
        for stage in config.chain
        for one in stage.instructions
    )


def named_user(setting: Setting) -> User | Absent:
    """Whom a USER instruction names."""
    if not setting.known or not setting.value:
        return UNKNOWN
    name, _, group = setting.value.partition(":")
    if name.isdecimal():
        return User(uid=int(name), group=group or None)
    return User(name=name, group=group or None)
