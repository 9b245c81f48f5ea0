"""What a rule can read: the nouns it may run on, and the names and types of their fields.

All of it is made from the structs of the model; what is added, left out or renamed stands in the tables here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from batten.engine.image_parts import packages_of
from batten.engine.rules.kinds import ANY, BOOL, DOUBLE, INT, NULL, STRING, Field, Type
from batten.engine.rules.parts import CARRIERS, TABLES
from batten.model import cloud, objects, workload
from batten.model.image import ImageReference
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.values import Absent, Capabilities, User
from batten.model.workload import Container, EnvVar, Mount, Port, Workload


class Noun(Struct, frozen=True):
    """What a rule may run `on`. `carrier` is the model's noun that findings are about; an entry noun (a mount) is one
    of the entries that `entries` gives for a carrier."""

    name: str
    carrier: type
    summary: str
    roots: dict[str, str]
    """Names that expressions begin with -> object."""
    entries: Callable[[Any, Inventory], list[Any]] | None = None
    part: Callable[[Any], Any] = lambda entry: entry
    """The entry as the carrier's `at` takes it."""
    subject: Callable[[Any], str] | None = None
    """Tells entries of one carrier apart."""


def _of(name: str) -> Callable[[Any, Inventory], Any]:
    return lambda noun, inventory: getattr(noun, name)


_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


def _annotations(name: str) -> Callable[[Any, Inventory], Any]:
    """Without the copy of the object that kubectl keeps there: it may hold secrets, which a message would show."""

    def get(noun: Any, inventory: Inventory) -> dict[str, str]:
        found: dict[str, str] = getattr(noun, name)
        return {key: text for key, text in found.items() if key != _LAST_APPLIED} if _LAST_APPLIED in found else found

    return get


def _written(noun: Any, inventory: Inventory) -> list[str]:
    return [one for one in noun.places if one in vars(type(noun))]


def _file(noun: Any, inventory: Inventory) -> str:
    return str(noun.document.file.path)


def _volume(mount: str) -> Callable[[Any, Inventory], Any]:
    def get(noun: tuple[Mount, Any], inventory: Inventory) -> Any:
        return getattr(noun[1], mount) if noun[1] is not None else None

    return get


def _exposed(noun: Workload, inventory: Inventory) -> bool:
    found = inventory.links.exposure.get(noun.id)
    return found is not None and found.public


def _mount(name: str) -> Callable[[Any, Inventory], Any]:
    return lambda noun, inventory: getattr(noun[0], name)


def mounts_of(container: Container, inventory: Inventory) -> list[tuple[Mount, Any]]:
    """The container's mounts with the volume of each, None where none of that name is declared."""
    volumes = {one.name: one for one in inventory.workload_of(container).volumes}
    return [(mount, volumes.get(mount.volume)) for mount in container.mounts]


def _mounted(noun: Container, inventory: Inventory) -> list[tuple[Mount, Any]]:
    return mounts_of(noun, inventory)


_LISTED: Final = Type("list", item=STRING)
_OBJECTS: Final[dict[str, type]] = {
    "container": Container,
    "workload": Workload,
    "service_account": objects.Identity,
    "role": objects.Role,
    "binding": objects.Grant,
    "network_policy": objects.TrafficPolicy,
    "service": objects.Service,
    "ingress": objects.Route,
    "namespace": objects.Namespace,
    "object": objects.KubernetesObject,
    "config": objects.Configuration,
    "network": objects.Network,
    "project": objects.Project,
    "security_group": cloud.SecurityGroup,
    "image_repository": cloud.ImageRepository,
    "access_policy": cloud.AccessPolicy,
}
_MANY: Final = {"Capabilities": "capabilities", "User": "user", "SELinux": "selinux", "ImageReference": "image"}
_INTERNAL: Final = ("id", "workload", "document", "pointer", "resource", "scope", "places", "documents", "start", "end")
_POINTERS: Final = ("object_pointer", "metadata_pointer", "template_pointer", "add_written", "drop_written")
_HIDDEN: Final = frozenset((*_INTERNAL, *_POINTERS))
_HIDDEN_OF: Final = {"config": frozenset({"entries"}), "mount": frozenset({"document"})}
_SKIPPED: Final = frozenset({"pod_user", "pod_seccomp", "pod_apparmor", "pod_selinux", "pod_host_process"})
_PROPERTIES: Final[dict[type, dict[str, Type]]] = {
    User: {"is_root": BOOL, "may_be_root": BOOL},
    Capabilities: {"drops_all": BOOL},
    ImageReference: {"name": STRING, "is_pinned": BOOL, "is_mutable_tag": BOOL},
}
_EXTRA: Final[dict[str, tuple[Field, ...]]] = {
    "container": (
        Field("mounts", Type("list", item=Type("object", object="mount")), _mounted, "mounts", "What is mounted."),
        Field("written", _LISTED, _written, "", "Fields of this container that the file sets; the rest are defaults."),
    ),
    "workload": (
        Field("exposed", BOOL, _exposed, "", "It can be reached from outside the cluster or host."),
        Field("written", _LISTED, _written, "", "Fields of this workload that the file sets; the rest are defaults."),
    ),
    "config": (
        Field("keys", _LISTED, lambda noun, inventory: [one.key for one in noun.entries], "", "Names of its entries."),
    ),
}
_FILE: Final = Field("file", STRING, _file, "", "The path of the file, from the root of the target.")
_VOLUME_KINDS: Final = get_args(workload.VolumeKind)
_MOUNT: Final = (
    Field("volume", STRING, _mount("volume"), "", "The name of the volume."),
    Field("target", STRING, _mount("target"), "", "The path in the container."),
    Field("read_only", BOOL, _mount("read_only"), "", "It is mounted read-only."),
    Field("kind", Type("string", words=_VOLUME_KINDS, nullable=True), _volume("kind"), "", "What kind of volume."),
    Field("type", Type("string", nullable=True), _volume("type"), "", "The platform's own word: `hostPath`, `bind`."),
    Field("source", Type("string", nullable=True), _volume("source"), "", "Of `host` the path there, else its name."),
)

