"""A realistic report, made by hand: several platforms, groups, waivers, problems, hostile names."""

from __future__ import annotations

from msgspec.structs import replace

from batten.engine.check import ROOMS, STRATEGIES
from batten.model.report import (
    ControlRef,
    ControlResult,
    Count,
    Excerpt,
    Finding,
    FixNote,
    FrameworkResult,
    Report,
    Score,
    StrategyScore,
    TargetReport,
    WaiverNote,
)
from batten.model.source import Location, Problem
from batten.model.workload import Resource
from batten.report import RuleInfo

K8S = "k8s/web.yaml"
RBAC = "k8s/rbac.yaml"
COMPOSE = "compose.yaml"
ECS = "ecs/taskdef.json"
DOCKERFILE = "images/api/Dockerfile"
HOSTILE = "k8s/evil\x1b]0;owned\x07\u202e<script>alert(1)<\\script>|`@octocat`.yaml"

SOURCES = {
    K8S: """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 2
  template:
    spec:
      hostNetwork: true
      serviceAccountName: web
      containers:
        - name: app
          image: registry.example.com/shop/web:latest
          ports:
            - containerPort: 8080
          securityContext:
            privileged: true
            capabilities:
              add: [SYS_ADMIN, NET_RAW]
        - name: ログ収集
          image: "registry.example.com/shop/ログ収集:1.4"   # 収集 é 👩‍🚀
          env:
\t\t\t- {name: API_TOKEN, value: "not-the-real-token"}
      volumes:
        - name: docker
          hostPath: {path: /var/run/docker.sock}
""",
    RBAC: """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: web}
rules:
  - apiGroups: ["*"]
    resources: ["*"]
    verbs: ["*"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: web-admin}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects:
  - {kind: ServiceAccount, name: web, namespace: shop}
""",
    COMPOSE: """\
services:
  db:
    image: postgres
    privileged: yes
    network_mode: host
    environment:
      POSTGRES_PASSWORD: hunter2
    ports: ["5432:5432"]
    volumes: [/etc:/host/etc, /var/run/docker.sock:/var/run/docker.sock]
  cache:
    image: redis:7.2
    pid: host
""",
    ECS: '{"family": "checkout", "placeholder": "'
    + "x" * 180
    + '", "containerDefinitions": [{"name": "checkout", "privileged": true, "user": "root", '
    + '"environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}], "networkMode": "host", "note": "'
    + "y" * 300
    + '"}\n',
    DOCKERFILE: """\
FROM python:latest
ENV AWS_SECRET_ACCESS_KEY=EXAMPLEKEY
RUN curl -fsSL https://example.com/install.sh | sh && \\
    apt-get install -y sudo openssh-server
ADD https://example.com/tool.tar.gz /opt/
EXPOSE 22
CMD ["python", "-m", "api"]
""",
    HOSTILE: """\
kind: Pod
metadata: {name: "</pre><img src=x onerror=alert(1)>"}
spec: {hostPID: true, note: "\x1b[31m |pipe| ```fence``` \u202eevil =cmd()"}
""",
}

WEB = Resource(platform="kubernetes", kind="Deployment", namespace="shop", name="web", container="app")
LOGS = Resource(platform="kubernetes", kind="Deployment", namespace="shop", name="web", container="ログ収集")
POD = Resource(platform="kubernetes", kind="Deployment", namespace="shop", name="web")
ROLE = Resource(platform="kubernetes", kind="ClusterRole", name="web")
BINDING = Resource(platform="kubernetes", kind="ClusterRoleBinding", name="web-admin")
DB = Resource(platform="compose", kind="Service", name="db", container="db")
CACHE = Resource(platform="compose", kind="Service", name="cache", container="cache")
TASK = Resource(platform="ecs", kind="TaskDefinition", name="checkout", container="checkout")
IMAGE = Resource(platform="dockerfile", kind="Dockerfile", name="images/api/Dockerfile")
EVIL = Resource(platform="kubernetes", kind="Pod", name="</pre><img src=x onerror=alert(1)>", container="=cmd|'/c'!A1")

