"""The reader: a file's documents, the objects in them, and what each object gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from batten.formats.interface import ReadContext, Reading
from batten.formats.json import JsonDocument, read_json
from batten.formats.kubernetes.complete import CUT, absent, complete, tell
from batten.formats.kubernetes.configuration import (
    read_budget,
    read_config_map,
    read_limit_range,
    read_namespace,
    read_secret,
)
from batten.formats.kubernetes.head import Head, read_head
from batten.formats.kubernetes.identity import read_binding, read_role, read_service_account
from batten.formats.kubernetes.kinds import BUILTIN_GROUPS, BUILTIN_KINDS, GATEWAY_GROUP, GATEWAY_ROUTES, PATTERN_GROUPS
from batten.formats.kubernetes.live import LiveDocument, as_it_runs
from batten.formats.kubernetes.network import (
    read_gateway,
    read_gateway_route,
    read_ingress,
    read_network_policy,
    read_openshift_route,
    read_service,
)
from batten.formats.kubernetes.partial import only_written
from batten.formats.kubernetes.pods import pod_templates
from batten.formats.kubernetes.recognise import Fragment, Recogniser, begins_headless, holds_containers
from batten.formats.kubernetes.source import OBJECT_WEIGHT, Budget, Json, Source, TooMuch
from batten.formats.kubernetes.storage import read_persistent_volume, read_volume_claim
from batten.formats.kubernetes.templates import (
    Patches,
    kept_in_parts,
    placeholder_problem,
    template_problem,
)
from batten.formats.kubernetes.workload import read_workload
from batten.formats.lines import text_of
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.formats.yaml.ending import expected_value, open_end
from batten.formats.yaml.split import is_template, split
from batten.limits import KUBERNETES_ENTRIES
from batten.model.objects import Declared, KubernetesObject
from batten.model.source import File, Pointer, Problem, Unreadable

if TYPE_CHECKING:
    from batten.formats.built import NodeDocument
    from batten.formats.helm.document import HelmDocument
    from batten.formats.kustomize.document import BuiltDocument

_NULL: Final = frozenset(
    {
        "status", "creationTimestamp", "podSelector", "ingress", "egress", "emptyDir", "annotations", "labels",
        "selector", "data", "stringData", "binaryData", "value", "rules", "args", "command",
    }
)  # fmt: skip
"""Keys that people and serialisers leave without a value, and that may have none."""
_OPTIONAL_NAMES: Final = (
    "resources limits requests env envFrom volumeMounts volumes securityContext nodeSelector affinity tolerations"
    " livenessProbe readinessProbe startupProbe lifecycle imagePullSecrets hostAliases topologySpreadConstraints"
    " strategy updateStrategy"
)
_OPTIONAL: Final = frozenset(_OPTIONAL_NAMES.split())
"""Keys that the API server takes without a value, and that people leave so for later: worth a note where the line is
whole."""
_RBAC: Final = "rbac.authorization.k8s.io"
DECLARED: Final[dict[tuple[str, str], Callable[[Source, Head, Json], Declared]]] = {
    ("", "ConfigMap"): read_config_map,
    ("", "LimitRange"): read_limit_range,
    ("", "Namespace"): read_namespace,
    ("", "PersistentVolume"): read_persistent_volume,
    ("", "PersistentVolumeClaim"): read_volume_claim,
    ("", "Secret"): read_secret,
    ("", "Service"): read_service,
    ("", "ServiceAccount"): read_service_account,
    ("policy", "PodDisruptionBudget"): read_budget,
    (_RBAC, "Role"): read_role,
    (_RBAC, "ClusterRole"): read_role,
    (_RBAC, "RoleBinding"): read_binding,
    (_RBAC, "ClusterRoleBinding"): read_binding,
    ("networking.k8s.io", "Ingress"): read_ingress,
    ("extensions", "Ingress"): read_ingress,
    ("networking.k8s.io", "NetworkPolicy"): read_network_policy,
    ("extensions", "NetworkPolicy"): read_network_policy,
    ("route.openshift.io", "Route"): read_openshift_route,
    (GATEWAY_GROUP, "Gateway"): read_gateway,
    **{(GATEWAY_GROUP, kind): read_gateway_route for kind in GATEWAY_ROUTES},
}


class KubernetesReader:
    """Objects of the Kubernetes API in YAML and JSON (`batten.formats.interface.Reader`)."""

    name = "kubernetes"
    priority = 20

    def __init__(self) -> None:
        self._patches = Patches()

    def wants_name(self, path: str) -> bool:
        """Manifests are called `.yaml`, `.yml` or `.json`, those of a kubelet `.manifest` too; `-` is what
        `kubectl get -o yaml` prints."""
        return path == "-" or path.lower().endswith((".yaml", ".yml", ".json", ".manifest"))

    def wants(self, file: File) -> bool:
        """Every object says its version and its kind."""
        if b"apiVersion" not in file.data:
            return False
        return b"kind" in file.data or (file.name != "Chart.yaml" and begins_headless(file.data))

    def read(self, file: File, context: ReadContext) -> Reading:
        """The nouns of the file; raises `Unreadable` where a JSON file is none."""
        recogniser = Recogniser(context.pod_template_kinds)
        reading = Reading()
        run = _Run(file, context, reading)
        last: YamlDocument | JsonDocument | None = None
        for document in _documents(file, recogniser, live=context.cluster is not None):
            before = len(reading.problems)
            if isinstance(document, Problem):
                run.unreadable(document)
                recogniser.told()
                continue
            last = document
            whole = run.document(document)
            if len(reading.problems) > before:
                recogniser.told()
            if not whole:
                break
        run.finish(recogniser.strangers)
        end = _open_end(last) if isinstance(last, YamlDocument) else ()
        if end and last is not None and (reading.nouns or recogniser.objects or recogniser.headless):
            may_be = bool(_OPTIONAL.intersection(end[-1:])) and text_of(file).endswith("\n")
            line = last.locate(end, key=True).line
            reading.problems.append(Problem(file.path, expected_value(end), line, severe=not may_be))
        elif recogniser.fragment is not None and (recogniser.objects or recogniser.headless):
            reading.problems.append(_fragment_problem(file, recogniser.fragment))
        reading.recognised = bool(recogniser.objects or reading.nouns or reading.problems)
        owner = self._patches.owner(file, context.files) if reading.nouns else None
        if owner is None:
            return _without_parts(reading, file, context)
        # A part of an object, not asked for where its kustomization was built. One that could not be has said so.
        if context.alone:
            message = f"is a Kustomize patch: scan {owner.directory or 'the folder of its kustomization'}"
            return Reading(problems=[Problem(file.path, f"{message}, which says what it changes")])
        if not owner.component:
            return Reading()
        message = f"is a patch of the Kustomize component {owner.directory or '.'}, which nothing built here uses"
        return Reading(problems=[Problem(file.path, message, severe=False)])


def _fragment_problem(file: File, fragment: Fragment) -> Problem:
    text = text_of(file)
    line = next((one.line for one in split(text) if text[one.start : one.end] == fragment.text), 1)
    message = f"expected an object in each document, found {fragment.found}: was the file cut off?"
    return Problem(file.path, message, line)


def _without_parts(reading: Reading, file: File, context: ReadContext) -> Reading:
    """Nothing of a file whose objects are in parts, where such files are kept on purpose."""
    cut = [one for one in reading.problems if one.message.endswith(CUT)]
    why = kept_in_parts(file, context.files) if cut else ""
    if not why:
        return reading
    others = [one for one in reading.problems if one not in cut]
    told = Problem(file.path, f"holds parts of objects, which are not judged: {why}", severe=False)
    return Reading(problems=[*others, told])


def _documents(file: File, recogniser: Recogniser, *, live: bool) -> Iterator[YamlDocument | JsonDocument | Problem]:
    if not file.path.lower().endswith(".json"):
        yield from read_documents(file, KUBERNETES, recogniser.wants, LiveDocument if live else YamlDocument)
    elif recogniser.wants(text_of(file)) or recogniser.headless:
        try:
            document = read_json(file)
        except Unreadable as error:
            message = f"template: {error.message}" if is_template(text_of(file)) else error.message
            yield Problem(file.path, message, error.line)
        else:
            if not recogniser.headless:
                yield document


def _open_end(document: YamlDocument) -> Pointer:
    """What stands at the end without a value and needs one."""
    end = open_end(document)
    return () if _NULL.intersection(end[-1:]) or end[:1] == ("data",) else end


def read_objects(
    file: File, documents: Iterable[BuiltDocument | HelmDocument | NodeDocument], context: ReadContext
) -> Reading:
    """The nouns of objects that were built from several files; `file` says how."""
    recogniser = Recogniser(context.pod_template_kinds)
    reading = Reading()
    run = _Run(file, context, reading)
    for document in documents:
        value = document.value
        version, kind = value.get("apiVersion"), value.get("kind")
        if not isinstance(version, str) or not isinstance(kind, str):
            continue
        group = version.rpartition("/")[0]
        if recogniser.reads(group, kind):
            run.document(document)
        elif kind != "CustomResourceDefinition" and holds_containers(value):
            recogniser.strangers.append(f"{group}/{kind}")
    run.finish(recogniser.strangers)
    return reading


class _Run:
    """One file being read."""

    def __init__(self, file: File, context: ReadContext, reading: Reading) -> None:
        self.file = file
        self.context = context
        self.reading = reading
        self.scope = file.directory or "."
        self.names: dict[str, int] = {}
        self.templated = False
        self.placeholders = False
        self.budget = Budget()
        self.end: Pointer = ()
        """What stands without a value at the end of the file, in the document that is being read."""
        self.strangers: list[str] = []
        """`group/Kind` of objects whose containers are not judged."""

    def unreadable(self, problem: Problem) -> None:
        """A document that is no YAML, often because a template stands in it."""
        if problem.message.startswith("template:"):
            self.templated = True
        else:
            self.reading.problems.append(problem)

    def document(self, document: YamlDocument | JsonDocument | BuiltDocument | HelmDocument | NodeDocument) -> bool:
        """Reads the objects of one document; False where the file holds too much to go on."""
        before = len(self.reading.nouns)
        src = Source(document, self.scope, self.reading.problems, self.budget)
        whole = True
        try:
            self.end = _open_end(document) if isinstance(document, YamlDocument) else ()
            self.object(src, document.value, (), "", "")
        except TooMuch:
            message = f"expected at most {KUBERNETES_ENTRIES} entries in one file, found more; the rest is not read"
            self.reading.problems.append(Problem(self.file.path, message, document.line))
            whole = False
        self.templated = self.templated or src.templated
        self.placeholders = self.placeholders or src.placeholders
        if document.notes and len(self.reading.nouns) > before:
            self.reading.problems += document.notes
        return whole

    def object(self, src: Source, value: Any, pointer: Pointer, version: str, kind: str) -> None:
        """Reads an object; `version` and `kind` are what a typed list says of its items."""
        if type(value) is not dict:
            return
        version = src.text(value, "apiVersion", pointer) or version
        kind = src.text(value, "kind", pointer) or kind
        if not version or not kind:
            if pointer:  # an item of a list, whose objects say what they are
                lacks = "a kind" if version else "an apiVersion" if kind else "an object"
                absent(src, f"{lacks} in the item of the List", (*pointer, "kind"))
                tell(src, value, pointer, self.end)
            return
        if kind == "List" and version == "v1" and type(value.get("items")) is not list:
            absent(src, "items in the List", (*pointer, "items"))
            tell(src, value, pointer, self.end)
            return
        if kind.endswith("List") and "items" in value:
            of = kind.removesuffix("List") if kind.removesuffix("List") in BUILTIN_KINDS else ""
            for place, item in src.items(value, "items", pointer):
                if of or kind == "List" or "kind" in item:  # else one of a typed list of what nobody judges
                    self.object(src, item, place, version if of else "", of)
            return
        self._known(src, value, pointer, version, kind)
        tell(src, value, pointer, self.end)

    def _known(self, src: Source, value: Json, pointer: Pointer, version: str, kind: str) -> None:
        """Reads an object that says its version and kind."""
        head = read_head(src, value, pointer, version, kind)
        complete(src, head, value)
        src.budget.spend(OBJECT_WEIGHT)
        src.native_templates = False
        own, entry = self.context.pod_template_kinds, f"{head.group}/{kind}"
        templates = pod_templates(src, head, value, own)
        is_known = head.group in BUILTIN_GROUPS or entry in own or kind in own
        if not templates and not is_known and holds_containers(value):
            self.strangers.append(entry)
            return
        for template in templates:
            identifier = f"{self.scope}/kubernetes/{head.namespace}/{kind}/{head.name}"
            if template.label:
                identifier += f"/{template.label}"
            count = self.names[identifier] = self.names.get(identifier, 0) + 1
            if count > 1:
                identifier += f"#{count}"
            workload = read_workload(src, head, value, template, identifier)
            workload = as_it_runs(workload, self.file.path, self.context.cluster)
            self.reading.nouns.append(only_written(workload) if template.partial else workload)
        read = DECLARED.get((head.group, kind))
        if read is not None:
            self.reading.nouns.append(read(src, head, value))
        self.reading.nouns.append(KubernetesObject(api_version=version, kind=kind, **head.declared(src)))

    def finish(self, strangers: list[str]) -> None:
        """Tells once what stands for the whole file."""
        problems = self.reading.problems
        if self.templated:
            problems.append(template_problem(self.file, self.context.files))
        if self.placeholders:
            problems.append(placeholder_problem(self.file))
        for entry, count in Counter([*strangers, *self.strangers]).items():
            if entry.rpartition("/")[0] in PATTERN_GROUPS:
                continue
            what = f"{entry} holds" if count == 1 else f"{count} objects of {entry} hold"
            message = (
                f"{what} containers that are not judged: where the pod template stands is not known; if it has one, "
            )
            message += f'say so in batten.toml under [kubernetes.pod-templates], e.g. "{entry}" = "spec.template"'
            problems.append(Problem(self.file.path, message, severe=False))
