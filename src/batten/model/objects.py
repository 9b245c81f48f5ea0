"""The other things that manifests declare: identities, roles, services, policies, configuration."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct, field

from batten.model.packed import Packed, pack
from batten.model.source import Document, Place, Pointer
from batten.model.values import nothing
from batten.model.workload import Resource

_PACK_CHARACTERS: Final = 32 * 1024  # what is shorter is held as it is


class Declared(Struct, frozen=True, eq=False, kw_only=True, gc=False):
    """What every declared object has. `pointer` is the object's root in its document."""

    document: Document
    pointer: Pointer
    resource: Resource
    scope: str
    name: str
    namespace: str = ""
    labels: dict[str, str] = field(default_factory=nothing)
    annotations: dict[str, str] = field(default_factory=nothing)

    def where(self, *parts: str | int) -> Place:
        """The place of the value that `parts` lead to, from the object's root."""
        return Place(self.document, (*self.pointer, *parts))


class KubernetesObject(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """Every Kubernetes object that was read, whatever its kind: for checks on versions and metadata."""

    api_version: str
    kind: str


class Namespace(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A Kubernetes namespace that is declared."""


class Identity(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A service account."""

    automount_token: bool | None = None


class Permission(Struct, frozen=True, gc=False):
    """One RBAC rule. Lists as written; `*` is everything. `pointer` leads to the rule."""

    verbs: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    non_resource_urls: tuple[str, ...] = ()
    pointer: Pointer = ()


class Role(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A Role or ClusterRole (`cluster`)."""

    cluster: bool
    permissions: tuple[Permission, ...] = ()
    aggregated: bool = False
    """Rules are collected by label from other roles."""


class Subject(Struct, frozen=True, gc=False):
    kind: str
    name: str
    namespace: str = ""
    pointer: Pointer = ()


class Grant(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A RoleBinding or ClusterRoleBinding (`cluster`)."""

    cluster: bool
    role_kind: str
    role_name: str
    subjects: tuple[Subject, ...] = ()


class ServicePort(Struct, frozen=True, gc=False):
    port: int
    target: str = ""
    node_port: int = 0
    protocol: str = "TCP"
    pointer: Pointer = ()
    name: str = ""


class Service(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A Kubernetes Service. `selector` None: it selects nothing itself."""

    type: str = "ClusterIP"
    selector: dict[str, str] | None = None
    ports: tuple[ServicePort, ...] = ()
    external_ips: tuple[str, ...] = ()
    source_ranges: tuple[str, ...] = ()
    internal: bool = False
    """A load balancer that the cloud's annotation keeps private."""
    external_name: str = ""
    """Of `ExternalName`: the host that it is another name of."""


class Backend(Struct, frozen=True, gc=False):
    """A Service that a route leads to. `port`: its number or name, "" where it is not said or not known."""

    service: str
    namespace: str = ""
    host: str = ""
    pointer: Pointer = ()
    port: str = ""
    weight: int = 1
    """Its share of the traffic beside the others'; 0 is none."""


class Parent(Struct, frozen=True, gc=False):
    """What a route of the Gateway API asks to be attached to; all of its listeners unless it names one."""

    name: str
    kind: str = "Gateway"
    """`Service` is a mesh's own traffic, which comes from within the cluster."""
    namespace: str = ""
    """"": that of the route."""
    section: str = ""
    """The name of a listener."""
    port: int = 0


class Listener(Struct, frozen=True, gc=False):
    """One listener of a Gateway: which routes it takes."""

    name: str = ""
    port: int = 0
    protocol: str = ""
    hostname: str = ""
    """"": every host."""
    namespaces: Literal["Same", "All", "Selector", "None", ""] = "Same"
    """Of which namespaces; "" is not known."""
    selector: LabelSelector | None = None
    """Of `Selector`."""
    kinds: tuple[str, ...] | None = None
    """None: those that its protocol has."""


class Route(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """An Ingress, Gateway, HTTPRoute or OpenShift's Route: traffic from outside to services.

    `tls` None: TLS is decided elsewhere (an HTTPRoute's gateway). `tls_hosts`: those that have it; `*.x` is every
    host one label below `x`, `*` every host.
    """

    kind: Literal["Ingress", "Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "Route"]
    backends: tuple[Backend, ...] = ()
    hosts: tuple[str, ...] = ()
    tls: bool | None = None
    tls_hosts: tuple[str, ...] = ()
    parents: tuple[Parent, ...] | None = None
    """Of a route of the Gateway API; None elsewhere, and where they are not known."""
    listeners: tuple[Listener, ...] = ()
    """Of a Gateway."""


class SelectorTerm(Struct, frozen=True, gc=False):
    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: tuple[str, ...] = ()


class LabelSelector(Struct, frozen=True, gc=False):
    """A Kubernetes label selector: all labels equal and all terms true; empty selects everything."""

    match_labels: dict[str, str] = field(default_factory=nothing)
    terms: tuple[SelectorTerm, ...] = ()

    def matches(self, labels: dict[str, str]) -> bool:
        if any(labels.get(key) != value for key, value in self.match_labels.items()):
            return False
        return all(_holds(term, labels) for term in self.terms)


def _holds(term: SelectorTerm, labels: dict[str, str]) -> bool:
    if term.operator == "Exists":
        return term.key in labels
    if term.operator == "DoesNotExist":
        return term.key not in labels
    if term.operator == "In":
        return term.key in labels and labels[term.key] in term.values
    return labels.get(term.key) not in term.values  # NotIn holds for a missing key, too


class Peer(Struct, frozen=True, gc=False):
    """One `from`/`to` of a rule; all None: everybody."""

    pods: LabelSelector | None = None
    namespaces: LabelSelector | None = None
    cidr: str = ""
    excluded: tuple[str, ...] = ()
    pointer: Pointer = ()


class TrafficRule(Struct, frozen=True, gc=False):
    """One rule of a policy. No peers: everybody; no ports: every port."""

    peers: tuple[Peer, ...] = ()
    ports: tuple[str, ...] = ()
    pointer: Pointer = ()


class TrafficPolicy(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A Kubernetes NetworkPolicy. `ingress`/`egress` None: the policy does not speak of it."""

    selector: LabelSelector
    ingress: tuple[TrafficRule, ...] | None = None
    egress: tuple[TrafficRule, ...] | None = None


class DisruptionBudget(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    selector: LabelSelector | None = None


class PersistentVolume(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A Kubernetes PersistentVolume. `host_path`: the folder of the node that it is, "" where it is none."""

    host_path: str = ""
    storage_class: str = ""
    claim: tuple[str, str] | None = None
    """Namespace and name of the claim that it is kept for."""


class VolumeClaim(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A PersistentVolumeClaim. `volume`: the name of the volume that it asks for, "" where any will do."""

    volume: str = ""
    storage_class: str = ""


class LimitRange(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """What a namespace's containers get as limit, or request, where they name none themselves."""

    memory: bool = False
    cpu: bool = False
    cpu_request: bool = False


class ConfigEntry(Struct, frozen=True, gc=False):
    """A key of a Secret or ConfigMap; `value` is the text, base64 undone where it decodes.

    Made by `config_entry`.
    """

    key: str
    content: str | Packed
    """For `value` alone."""
    pointer: Pointer = ()

    @property
    def value(self) -> str:
        content = self.content
        return content if isinstance(content, str) else content.unpack().decode("utf-8", "surrogatepass")


def config_entry(key: str, value: str, pointer: Pointer = ()) -> ConfigEntry:
    """The entry of a key; a whole file that stands in one (a dashboard) is held in a tenth of its memory."""
    packed = len(value) >= _PACK_CHARACTERS
    return ConfigEntry(key, pack(value.encode("utf-8", "surrogatepass")) if packed else value, pointer)


class Configuration(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A Secret (`secret`) or ConfigMap."""

    secret: bool
    type: str = ""
    entries: tuple[ConfigEntry, ...] = ()


class Network(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A network that a Compose project or Swarm stack declares."""

    driver: str = ""
    encrypted: bool = False
    internal: bool = False
    external: bool = False
    attachable: bool = False


class Project(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A Compose project or Swarm stack as a whole: for facts that are the project's, not a service's."""

    platform: str
    services: tuple[str, ...] = ()


class SecretText(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A secret seen in the text of a file. Holds no secret: kind, a redacted form, and the place."""

    kind: str
    title: str
    redacted: str
    confidence: Literal["high", "medium", "low"]
    start: int
    end: int


class Hidden(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A value that its file says is not to be shown: the default of a sensitive variable, a parameter without echo."""


class WaiverUse(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A waiver as it turned out in this scan; `name` is the check that it names."""

    reason: str
    owner: str
    expires: str
    expired: bool
    refused: str = ""
    """Why it was not honoured although it is not expired (no reason given, the check may not be waived)."""
    matched: int = 0
    """Findings that it covers (or would, were it not expired or refused)."""
    assessed: bool = True
    """False: this scan could not have found what it covers (the check did not run, its files were not read)."""
    unknown: str = ""
    """Set where it names what is neither a check nor a vulnerability: the words for that."""