STRATEGY = {letters: number for letters, (number, _) in ROOMS.items()}
TITLES = {
    "PRV001": ("Container is privileged", "critical"),
    "PRV002": ("Container may run as root", "high"),
    "PRV003": ("Privilege escalation is possible", "medium"),
    "PRV004": ("Default capabilities are kept", "medium"),
    "PRV005": ("Dangerous capability is added", "high"),
    "PRV010": ("Role allows everything", "high"),
    "PRV011": ("Binding gives cluster-admin", "critical"),
    "ACC003": ("Task role equals execution role", "medium"),
    "RUN001": ("No seccomp profile", "medium"),
    "RUN002": ("Root file system is writable", "low"),
    "RUN005": ("Container engine socket is mounted", "critical"),
    "RUN006": ("Host path is mounted", "high"),
    "NET001": ("Shares the host's network", "high"),
    "NET002": ("Port is published on all interfaces", "medium"),
    "IMG001": ("Image tag can move", "medium"),
    "IMG004": ("Secret in an image layer", "critical"),
    "IMG007": ("Download is executed unchecked", "high"),
    "SUR002": ("Shares the host's processes", "high"),
    "SUR003": ("Remote login in an image", "medium"),
    "SUR004": ("Secret in an environment variable", "high"),
    "AUD001": ("No owner is named", "info"),
    "PAT002": ("Health is not checked", "low"),
}
REMEDIATION = {
    "PRV001": {
        "kubernetes": "Set securityContext.privileged to false and add the single capability that is needed.",
        "compose": "Remove `privileged`, and name the devices or capabilities that are needed.",
        "ecs": "Set privileged to false in the container definition.",
    },
    "PRV002": {"all": "Run as a numeric user other than 0 that owns the files it writes."},
    "RUN005": {"all": "Remove the mount; a program that needs the engine's API gets a filtering proxy."},
}


def locate(path: str, needle: str, pointer: str = "") -> Location:
    """The first place of `needle` in the sample source of `path`."""
    text = SOURCES[path]
    start = text.index(needle)
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return Location(path, line, column, line, column + len(needle), pointer)


def excerpt(path: str, line: int) -> Excerpt:
    lines = SOURCES[path].split("\n")
    first = max(1, line - 1)
    return Excerpt(first, lines[first - 1 : line + 1])


def finding(check: str, path: str, needle: str, resource: Resource | None, message: str, **more: object) -> Finding:
    """A finding at the first place of `needle`; `more` are other fields of `Finding`."""
    title, severity = TITLES[check]
    location = locate(path, needle)
    platform = resource.platform if resource is not None else "all"
    texts = REMEDIATION.get(check, {})
    name = f"{resource.name}/{resource.container}" if resource is not None else ""
    defaults: dict[str, object] = {
        "strategy": STRATEGY[check[:3]],
        "title": title,
        "severity": severity,
        "confidence": "high",
        "target": "directory:.",
        "resource": resource,
        "message": message,
        "remediation": texts.get(platform) or texts.get("all", ""),
        "location": location,
        "excerpt": excerpt(path, location.line),
        "fingerprint": f"{check}-{path}-{name}-{needle}".encode().hex()[:32],
    }
    return Finding(check=check, **{**defaults, **more})  # type: ignore[arg-type]


REVIEW = FixNote("review", "set privileged to false")
EXPOSED = {"exposure": "Ingress shop/web"}


def hardening(path: str, needle: str, resource: Resource, **more: object) -> list[Finding]:
    """Four findings with one root cause."""
    texts = {
        "PRV002": "no numeric non-root user is set",
        "PRV003": "allowPrivilegeEscalation is not false",
        "PRV004": "no capability is dropped",
        "RUN001": "no seccomp profile is set",
    }
    return [
        finding(check, path, needle, resource, text, group="hardening",
                fix=FixNote("review", f"set {check} right"), **more)
        for check, text in texts.items()
    ]  # fmt: skip


