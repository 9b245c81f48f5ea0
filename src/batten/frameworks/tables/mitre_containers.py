"""MITRE ATT&CK 18.1, the Containers matrix: every technique and sub-technique of that platform.

A technique is what an attacker does, so nothing that a manifest says excludes one: coverage is never
more than `partial`, and the checks are those that take a technique's usual ground away.
"""

from __future__ import annotations

from batten.frameworks import Control, Framework

_ACTION = "an action that monitoring sees; nothing that is read prevents it"
_ACCOUNTS = "accounts and passwords of people and hosts are not read"
_GROUND = "takes usual ground away; the technique itself is for monitoring"

_ESCAPE = (
    "PRV001",
    "PRV004",
    "PRV005",
    "PRV008",
    "PRV009",
    "PRV010",
    "PRV011",
    "PRV012",
    "PRV013",
    "RUN001",
    "RUN003",
    "RUN005",
    "RUN006",
    "RUN007",
    "RUN008",
    "RUN013",
)
_LIMITS = ("RUN010", "RUN011", "RUN012", "RUN014")
_IMAGES = ("IMG001", "IMG002", "IMG003", "IMG014", "IMG015", "IMG016", "IMG024")
_JOBS = ("IMG030", "IMG033", "IMG034")  # images that pipelines deploy or run their jobs in
_RIGHTS = ("ACC003", "ACC004", "ACC005", "ACC006")
_SECRETS = ("ACC009", "ACC010", "ACC011", "ACC012", "ACC013", "IMG004", "IMG017", "IMG018")
_EXPOSED = ("NET001", "NET002", "NET003", "NET006", "NET007", "CLD001", "CLD007", "SUR001", "SUR003", "SUR004")

FRAMEWORK = Framework(
    "mitre-containers",
    "MITRE ATT&CK for Containers",
    "18.1",
    "https://attack.mitre.org/matrices/enterprise/containers/",
    (
        Control("T1036", "Masquerading", "manual", (), _ACTION),
        Control(
            "T1036.005",
            "Match Legitimate Resource Name or Location",
            "partial",
            ("IMG002", "IMG003", "IMG015", "IMG016"),
            _GROUND,
        ),
        Control("T1036.010", "Masquerade Account Name", "manual", (), _ACTION),
        Control("T1046", "Network Service Discovery", "partial", ("NET004", "NET005", "NET009"), _GROUND),
        Control("T1053", "Scheduled Task/Job", "partial", ("ACC003", "ACC005"), _GROUND),
        Control("T1053.007", "Container Orchestration Job", "partial", ("ACC003", "ACC005"), _GROUND),
        Control("T1059.013", "Container CLI/API", "partial", ("PRV008", "ACC005"), _GROUND),
        Control(
            "T1068",
            "Exploitation for Privilege Escalation",
            "partial",
            ("PRV002", "PRV003", "PRV004", "PRV015", "PRV016", "PRV017", "RUN001", "RUN002"),
            _GROUND,
        ),
        Control("T1069", "Permission Groups Discovery", "manual", (), _ACTION),
        Control("T1070", "Indicator Removal", "partial", ("RUN009", "AUD002"), _GROUND),
        Control("T1078", "Valid Accounts", "partial", ("ACC001", "ACC002", "ACC006"), _ACCOUNTS),
        Control("T1078.001", "Default Accounts", "partial", ("ACC001", "ACC002"), _ACCOUNTS),
        Control("T1078.003", "Local Accounts", "manual", (), _ACCOUNTS),
        Control("T1098", "Account Manipulation", "partial", _RIGHTS, _GROUND),
        Control("T1098.006", "Additional Container Cluster Roles", "partial", _RIGHTS, _GROUND),
        Control("T1110", "Brute Force", "manual", (), _ACCOUNTS),
        Control("T1110.001", "Password Guessing", "manual", (), _ACCOUNTS),
        Control("T1110.003", "Password Spraying", "manual", (), _ACCOUNTS),
        Control("T1110.004", "Credential Stuffing", "manual", (), _ACCOUNTS),
        Control("T1133", "External Remote Services", "partial", (*_EXPOSED, "CLD002"), _GROUND),
        Control("T1136", "Create Account", "partial", _RIGHTS, _GROUND),
        Control("T1136.001", "Local Account", "manual", (), _ACCOUNTS),
        Control(
            "T1190",
            "Exploit Public-Facing Application",
            "partial",
            (*_EXPOSED, "PAT001", "PAT003", "PAT006", "PAT007"),
            _GROUND,
        ),
        Control("T1204", "User Execution", "partial", (*_IMAGES, *_JOBS), _GROUND),
        Control("T1204.003", "Malicious Image", "partial", (*_IMAGES, *_JOBS, "IMG005", "IMG006"), _GROUND),
        Control("T1485", "Data Destruction", "partial", ("PRV009", "PRV010", "RUN009"), _GROUND),
        Control("T1490", "Inhibit System Recovery", "manual", (), _ACTION),
        Control("T1496", "Resource Hijacking", "partial", _LIMITS, _GROUND),
        Control("T1496.001", "Compute Hijacking", "partial", _LIMITS, _GROUND),
        Control("T1496.002", "Bandwidth Hijacking", "manual", (), "limits of bandwidth are not read"),
        Control("T1498", "Network Denial of Service", "manual", (), _ACTION),
        Control("T1499", "Endpoint Denial of Service", "partial", _LIMITS, _GROUND),
        Control(
            "T1525",
            "Implant Internal Image",
            "partial",
            ("IMG001", "IMG002", "IMG014", "IMG015", *_JOBS, "CLD004", "CLD006"),
            _GROUND,
        ),
        Control("T1528", "Steal Application Access Token", "partial", ("ACC001", "ACC002", "ACC008"), _GROUND),
        Control("T1543", "Create or Modify System Process", "partial", ("PRV001", "PRV008", "PRV009"), _GROUND),
        Control("T1543.005", "Container Service", "partial", ("PRV008", "PRV009"), _GROUND),
        Control("T1550", "Use Alternate Authentication Material", "partial", ("ACC001", "ACC008"), _GROUND),
        Control("T1550.001", "Application Access Token", "partial", ("ACC001", "ACC008"), _GROUND),
        Control("T1552", "Unsecured Credentials", "partial", _SECRETS, _GROUND),
        Control("T1552.001", "Credentials In Files", "partial", _SECRETS, _GROUND),
        Control("T1552.007", "Container API", "partial", ("ACC001", "ACC005", "PRV008"), _GROUND),
        Control("T1562", "Impair Defenses", "partial", ("RUN001", "RUN003", "RUN005", "AUD002"), _GROUND),
        Control("T1562.001", "Disable or Modify Tools", "partial", ("RUN003", "RUN005"), _GROUND),
        Control("T1609", "Container Administration Command", "partial", ("ACC005", "PRV008", "CLD002"), _GROUND),
        Control("T1610", "Deploy Container", "partial", ("ACC003", "ACC005", "PRV008", "RUN017"), _GROUND),
        Control("T1611", "Escape to Host", "partial", _ESCAPE, _GROUND),
        Control("T1612", "Build Image on Host", "partial", ("PRV008",), _GROUND),
        Control("T1613", "Container and Resource Discovery", "partial", ("ACC001", "ACC003", "ACC006"), _GROUND),
    ),
)
