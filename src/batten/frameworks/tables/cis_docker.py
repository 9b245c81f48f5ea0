"""CIS Docker Benchmark 1.8.0, sections 4 (images and build files) and 5 (container runtime).

Numbers of these two sections are the same since 1.6.0. Sections 1 to 3 are settings of the host and of
the daemon, 6 and 7 operations and Swarm managers.
"""

from __future__ import annotations

from batten.frameworks import Control, Framework

_ENGINE = "a state of the running engine or host, which no file shows"
_COMMANDS = "what people type on the host; its audit log shows it"

FRAMEWORK = Framework(
    "cis-docker",
    "CIS Docker Benchmark",
    "1.8.0",
    "https://www.cisecurity.org/benchmark/docker",
    (
        Control("4.1", "Images run as a user of their own", "full", ("PRV002", "PRV003", "PRV016")),
        Control(
            "4.2",
            "Base images are trusted",
            "partial",
            ("IMG014", "IMG015", "IMG016", "IMG024"),
            "trust is a list of allowed registries and a digest; signatures are not verified",
        ),
        Control(
            "4.3",
            "Images hold no packages that are not needed",
            "partial",
            ("IMG009", "IMG010", "IMG019", "SUR003", "SUR004", "SUR005"),
            "sees what Dockerfiles install and programs in images; which packages a service needs is not written",
        ),
        Control(
            "4.4",
            "Images are scanned and rebuilt for security patches",
            "partial",
            ("IMG025", "IMG026", "PAT001", "PAT003", "PAT004", "PAT006", "PAT007"),
            "sees images that are old, past their end of life or behind their base, where a registry is asked; "
            "known vulnerabilities are rows of their own",
        ),
        Control("4.5", "Clients accept signed images only", "manual", (), _ENGINE),
        Control(
            "4.6", "Images have a health check", "full", ("IMG013", "IMG023"), "off by default: ask for it by name"
        ),
        Control(
            "4.7",
            "Package lists are updated in the same step as packages are installed",
            "manual",
            (),
            "no check looks at the order of update and install",
        ),
        Control(
            "4.8",
            "Set-user-id and set-group-id bits are removed",
            "partial",
            ("PRV015", "PRV017"),
            "those of the base image are seen where the built image is scanned, not in the Dockerfile",
        ),
        Control(
            "4.9",
            "Files are copied with COPY, not ADD",
            "partial",
            ("IMG006", "IMG007"),
            "ADD that unpacks an archive or verifies a checksum is accepted",
        ),
        Control(
            "4.10",
            "Dockerfiles hold no secrets",
            "partial",
            ("ACC009", "ACC013", "IMG004", "IMG017", "IMG018"),
            "a secret without a known form, name or entropy is not found",
        ),
        Control(
            "4.11",
            "Packages are verified before they are installed",
            "partial",
            ("IMG005", "IMG006", "IMG008"),
            "sees verification switched off and downloads without a checksum, not the keys that are trusted",
        ),
        Control(
            "4.12",
            "Signed artefacts are validated",
            "partial",
            ("IMG005", "IMG006"),
            "sees downloads without a checksum; signatures are not verified",
        ),
        Control("5.1", "Swarm mode is off where it is not used", "manual", (), _ENGINE),
        Control(
            "5.2",
            "An AppArmor profile confines containers",
            "partial",
            ("RUN003", "RUN004"),
            "whether the host has AppArmor is not seen",
        ),
        Control(
            "5.3",
            "SELinux options are set",
            "partial",
            ("RUN005",),
            "sees labels that are switched off or replaced; whether the host has SELinux is not seen",
        ),
        Control("5.4", "Capabilities are limited", "full", ("PRV001", "PRV005", "PRV006", "PRV007")),
        Control("5.5", "No privileged containers", "full", ("PRV001",)),
        Control(
            "5.6",
            "No sensitive directories of the host are mounted",
            "full",
            ("PRV009",),
            "other paths of the host are PRV010",
        ),
        Control(
            "5.7",
            "No SSH daemon runs in containers",
            "partial",
            ("SUR001", "SUR003", "SUR004"),
            "sees what is installed and which ports are offered, not what runs",
        ),
        Control("5.8", "No privileged ports are published", "full", ("NET003",)),
        Control("5.9", "Only ports that are needed are open", "manual", (), "which ones are needed is not written"),
        Control("5.10", "The host's network is not shared", "full", ("NET001",)),
        Control("5.11", "Memory is limited", "full", ("RUN010",)),
        Control("5.12", "Processor time is limited", "full", ("RUN012",)),
        Control("5.13", "The root file system is read-only", "full", ("RUN009",)),
        Control("5.14", "Published ports are bound to one interface", "full", ("NET002",)),
        Control(
            "5.15",
            "Restarts are limited to five",
            "partial",
            ("RUN014",),
            "reports restarts without a limit, whatever the number",
        ),
        Control("5.16", "The host's process ids are not shared", "full", ("PRV011",)),
        Control("5.17", "The host's IPC is not shared", "full", ("PRV012",)),
        Control("5.18", "No devices of the host are given to containers", "full", ("RUN008",)),
        Control(
            "5.19",
            "Limits of user resources are set where the default does not fit",
            "partial",
            ("RUN014",),
            "reports limits that are lifted; whether the default fits is not written",
        ),
        Control("5.20", "Mounts do not propagate to the host", "manual", (), "propagation is not read yet"),
        Control("5.21", "The host's UTS namespace is not shared", "manual", (), "this namespace is not read yet"),
        Control("5.22", "The default seccomp profile stays on", "full", ("RUN001",)),
        Control("5.23", "Commands are not executed in containers as privileged", "manual", (), _COMMANDS),
        Control("5.24", "Commands are not executed in containers as root", "manual", (), _COMMANDS),
        Control("5.25", "Containers are in the expected control group", "manual", (), _ENGINE),
        Control("5.26", "Processes cannot gain privileges", "full", ("PRV004",)),
        Control(
            "5.27",
            "Containers are checked for health",
            "partial",
            ("IMG013", "IMG023"),
            "judges the image; a health check that a run configuration adds is not counted",
        ),
        Control("5.28", "Images are pulled in their newest version", "manual", (), _COMMANDS),
        Control("5.29", "The number of processes is limited", "full", ("RUN011",)),
        Control(
            "5.30",
            "The default bridge docker0 is not used",
            "manual",
            (),
            "Compose, Swarm and pods have networks of their own; records of single containers are not judged for it",
        ),
        Control(
            "5.31",
            "The host's user namespace is not shared",
            "partial",
            ("RUN013",),
            "the daemon may set a user namespace for all containers, which no file shows",
        ),
        Control("5.32", "The engine's socket is not mounted", "full", ("PRV008",)),
    ),
    "sections 4 and 5; sections 1 to 3, 6 and 7 are settings of hosts, daemons and Swarm managers",
)