def findings() -> list[Finding]:
    """Every kind of finding, in no particular order."""
    pss = [ControlRef("pss-baseline", "privileged"), ControlRef("cis-docker", "5.5")]
    k8s = [
        finding("RUN002", K8S, "- name: app", WEB, "readOnlyRootFilesystem is not true", **EXPOSED),
        finding("PRV001", K8S, "privileged: true", WEB, "an escape from it owns the node", fix=REVIEW,
                controls=pss, related=[locate(K8S, "hostNetwork: true"), locate(RBAC, "cluster-admin")], **EXPOSED),
        finding("PRV005", K8S, "SYS_ADMIN", WEB, "SYS_ADMIN is nearly root on the node", severity="critical",
                raised="reachable through Ingress shop/web", fix=FixNote("review", "remove SYS_ADMIN"), **EXPOSED),
        *hardening(K8S, "- name: app", WEB, **EXPOSED),
        *hardening(K8S, "- name: ログ収集", LOGS, **EXPOSED),
        finding("NET001", K8S, "hostNetwork: true", POD, "the pod sees every interface of the node",
                fix=FixNote("review", "set hostNetwork to false"), **EXPOSED),
        finding("RUN005", K8S, "hostPath: {path: /var/run/docker.sock}", POD,
                "whoever reaches this socket starts a privileged container on the node, reads every other "
                "container's secrets and stops what he likes", no_fix="another container mounts it too", **EXPOSED),
        finding("IMG001", K8S, "registry.example.com/shop/web:latest", WEB, "`latest` is another image tomorrow",
                fix=FixNote("safe", "pin the digest"), **EXPOSED),
        finding("IMG001", K8S, '"registry.example.com/shop/ログ収集:1.4"', LOGS, "the tag 1.4 can be moved"),
        finding("SUR004", K8S, 'value: "not-the-real-token"', LOGS, "API_TOKEN looks like a credential",
                confidence="medium"),
        finding("AUD001", K8S, "name: web", POD, "no owner label", persona="auditor"),
    ]  # fmt: skip
    rbac = [
        finding("PRV010", RBAC, '["*"]\n    verbs'[:5], ROLE, "every verb on every resource"),
        finding("PRV011", RBAC, "cluster-admin", BINDING, "the service account shop/web owns the cluster",
                related=[locate(K8S, "serviceAccountName: web")], no_fix="what it needs cannot be seen from the text"),
    ]  # fmt: skip
    compose = [
        finding("PRV001", COMPOSE, "privileged: yes", DB, "an escape from it owns the host", fix=REVIEW, controls=pss),
        finding("NET001", COMPOSE, "network_mode: host", DB, "the service sees every interface of the host",
                status="baseline"),
        finding("SUR004", COMPOSE, "hunter2", DB, "POSTGRES_PASSWORD is written in the file"),
        finding("NET002", COMPOSE, '"5432:5432"', DB, "5432 is open to whoever reaches the host",
                fix=FixNote("review", "publish it on 127.0.0.1")),
        finding("RUN006", COMPOSE, "/etc:/host/etc", DB, "the host's configuration can be changed"),
        finding("RUN005", COMPOSE, "/var/run/docker.sock:/var/run/docker.sock", DB,
                "whoever reaches this socket owns the host", status="waived",
                waiver=WaiverNote("the backup job stops containers through it", "alice", "2027-01-01", "batten.toml")),
        finding("SUR002", COMPOSE, "pid: host", CACHE, "the service sees and may signal every process",
                status="waived", waiver=WaiverNote("debugging", where="compose.yaml:12")),
        finding("PAT002", COMPOSE, "image: redis:7.2", CACHE, "no healthcheck"),
        *hardening(COMPOSE, "image: postgres", DB),
    ]  # fmt: skip
    ecs = [
        finding("PRV001", ECS, '"privileged": true', TASK, "an escape from it owns the instance", fix=REVIEW),
        finding("SUR004", ECS, '"value": "hunter2"', TASK, "DB_PASSWORD is written in the file"),
        finding("NET001", ECS, '"networkMode": "host"', TASK, "the task sees every interface of the instance"),
        finding("ACC003", ECS, '"family"', TASK, "one role for both", confidence="low"),
    ]
    dockerfile = [
        finding("IMG004", DOCKERFILE, "AWS_SECRET_ACCESS_KEY", IMAGE, "the key stays in the layer for ever"),
        finding("IMG007", DOCKERFILE, "curl -fsSL https://example.com/install.sh | sh", IMAGE,
                "what the server answers is run as root"),
        finding("SUR003", DOCKERFILE, "openssh-server", IMAGE, "a second way in, with its own passwords"),
        finding("PRV002", DOCKERFILE, "FROM python:latest", IMAGE, "the last stage names no user"),
    ]  # fmt: skip
    hostile = [
        finding("SUR002", HOSTILE, "hostPID: true", EVIL,
                "<b>@octocat</b> [click](https://evil.example) ``` | \x1b[2J #1 www.evil.example =1+1"),
        finding("AUD001", HOSTILE, "note", None, "@SUM(A1) \u202e\u2066 {0} ]( end", severity="info"),
    ]  # fmt: skip
    return k8s + rbac + compose + ecs + dockerfile + hostile