_TABLES: Final = {"mount": _MOUNT, **TABLES}


def _images(container: Container, inventory: Inventory) -> list[Any]:
    return [container.image] if isinstance(container.image, ImageReference) else []


def _listed(name: str) -> Callable[[Any, Inventory], list[Any]]:
    return lambda container, inventory: list(getattr(container, name))


def _packages(image: Image, inventory: Inventory) -> list[Any]:
    return list(packages_of(image, inventory))


def _called(entry: Any) -> str:
    return str(entry.name)


_WITH: Final = {"container": "container", "workload": "workload"}


def _nouns() -> list[Noun]:
    found = [
        Noun("container", Container, "a container of any platform, or the last stage of a Dockerfile", _WITH),
        Noun("workload", Workload, "a pod or its controller, a service, a task definition", {"workload": "workload"}),
        Noun("image", Container, "the image reference of a container", {"image": "image"} | _WITH, _images),
        Noun(
            "mount",
            Container,
            "one mount of a container",
            {"mount": "mount"} | _WITH,
            _mounted,
            lambda entry: entry[0],
            lambda entry: str(entry[0].target),
        ),
        Noun(
            "port",
            Container,
            "one port of a container",
            {"port": "port"} | _WITH,
            _listed("ports"),
            subject=lambda entry: f"{entry.container}/{entry.protocol}",
        ),
        Noun(
            "variable",
            Container,
            "one variable of a container's environment",
            {"variable": "variable"} | _WITH,
            _listed("environment"),
            subject=_called,
        ),
    ]
    summaries = {
        "service_account": "a service account",
        "role": "a Role or ClusterRole",
        "binding": "a RoleBinding or ClusterRoleBinding",
        "network_policy": "a NetworkPolicy",
        "service": "a Kubernetes Service",
        "ingress": "an Ingress, Gateway or HTTPRoute",
        "namespace": "a Kubernetes namespace",
        "object": "every Kubernetes object, whatever its kind: versions, names, labels, annotations",
        "config": "a Secret or ConfigMap: its keys, never its values",
        "network": "a network of a Compose project or Swarm stack",
        "project": "a Compose project or Swarm stack as a whole",
        "security_group": "a security group of a cloud, or rules that are declared apart from theirs",
        "image_repository": "a repository of container images of a cloud",
        "access_policy": "a policy of AWS IAM: of an identity, of who may take a role, of a resource",
        "pipeline": "a workflow, a pipeline, a Jenkinsfile, an object of Tekton, as a whole",
        "job": "what gets a machine or a pod of its own in a pipeline",
        "step": "one script, action, task or image that a job runs",
        "built_image": "an image that is read: of a registry, an archive, an engine",
    }
    carriers = {**_OBJECTS, **CARRIERS}
    found += [Noun(name, carriers[name], told, {name: name}) for name, told in summaries.items()]
    images = CARRIERS["built_image"]
    # `package` is a word that CEL keeps for itself
    roots = {"installed_package": "installed_package", "built_image": "built_image"}
    told = "a package of an image that is read"
    return [
        *found,
        Noun("installed_package", images, told, roots, _packages, subject=lambda package: str(package.purl)),
    ]


__all__ = ["ANY", "BOOL", "DOUBLE", "INT", "NOUNS", "NULL", "STRING", "Field", "Noun", "Type", "described", "fields",
           "mounts_of", "objects_reached"]  # fmt: skip
NOUNS: Final[dict[str, Noun]] = {one.name: one for one in _nouns()}


