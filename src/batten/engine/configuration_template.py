"""The commented configuration that `batten init` writes: every key, commented out, with its default.

Prose begins with `# `, a setting with `#`: take the one character away to change it.
"""

from __future__ import annotations

from typing import Final

TEMPLATE: Final = """\
# Configuration of batten. Every key is here with its default; take the # away to change one.
# All of it may stand in pyproject.toml instead, under [tool.batten].

# Other files whose settings come first, relative to this one: lists are joined, single values overridden.
#extends = []

# Lowest severity that makes `batten scan` exit 1: critical, high, medium, low, info, none. Of vulnerabilities
# alone: kev (known to be exploited), priority>=act, priority>=70.
#fail-on = "high"

# How much is said: regular, pedantic (opinions too), auditor (everything).
#persona = "regular"

# Leave out what is less sure: low shows everything, then medium, high.
#min-confidence = "low"

# Only these checks, or never these: identifiers or prefixes, such as "PRV001" or "PRV". Empty: all.
#checks = []
#skip = []

# Only these of the ten strategies, by number (`batten checks` shows them). Empty: all.
#strategies = []

# Only what answers to these frameworks (`batten frameworks`); a failed control of full coverage exits 1.
#frameworks = []

# Version of the Pod Security Standards, such as "1.30".
#pss-version = "latest"

# Paths to leave out, as in .gitignore.
#exclude = []

# Checks that nobody may waive: identifiers or prefixes.
#non-waivable = []

# Another severity for a check.
#[severity]
# PRV007 = "high"

# Globs over registry/repository; an empty list allows everything.
#[images]
#allowed-registries = []
#allowed-base-images = []
# Of an image for several platforms: linux/arm64, all. Advisories: the database, and whether it may be fetched.
#platform = ""
#database = ""
#offline = false
# Keep what was found in each layer, and use it again.
#cache = true
# Files with VEX statements; vulnerabilities without an update: leave them out, or let them pass the gate.
#vex = []
#ignore-unfixed = false
#only-fixed = false
# Registries that are spoken to without TLS.
#plain-http = []

# Custom resources that hold a pod template: "group/Kind" = "dotted path to the template or its pod spec".
#[kubernetes.pod-templates]
# "example.com/Worker" = "spec.template"

# How a Helm chart is rendered, by its folder; files are relative to this one, `set` is as in `helm --set`.
#[helm."charts/web"]
# release = "web"
# namespace = "default"
# values = ["charts/web/values-prod.yaml"]
# set = ["replicaCount=3"]

# What a Terraform module is given with -var-file, by its folder; files are relative to this one.
#[terraform."infra/prod"]
# var-files = ["infra/prod.tfvars"]

# Of an engine or a cluster (docker:, podman:, cluster:): also what does not run.
#[engine]
#stopped = false

# Rules of your own: files, folders and globs, relative to this file; none: batten-rules/*.yaml beside it.
#[rules]
#paths = []

# A finding that is accepted. Needed are check, reason and owner. `expires` is the last day on which it holds;
# path, resource (name, namespace/name, kind/name, kind/namespace/name), container and subject are globs.
# [[waiver]]
# check = "PRV001"
# reason = "the driver is loaded by this container"
# owner = "@storage-team"
# expires = "2027-03-01"
# path = "k8s/storage/*.yaml"
# resource = "DaemonSet/storage/csi-node"
# container = "driver"
"""