def count(found: list[Finding]) -> Count:
    """As the engine counts them."""
    numbers: dict[str, int] = {"hidden": 3}
    for one in found:
        word = one.severity if one.status == "open" else one.status
        numbers[word] = numbers.get(word, 0) + 1
    return Count(**numbers)


def report() -> Report:
    """The sample report."""
    found = findings()
    scores = (71.4, 24.0, 50.0, 40.9, 62.5, None, 90.0, 33.3, 99.6, None)
    strategies = [
        StrategyScore(number=number, name=name, score=score, passed=12, failed=4, waived=int(number in (4, 8)),
                      assessed=True)
        if score is not None
        else StrategyScore(number=number, name=name, score=None)
        for number, (name, score) in enumerate(zip(STRATEGIES, scores, strict=True), 1)
    ]  # fmt: skip
    target = TargetReport(
        id="directory:.", kind="directory", ref=".", status="partial", files=6,
        problems=[
            Problem("charts/shop/templates", "expected plain YAML, found a Helm template; "
                    "render it first: helm template charts/shop | batten scan -"),
            Problem("k8s/broken.yaml", "expected a mapping, found `}`\x1b[31m; close the list first", 12),
            Problem(K8S, "the key `name` is written twice; the last one counts", 21, severe=False),
        ],
    )  # fmt: skip
    archive = TargetReport(id="archive:old.tar.gz", kind="archive", ref="old.tar.gz", status="failed",
                           problems=[Problem(".", "expected a gzip stream, found the end of the file")])  # fmt: skip
    pss = FrameworkResult(
        name="pss-baseline", title="Pod Security Standards, baseline", version="1.36", passed=False,
        controls=[
            ControlResult(id="privileged", title="Privileged containers", coverage="full", status="failed", findings=1),
            ControlResult(id="hostNamespaces", title="Host namespaces", coverage="full", status="failed", findings=2),
            ControlResult(id="seccomp", title="Seccomp", coverage="full", status="passed"),
            ControlResult(id="windows", title="HostProcess", coverage="full", status="not-assessed"),
        ],
    )  # fmt: skip
    return Report(
        version="0.1.0", started="2027-01-31T12:00:00Z", seconds=0.42, targets=[target, archive],
        score=Score(overall=55.2, strategies=strategies), count=count(found), findings=found, frameworks=[pss],
        exit_code=1, exit_reason="findings at or above high",
    )  # fmt: skip