@cache
def fields(name: str) -> dict[str, Field]:
    """The names of an object (`container`, `user`, …) with their types."""
    if name in _TABLES:
        return {one.name: one for one in _TABLES[name]}
    struct = _structs()[name]
    hidden = _HIDDEN | _HIDDEN_OF.get(name, frozenset()) | _SKIPPED
    hints = get_type_hints(struct)
    found = {
        one: Field(one, _type(hints[one]), _annotations(one) if one.endswith("annotations") else _of(one), one)
        for one in struct.__struct_fields__
        if one not in hidden
    }
    for one, kind in _PROPERTIES.get(struct, {}).items():
        found[one] = Field(one, kind, _of(one))
    extra = (*_EXTRA.get(name, ()), *((_FILE,) if name in _OBJECTS else ()))
    return {**found, **{one.name: one for one in extra}}


@cache
def _structs() -> dict[str, type[Struct]]:
    """Every object's struct by the name that this language gives it."""
    found: dict[str, Any] = dict(_OBJECTS)
    found |= {"image": ImageReference, "port": Port, "variable": EnvVar}
    waiting = list(found.values())
    while waiting:
        for hint in get_type_hints(waiting.pop()).values():
            for kind in _parts(hint):
                if not (isinstance(kind, type) and issubclass(kind, Struct)) or kind in found.values():
                    continue
                if kind.__module__.startswith("batten.model.") and kind.__module__ != "batten.model.source":
                    found[_object_name(kind)] = kind
                    waiting.append(kind)
    return found


def objects_reached() -> list[str]:
    """Every object that an expression can get at, nouns first."""
    names = list(dict.fromkeys(one for noun in NOUNS.values() for one in noun.roots.values()))
    for name in names:
        for field in fields(name).values():
            inner = field.type.item or field.type
            if inner.kind == "object" and inner.object not in names:
                names.append(inner.object)
    return names


def _object_name(kind: type) -> str:
    for name, struct in (*_OBJECTS.items(), ("image", ImageReference), ("port", Port), ("variable", EnvVar)):
        if struct is kind:
            return name
    word = kind.__name__
    return _MANY.get(word) or "".join(f"_{char.lower()}" if char.isupper() else char for char in word).lstrip("_")


def _parts(hint: Any) -> list[Any]:
    return [hint, *(inner for one in get_args(hint) for inner in _parts(one))]


def _type(hint: Any) -> Type:
    arguments = list(get_args(hint)) if get_origin(hint) in (Union, UnionType) else [hint]
    nullable = NoneType in arguments
    absent = Absent in arguments
    rest = [one for one in arguments if one not in (NoneType, Absent)]
    plain = _plain(rest[0]) if len(rest) == 1 else ANY
    return Type(plain.kind, plain.item, plain.object, plain.words, nullable, absent)


def _plain(hint: Any) -> Type:
    origin = get_origin(hint)
    if hint is bool:
        return BOOL
    if hint is int:
        return INT
    if hint is float:
        return DOUBLE
    if hint is str:
        return STRING
    if origin is Literal:
        return Type("string", words=get_args(hint))
    if origin is dict:
        return Type("map", item=_type(get_args(hint)[1]))
    if origin is tuple:
        arguments = get_args(hint)
        return Type("list", item=_type(arguments[0]) if len(arguments) == 2 and arguments[1] is ... else ANY)
    if isinstance(hint, type) and issubclass(hint, Struct):
        return Type("object", object=_object_name(hint))
    return ANY


_CEL: Final = {"None": "null", "True": "true", "False": "false"}
_PYTHON: Final = re.compile("|".join(_CEL))


def described(name: str) -> dict[str, str]:
    """Field of an object -> the text that stands under it in the model's source; "" where none does."""
    struct = None if name in _TABLES else _structs()[name]
    docs = {} if struct is None else _docs(struct)
    found = {one.name: one.doc or docs.get(one.name, "") for one in fields(name).values()}
    told = {one: text or _property_doc(struct, one) for one, text in found.items()}
    return {one: _PYTHON.sub(lambda word: _CEL[word[0]], text) for one, text in told.items()}


def _docs(struct: type) -> dict[str, str]:
    import ast
    import inspect
    import textwrap

    found: dict[str, str] = {}
    for one in reversed(struct.__mro__):
        if not (isinstance(one, type) and issubclass(one, Struct) and one is not Struct):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(one))).body[0]
        assert isinstance(body, ast.ClassDef)
        last = ""
        for part in body.body:
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                last = part.target.id
            elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant) and last:
                found[last] = " ".join(str(part.value.value).split())
                last = ""
    return found


def _property_doc(struct: type | None, name: str) -> str:
    found = getattr(struct, name, None)
    return " ".join(str(found.__doc__ or "").split()) if isinstance(found, property) else ""
