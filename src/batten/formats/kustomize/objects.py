"""The objects of a build, and how patches, replicas and replacements pick some of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct, field

from batten.formats.kustomize.errors import BuildError
from batten.formats.nodes import Node

# What kustomize 5 knows to live outside of namespaces: the kinds of the API of Kubernetes 1.21 that it carries, each in
# the versions of then. Anything else, as a FlowSchema of v1, counts as namespaced.
_BOTH: Final = ("v1", "v1beta1")
_CLUSTER: Final = {
    ("", "v1"): ("ComponentStatus", "Namespace", "Node", "NodeProxyOptions", "PersistentVolume"),
    ("policy", "v1beta1"): ("PodSecurityPolicy",),
    ("flowcontrol.apiserver.k8s.io", "v1beta1"): ("FlowSchema", "PriorityLevelConfiguration"),
    **{
        (group, version): kinds
        for version in _BOTH
        for group, kinds in (
            ("admissionregistration.k8s.io", ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")),
            ("apiextensions.k8s.io", ("CustomResourceDefinition",)),
            ("apiregistration.k8s.io", ("APIService",)),
            ("certificates.k8s.io", ("CertificateSigningRequest",)),
            ("networking.k8s.io", ("IngressClass",)),
            ("node.k8s.io", ("RuntimeClass",)),
            ("rbac.authorization.k8s.io", ("ClusterRole", "ClusterRoleBinding")),
            ("scheduling.k8s.io", ("PriorityClass",)),
            ("storage.k8s.io", ("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment")),
        )
    },
}
_REPEATED: Final = re.compile(r"[*+{]")
_REPEATED_GROUP: Final = re.compile(r"\)[*+{]")
_REPEATS: Final = 3
_NAME: Final = 253  # no name is longer (RFC 1123)


class Id(Struct, frozen=True):
    """What an object is called: by its own fields."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str

    @property
    def cluster(self) -> bool:
        return self.kind in _CLUSTER.get((self.group, self.version), ())

    @property
    def effective_namespace(self) -> str:
        return "" if self.cluster else self.namespace or "default"

    def __str__(self) -> str:
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"


class Object(Struct, eq=False):
    """One object of the build."""

    node: Node
    earlier: list[Id] = field(default_factory=list)
    """What it was called before, the first name first."""
    affixes: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """The prefixes and suffixes that it got."""
    hashed: bool = False
    """Its name ends in a hash of its content."""
    behavior: str = ""
    """Of a generated one: `create`, `merge` or `replace`."""
    variables: tuple[str, ...] = ()
    """The names of the `vars` that have their values from it."""
    _id: Id | None = None

    def copy(self) -> Object:
        """One that can be changed by itself."""
        return Object(
            self.node.copy(), [*self.earlier], self.affixes, self.hashed, self.behavior, self.variables, self._id
        )

    @property
    def id(self) -> Id:
        """What it is called now."""
        if self._id is None:
            self._id = self._read()
        return self._id

    def _read(self) -> Id:
        group, _, version = self.node.text("apiVersion").rpartition("/")
        metadata = self.node.get("metadata")
        namespace = metadata.text("namespace") if metadata is not None else ""
        return Id(group, version, self.node.text("kind"), namespace, metadata.text("name") if metadata else "")

    @property
    def original(self) -> Id:
        return self.earlier[0] if self.earlier else self.id

    @property
    def ids(self) -> list[Id]:
        """All that it was ever called."""
        return [*self.earlier, self.id]

    def remember(self) -> Id:
        """Keeps the present name, which is about to be changed; nobody may ask for `id` in between."""
        now = self.id
        if not self.earlier or self.earlier[-1] != now:
            self.earlier.append(now)
        self._id = None
        return now


def by_id(objects: Iterable[Object], wanted: Id) -> list[Object]:
    """Those that are or were called so."""
    return [
        one
        for one in objects
        if any(
            (known.group, known.kind, known.name) == (wanted.group, wanted.kind, wanted.name)
            and known.version == wanted.version
            and known.effective_namespace == wanted.effective_namespace
            for known in one.ids
        )
    ]


class Selector(Struct, frozen=True):
    """Expressions for the names, exact words for the rest; "" for anything."""

    group: str = ""
    version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    labels: str = ""
    annotations: str = ""

    def select(self, objects: Iterable[Object]) -> list[Object]:
        """What it means. Raises `BuildError` for an expression that is none."""
        return [one for one in objects if self._matches(one)]

    def _matches(self, one: Object) -> bool:
        now, first = one.id, one.original
        return (
            any(matches(self.namespace, known.effective_namespace) for known in (first, now))
            and any(matches(self.name, known.name) for known in (first, now))
            and matches(self.group, now.group)
            and matches(self.version, now.version)
            and matches(self.kind, now.kind)
            and labelled(one.node, "labels", self.labels)
            and labelled(one.node, "annotations", self.annotations)
        )


def selector_of(node: Node) -> Selector:
    """The selector that is written as a mapping."""
    found = {name: node.text(name) for name in ("group", "version", "kind", "namespace", "name")}
    return Selector(**found, labels=node.text("labelSelector"), annotations=node.text("annotationSelector"))


def matches(expression: str, text: str) -> bool:
    """Whether the whole of a name meets an expression; an empty one is met by all. Raises `BuildError` for what is
    none, and for what could take for ever: kustomize's own expressions cannot, Python's can."""
    if not expression:
        return True
    if _REPEATED_GROUP.search(expression) or len(_REPEATED.findall(expression)) > _REPEATS:
        raise BuildError(f"expected an expression that repeats few things, found {expression[:80]!r}")
    try:
        return re.fullmatch(f"(?:{expression})", text[:_NAME]) is not None
    except (re.error, OverflowError) as error:
        raise BuildError(f"expected an expression, found {expression[:80]!r} ({error})") from None


def labelled(node: Node, where: str, selector: str) -> bool:
    """Whether `metadata.labels` (or annotations) meet a selector as `kubectl -l` takes it."""
    if not selector:
        return True
    metadata = node.get("metadata")
    held = metadata.get(where) if metadata is not None else None
    values: dict[str, Any] = held.value() if held is not None and held.is_map else {}
    return all(_meets(values, part.strip()) for part in re.split(r",(?![^(]*\))", selector) if part.strip())


def _meets(values: dict[str, Any], part: str) -> bool:
    if found := re.fullmatch(r"(\S+)\s+(in|notin)\s*\(([^)]*)\)", part):
        listed = {one.strip() for one in found[3].split(",")}
        inside = str(values.get(found[1], "")) in listed and found[1] in values
        return inside if found[2] == "in" else not inside
    if found := re.fullmatch(r"([^=!\s]+)\s*(==|=|!=)\s*(.*)", part):
        equal = found[1] in values and str(values[found[1]]) == found[3]
        return not equal if found[2] == "!=" else equal
    return part[1:].strip() not in values if part.startswith("!") else part in values


def one_of(found: Sequence[Object], what: str) -> Object:
    """The only one. Raises `BuildError`."""
    if len(found) != 1:
        raise BuildError(f"expected one object for {what}, found {len(found) or 'none'}")
    return found[0]
