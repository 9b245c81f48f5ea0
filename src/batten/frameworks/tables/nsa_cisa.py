"""NSA and CISA, Kubernetes Hardening Guide 1.2 (August 2022).

The guide numbers nothing; identifiers are made from its headings. The fields that it wants a pod security
policy to restrict, which it lists in an appendix, stand under `pod-security/`.
"""

from __future__ import annotations

from batten.frameworks import Control, Framework

_CLUSTER = "a setting of the running cluster, which no manifest shows"
_NODE = "a setting of the nodes, which no manifest shows"
_OPERATIONS = "how the cluster is operated, which no manifest shows"

FRAMEWORK = Framework(
    "nsa-cisa",
    "NSA/CISA Kubernetes Hardening Guide",
    "1.2",
    "https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF",
    (
        Control("pod-security/non-root", "Containers run as a user other than root", "full", ("PRV002", "PRV003")),
        Control("pod-security/rootless-engine", "The container engine itself runs without root", "manual", (), _NODE),
        Control("pod-security/immutable-file-system", "Root file systems are read-only", "full", ("RUN009",)),
        Control(
            "pod-security/secure-images",
            "Images are built from trusted parts, kept small and scanned",
            "partial",
            (
                "IMG001",
                "IMG002",
                "IMG003",
                "IMG004",
                "IMG005",
                "IMG006",
                "IMG008",
                "IMG010",
                "IMG014",
                "IMG015",
                "IMG016",
                "PAT001",
                "PAT003",
            ),
            "reads how images are built and referred to; does not scan their content or verify signatures",
        ),
        Control(
            "pod-security/enforcement",
            "Namespaces enforce a Pod Security level",
            "partial",
            ("RUN017",),
            "sees the labels of namespaces, not third-party policy engines or the admission configuration",
        ),
        Control("pod-security/privileged", "Containers are not privileged", "full", ("PRV001",)),
        Control(
            "pod-security/host-namespaces",
            "Pods do not share process, IPC or network namespaces with the host",
            "full",
            ("NET001", "PRV011", "PRV012"),
        ),
        Control(
            "pod-security/host-paths",
            "Pods mount no paths of the host",
            "partial",
            ("PRV008", "PRV009", "PRV010"),
            "files of the host that give nothing away (time zone, certificates) are not reported",
        ),
        Control("pod-security/privilege-escalation", "Processes cannot gain privileges", "full", ("PRV004",)),
        Control(
            "pod-security/selinux",
            "SELinux options stay what the platform sets",
            "partial",
            ("RUN005",),
            "whether SELinux is on is a setting of the nodes",
        ),
        Control(
            "pod-security/apparmor",
            "AppArmor profiles confine containers",
            "partial",
            ("RUN003", "RUN004"),
            "whether AppArmor is on, and what a local profile allows, is a setting of the nodes",
        ),
        Control(
            "pod-security/seccomp",
            "A seccomp profile limits system calls",
            "full",
            ("RUN001", "RUN002"),
            "what a local profile allows is on the nodes",
        ),
        Control(
            "pod-security/service-account-tokens",
            "Pods that do not use the API have no service account token",
            "partial",
            ("ACC001", "ACC002"),
            "that a program uses the API is concluded from bindings, not observed",
        ),
        Control(
            "pod-security/hardened-environments",
            "Stronger isolation for containers that need it",
            "partial",
            ("RUN001", "RUN002", "RUN003", "RUN005", "RUN006", "RUN013"),
            "does not judge sandboxed runtimes or hypervisor isolation (`runtimeClassName`)",
        ),
        Control(
            "network/namespaces",
            "Teams and applications are separated by namespaces",
            "manual",
            (),
            "which workloads belong together is known to their owners only",
        ),
        Control(
            "network/network-policies",
            "Network policies deny by default and allow what is needed",
            "partial",
            ("NET004", "NET005"),
            "that the network plug-in enforces policies is a setting of the cluster",
        ),
        Control(
            "network/resource-policies",
            "Memory, processors and processes are limited",
            "partial",
            ("RUN010", "RUN012"),
            "judges workloads; LimitRange, ResourceQuota and the kubelet's limit on processes are not judged",
        ),
        Control("network/control-plane", "The control plane is hardened and not exposed", "manual", (), _CLUSTER),
        Control("network/etcd", "etcd is reached by the API server alone, over TLS", "manual", (), _CLUSTER),
        Control("network/kubeconfig", "Files with cluster credentials are protected", "manual", (), _OPERATIONS),
        Control(
            "network/worker-nodes",
            "Worker nodes are kept apart from other networks",
            "partial",
            ("NET001", "NET002", "NET006"),
            "sees what workloads open on nodes, not the firewalls around them",
        ),
        Control(
            "network/encryption",
            "Traffic is encrypted",
            "partial",
            ("NET007",),
            "sees routes from outside; traffic inside the cluster is not judged",
        ),
        Control(
            "network/secrets",
            "Secrets are kept in secret objects, encrypted and narrowly readable",
            "partial",
            ("ACC005", "ACC009", "ACC010", "ACC011", "ACC013"),
            "encryption at rest is a setting of the API server",
        ),
        Control(
            "network/cloud-infrastructure",
            "Pods cannot reach the cloud's metadata service",
            "manual",
            (),
            "a network policy may block the address, a setting of the cloud may too; neither is judged yet",
        ),
        Control(
            "authorization/authentication",
            "Anonymous requests are off and users authenticate strongly",
            "partial",
            ("ACC006",),
            "sees rights given to anonymous users, not how users authenticate",
        ),
        Control(
            "authorization/rbac",
            "Users and service accounts have the least rights",
            "partial",
            ("ACC002", "ACC003", "ACC004", "ACC005", "ACC006", "ACC007"),
            "sees dangerous rights; which rights are needed is known to their owners only",
        ),
        Control("logging/audit", "The API server logs requests under an audit policy", "manual", (), _CLUSTER),
        Control("logging/nodes-and-containers", "Logs of nodes and containers are collected", "manual", (), _CLUSTER),
        Control("logging/seccomp-audit", "seccomp can log system calls", "manual", (), _NODE),
        Control("logging/syslog", "Nodes send their system log", "manual", (), _NODE),
        Control("logging/siem", "Logs are analysed centrally", "manual", (), _OPERATIONS),
        Control("logging/service-mesh", "A service mesh's logs are used where there is one", "manual", (), _OPERATIONS),
        Control("logging/fault-tolerance", "Log storage cannot fill up or be lost", "manual", (), _OPERATIONS),
        Control("threat-detection/alerting", "Suspicious events raise alerts", "manual", (), _OPERATIONS),
        Control("threat-detection/tools", "Monitoring tools watch the cluster", "manual", (), _OPERATIONS),
        Control(
            "upgrading/patches",
            "Components are patched, unused ones removed, and the cluster is scanned regularly",
            "partial",
            ("PAT001", "PAT002", "PAT003", "PAT004", "PAT006", "PAT007"),
            "sees images past their end of life and removed APIs, not the versions of what runs",
        ),
    ),
)