def small() -> Report:
    """A few findings, one of each kind, for outputs that are long by nature."""
    full = report()
    wanted = [("PRV001", K8S), ("PRV002", K8S), ("RUN005", COMPOSE), ("NET001", COMPOSE), ("SUR002", HOSTILE)]
    found = [next(f for f in full.findings if (f.check, f.location.path) == one) for one in wanted]
    return replace(full, findings=found, count=count(found), frameworks=[])


NASTY = "\x1b]0;x\x07\x9b2J\u202e\u2066\u200b\u2028\x00\x7f\udcff\ud800\ufffe\r\n\t</script><!--]]>`|@x =1"
"""What a terminal, a browser, an XML reader, a spreadsheet or an encoder must not be handed as it is."""


def hostile() -> Report:
    """Everything that may come from a file or a saved report is `NASTY`."""
    location = Location(NASTY, 1, 2, 1, 9, NASTY)
    resource = Resource(platform=NASTY, kind=NASTY, name=NASTY, namespace=NASTY, container=NASTY)
    found = [
        Finding(
            check=NASTY, strategy=2, title=NASTY, severity="high", confidence="low", status=status, target=NASTY,  # type: ignore[arg-type]
            resource=resource, message=NASTY, remediation=NASTY, location=location, related=[location],
            fix=FixNote("review", NASTY) if number % 2 else None, no_fix=NASTY, controls=[ControlRef(NASTY, NASTY)],
            fingerprint=f"{number}{NASTY}", group=group, raised=NASTY, exposure=NASTY,
            excerpt=Excerpt(1, [NASTY * 3, NASTY]), waiver=WaiverNote(NASTY, NASTY, NASTY, NASTY),
        )
        for number, (status, group) in enumerate(
            [("open", ""), ("open", NASTY), ("open", NASTY), ("open", ""), ("waived", ""), ("baseline", "")]
        )
    ]  # fmt: skip
    target = TargetReport(id=NASTY, kind=NASTY, ref=NASTY, status="failed", problems=[Problem(NASTY, NASTY, 3)])
    control = ControlResult(id=NASTY, title=NASTY, coverage="full", status="failed", findings=1)
    framework = FrameworkResult(name=NASTY, title=NASTY, version=NASTY, passed=False, controls=[control])
    strategies = [StrategyScore(number=2, name=NASTY, score=50.0, passed=1, failed=1, assessed=True)]
    return Report(
        version=NASTY, started="2027-01-31T12:00:00Z", seconds=0.1, targets=[target],
        score=Score(overall=50.0, strategies=strategies), count=count(found), findings=found, frameworks=[framework],
        exit_code=1, exit_reason=NASTY,
    )  # fmt: skip


def clean() -> Report:
    """A report without findings."""
    full = report()
    target = TargetReport(id="directory:.", kind="directory", ref=".", files=6)
    return replace(full, targets=[target], findings=[], count=Count(), frameworks=[], exit_code=0,
                   exit_reason="nothing open at or above high")  # fmt: skip


def large(number: int) -> Report:
    """A report of `number` findings over many files, for measuring."""
    base = [one for one in findings() if one.location.path != HOSTILE]
    found = []
    for index in range(number):
        one = base[index % len(base)]
        copy = index // len(base)
        path = f"services/{copy % 300:03}/{one.location.path}"
        location = replace(one.location, path=path)
        found.append(replace(one, location=location, fingerprint=f"{index:032x}"))
    return replace(report(), findings=found, count=count(found))


def rules() -> dict[str, RuleInfo]:
    """The catalogue of the sample's checks."""
    return {
        check: RuleInfo(
            id=check, title=title, severity=severity, strategy=STRATEGY[check[:3]],  # type: ignore[arg-type]
            summary=f"{title}: what an attacker gains.\n\nA second paragraph with `code` and <angle> brackets.",
            remediation=REMEDIATION.get(check, {"all": "Change the setting that is named."}),
            references=("https://kubernetes.io/docs/concepts/security/pod-security-standards/",),
        )
        for check, (title, severity) in TITLES.items()
    }  # fmt: skip
