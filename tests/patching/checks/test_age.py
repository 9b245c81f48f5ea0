"""What is out of date: PAT001 to PAT003."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    assert_mends,
    compose,
    docker,
    dockerfile,
    fails,
    manifest,
    mendable,
    passes,
    pod,
    podman,
    quadlet,
    silent,
    stack,
    task,
)


def served(version: str, kind: str, more: str = "") -> Input:
    """An object of that version and kind."""
    return manifest(f"# the shop\napiVersion: {version}  # old\nkind: {kind}\nmetadata: {{name: web}}\n{more}")


_CRON = (
    "spec:\n  schedule: '* * * * *'\n  jobTemplate:\n    spec:\n      template:\n        spec:\n"
    "          containers: [{name: web, image: registry.example/web:1}]\n"
)

_TEMPLATE = "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: 'web:1'}]}}"
_PATHS = """\
spec:
  rules:
    - http:
        paths:
        - path: /
          backend:
            serviceName: web
            servicePort: http
"""

CASES = (
    # PAT001: images without support
    fails("PAT001", pod(image="nginx:1.20"), at="image: nginx", severity="high", says="nginx 1.20"),
    fails("PAT001", pod(image="python:3.8-slim-bullseye"), at="image: python", count=2),
    passes("PAT001", pod()),
    passes("PAT001", pod(image="registry.example/nginx:1.20")),  # another's nginx
    # images of vendors
    *(
        fails(
            "PAT003",
            dockerfile(f"FROM {image}\nCMD web\n"),
            at="FROM",
            severity="high",
            says=f"{ended} has had no support",
        )
        for image, ended in (
            ("mcr.microsoft.com/dotnet/aspnet:6.0", "dotnet 6"),
            ("mcr.microsoft.com/dotnet/sdk:7.0-jammy", "dotnet 7"),
            ("mcr.microsoft.com/dotnet/core/runtime:3.1", "dotnet 3.1"),
            ("opensuse/leap:15.3", "opensuse 15.3"),
            ("registry.suse.com/suse/sle15:15.3", "sles 15.3"),
            ("amazonlinux:1", "amazon-linux 2018.03"),
            ("public.ecr.aws/amazonlinux/amazonlinux:2018.03", "amazon-linux 2018.03"),
            ("eclipse-temurin:19-jre", "eclipse-temurin 19"),
            ("openjdk:17-jdk-slim", "openjdk-builds-from-oracle 17"),
            ("envoyproxy/envoy:v1.30.1", "envoy 1.30"),
            ("bitnami/postgresql:11.22.0-debian-11-r4", "postgresql 11"),
            ("registry.access.redhat.com/ubi7/ubi-minimal:7.9", "rhel 7"),
            ("quay.io/centos/centos:stream8", "centos-stream 8"),
            ("docker.elastic.co/elasticsearch/elasticsearch:7.17.9", "elasticsearch 7"),
            ("registry.k8s.io/etcd:3.4.13-0", "etcd 3.4"),
        )
    ),
    *(
        passes("PAT003", dockerfile(f"FROM {image}\nCMD web\n"))
        for image in (
            "mcr.microsoft.com/dotnet/runtime",
            "mcr.microsoft.com/dotnet/sdk:10.0",
            "mcr.microsoft.com/dotnet/framework/aspnet:4.8",
            "opensuse/leap:16.0",
            "opensuse/tumbleweed",
            "amazonlinux:2023",
            "eclipse-temurin:8u472-b08-jre",
            "openjdk:11",  # not Oracle's build
            "registry.access.redhat.com/ubi9/nodejs-22:1",
            "quay.io/centos/centos:stream9",
            "registry.example/dotnet/aspnet:6.0",
        )
    ),
    # PAT003: what steps take files from
    fails(
        "PAT003",
        dockerfile("FROM debian:13\nCOPY --from=python:3.7 /usr/local /usr/local\n"),
        at="COPY",
        severity="medium",
        says="python 3.7",
    ),
    fails(
        "PAT003",
        dockerfile("FROM debian:13\nRUN --mount=type=bind,from=ubuntu:16.04,target=/u cp /u/x /x\n"),
        at="RUN",
        severity="medium",
        says="ubuntu 16.04",
    ),
    fails(
        "PAT003",
        dockerfile("FROM debian:13\nONBUILD COPY --from=python:3.7 /a /b\n"),
        at="ONBUILD",
        severity="medium",
        says="in the builds that stand on this image",
    ),
    passes("PAT003", dockerfile("FROM debian:13 AS python\nFROM debian:13\nCOPY --from=python /a /b\n")),
    fails("PAT001", compose(image="postgres:11"), at="image: postgres"),
    passes("PAT001", compose(image="postgres:18")),
    silent("PAT001", compose("build: .", image="shop", Dockerfile="FROM debian:13\n")),
    fails("PAT001", stack(image="redis:5"), at="image: redis"),
    passes("PAT001", stack(image="redis")),
    fails("PAT001", task(image="ubuntu:18.04"), at="image"),
    passes("PAT001", task(image="ubuntu:24.04")),
    fails("PAT001", docker(image="node:14"), at="Image"),
    passes("PAT001", docker(image="node:24")),
    fails("PAT001", podman(config='"Image": "docker.io/library/alpine:3.12"'), at='"Image"'),
    passes("PAT001", podman()),
    fails("PAT001", quadlet(image="docker.io/library/debian:buster"), at="Image=", says="debian 10"),
    passes("PAT001", quadlet(image="docker.io/library/debian:trixie")),
    # PAT003: bases without support
    fails("PAT003", dockerfile("FROM debian:10\nCMD web\n"), at="FROM debian", severity="high", says="debian 10"),
    fails("PAT003", dockerfile("FROM node:14 AS build\nRUN true\nFROM debian:13\n"), at="node:14", severity="medium"),
    fails("PAT003", dockerfile("ARG V=3.12\nFROM alpine:$V\nCMD web\n"), at="FROM alpine"),
    passes("PAT003", dockerfile("FROM debian:13\nCMD web\n")),
    # PAT002: versions that are gone
    fails(
        "PAT002",
        served("batch/v1beta1", "CronJob", _CRON),
        at="apiVersion",
        severity="medium",
        fix="safe",
        becomes="apiVersion: batch/v1  # old",
    ),
    fails(
        "PAT002",
        served("extensions/v1beta1", "Ingress", "spec: {backend: {serviceName: web, servicePort: 80}}\n"),
        at="apiVersion",
        says="1.22; use networking.k8s.io/v1",
        fix="review",
        becomes="defaultBackend: {service: {name: web, port: {number: 80}}}",
    ),
    fails(
        "PAT002",
        served("networking.k8s.io/v1beta1", "Ingress", _PATHS),
        at="apiVersion",
        fix="review",
        becomes="          service:\n              name: web\n              port:\n                name: http\n"
        "          pathType: ImplementationSpecific\n",
    ),
    fails(
        "PAT002",
        served("networking.k8s.io/v1beta1", "Ingress", "spec: {backend: {resource: {kind: Bucket, name: b}}}\n"),
        at="apiVersion",
    ),
    fails(
        "PAT002",
        served("policy/v1beta1", "PodDisruptionBudget", "spec: {selector: {matchLabels: {app: web}}}\n"),
        at="apiVersion",
        fix="safe",
        becomes="apiVersion: policy/v1  # old",
    ),
    fails("PAT002", served("policy/v1beta1", "PodDisruptionBudget", "spec: {selector: {}}\n"), at="apiVersion"),
    fails(
        "PAT002",
        served("extensions/v1beta1", "Deployment", f"spec: {{{_TEMPLATE}}}\n"),
        at="apiVersion",
        fix="review",
        becomes="selector: {matchLabels: {app: web}}}",
    ),
    fails(
        "PAT002",
        served("apps/v1beta2", "DaemonSet", f"spec: {{selector: {{matchLabels: {{app: web}}}}, {_TEMPLATE}}}\n"),
        at="apiVersion",
        fix="review",
        becomes="apiVersion: apps/v1  # old",
    ),
    fails(
        "PAT002", served("apps/v1beta1", "Deployment", f"spec: {{rollbackTo: {{}}, {_TEMPLATE}}}\n"), at="apiVersion"
    ),
    fails("PAT002", served("policy/v1beta1", "PodSecurityPolicy"), at="apiVersion", severity="low"),
    passes("PAT002", pod()),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
