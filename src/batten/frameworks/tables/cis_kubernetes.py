"""CIS Kubernetes Benchmark 2.0.1 (for Kubernetes 1.34 and 1.35), section 5: policies.

Sections 1 to 4 are settings of the control plane and the nodes. Controls of 5.2 ask for policies that
refuse such pods; their audit looks at the pods that are there, and so do the checks named here.
"""

from __future__ import annotations

from batten.frameworks import Control, Framework

_PODS = "judges the workloads that are read; that admission would refuse others is 5.2.1"
_RIGHTS = "one check for all dangerous rights; its finding names the right"
_OWNER = "known to the owners of the cluster only"

FRAMEWORK = Framework(
    "cis-kubernetes",
    "CIS Kubernetes Benchmark",
    "2.0.1",
    "https://www.cisecurity.org/benchmark/kubernetes",
    (
        Control(
            "5.1.1",
            "cluster-admin is bound only where it must be",
            "full",
            ("ACC004",),
            "a binding that must be there is to be waived",
        ),
        Control("5.1.2", "Few may read secrets", "partial", ("ACC005",), _RIGHTS),
        Control(
            "5.1.3",
            "Roles use no wildcards",
            "partial",
            ("ACC003",),
            "a wildcard for API groups alone is not reported, nor are the server's own roles",
        ),
        Control("5.1.4", "Few may create pods", "partial", ("ACC005",), _RIGHTS),
        Control(
            "5.1.5",
            "Default service accounts are not used",
            "partial",
            ("ACC002",),
            "a default account without any rights is not reported",
        ),
        Control(
            "5.1.6",
            "Tokens are mounted only where they are used",
            "partial",
            ("ACC001",),
            "that a program uses the API is concluded from bindings, not observed",
        ),
        Control(
            "5.1.7",
            "Nobody is in the group system:masters",
            "manual",
            (),
            "membership stands in client certificates, not in manifests",
        ),
        Control("5.1.8", "Few may bind, impersonate or escalate", "partial", ("ACC005",), _RIGHTS),
        Control("5.1.9", "Few may create persistent volumes", "partial", ("ACC005",), _RIGHTS),
        Control("5.1.10", "Few may reach nodes through the API's proxy", "partial", ("ACC005",), _RIGHTS),
        Control("5.1.11", "Few may approve certificate signing requests", "partial", ("ACC005",), _RIGHTS),
        Control("5.1.12", "Few may change admission webhooks", "partial", ("ACC005",), _RIGHTS),
        Control("5.1.13", "Few may create service account tokens", "partial", ("ACC005",), _RIGHTS),
        Control(
            "5.2.1",
            "A policy mechanism guards every namespace with workloads",
            "partial",
            ("RUN017",),
            "sees Pod Security labels, not third-party policy engines or the admission configuration",
        ),
        Control("5.2.2", "No privileged containers", "full", ("PRV001",), _PODS),
        Control("5.2.3", "No sharing of the host's process ids", "full", ("PRV011",), _PODS),
        Control("5.2.4", "No sharing of the host's IPC", "full", ("PRV012",), _PODS),
        Control("5.2.5", "No sharing of the host's network", "full", ("NET001",), _PODS),
        Control("5.2.6", "No gaining of privileges", "full", ("PRV004",), _PODS),
        Control("5.2.7", "No containers that run as root", "full", ("PRV002", "PRV003"), _PODS),
        Control(
            "5.2.8",
            "No capability NET_RAW",
            "partial",
            ("PRV006", "PRV007"),
            "the checks look at all capabilities; dropping NET_RAW alone meets this control too",
        ),
        Control(
            "5.2.9", "No capabilities where none are needed", "full", ("PRV001", "PRV005", "PRV006", "PRV007"), _PODS
        ),
        Control("5.2.10", "No Windows HostProcess containers", "full", ("PRV013",), _PODS),
        Control(
            "5.2.11",
            "No volumes that are paths of the host",
            "partial",
            ("PRV008", "PRV009", "PRV010"),
            "files of the host that give nothing away (time zone, certificates) are not reported",
        ),
        Control(
            "5.2.12",
            "No ports of the host",
            "partial",
            ("NET002",),
            "a host port bound to one address is not reported",
        ),
        Control(
            "5.3.1", "The network plug-in enforces network policies", "manual", (), "a setting of the running cluster"
        ),
        Control(
            "5.3.2",
            "Every namespace has network policies",
            "partial",
            ("NET004", "NET005"),
            "judges workloads that no policy selects; a namespace without workloads is not judged",
        ),
        Control(
            "5.4.1",
            "Secrets reach containers as files rather than variables",
            "partial",
            ("ACC010",),
            "reports whole secrets as variables; single keys are left alone",
        ),
        Control("5.4.2", "An external store for secrets is considered", "manual", (), _OWNER),
        Control(
            "5.5.1",
            "Admission checks where images come from",
            "manual",
            (),
            "a setting of the running cluster; IMG003 holds manifests against a list of allowed registries",
        ),
        Control("5.6.1", "Namespaces separate administrative domains", "manual", (), _OWNER),
        Control("5.6.2", "The runtime's seccomp profile is set", "full", ("RUN001", "RUN002")),
        Control(
            "5.6.3",
            "Pods and containers have a security context",
            "partial",
            ("PRV002", "PRV004", "PRV007", "RUN001", "RUN002", "RUN009"),
            "judges the fields that matter most, not that the block is there",
        ),
        Control(
            "5.6.4",
            "The default namespace is not used",
            "manual",
            (),
            "a manifest without a namespace goes where it is applied, which it does not say",
        ),
    ),
    "section 5, policies; sections 1 to 4 are settings of the control plane and of nodes",
)
