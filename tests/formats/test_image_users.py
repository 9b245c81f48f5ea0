"""Whom well-known images run as."""

from __future__ import annotations

import pytest

from batten.formats.image_users import ImageUser, image_user, known_uid
from batten.model.image import parse_reference


def user(text: str) -> ImageUser | None:
    reference = parse_reference(text)
    assert reference is not None
    return image_user(reference)


@pytest.mark.parametrize(
    ("image", "uid"),
    [
        ("gcr.io/distroless/static:nonroot", 65532),
        ("gcr.io/distroless/base-debian12:debug-nonroot", 65532),
        ("nginxinc/nginx-unprivileged", 101),
        ("ghcr.io/nginx/nginx-unprivileged:1.29-alpine", 101),
        ("cgr.dev/chainguard/nginx", 65532),
        ("cgr.dev/chainguard/postgres:latest", None),
        ("bitnami/postgresql:17", 1001),
        ("public.ecr.aws/bitnami/redis:8", 1001),
        ("grafana/grafana:12.1.0", 472),
        ("prom/prometheus:v3.5.0", 65534),
        ("quay.io/prometheus/node-exporter", 65534),
        ("jenkins/jenkins:lts-jdk21", 1000),
        ("memcached:1.6-alpine", 11211),
        ("haproxy:3.2", 99),
        ("haproxy", 99),
        ("haproxy:2.4.1", 99),
        ("docker.elastic.co/elasticsearch/elasticsearch:8.19.0", 1000),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled", 1654),
        ("mcr.microsoft.com/mssql/server:2022-latest", 10001),
        ("docker:28-dind-rootless", None),
        ("gitea/gitea:1.24-rootless", None),
    ],
)
def test_images_that_start_as_another_user_than_root(image: str, uid: int | None) -> None:
    assert user(image) == ImageUser(uid, starts=True)


@pytest.mark.parametrize(
    ("image", "uid"),
    [
        ("nginx:1.29", 101),
        ("postgres:18", 999),
        ("postgres:18-alpine", 70),
        ("redis:8", 999),
        ("rabbitmq:4-management-alpine", 100),
        ("httpd:2.4-alpine", 82),
        ("php:8.4-fpm", 33),
        ("haproxy:2.2", 99),
        ("elasticsearch:7.17.0", 1000),
        ("mcr.microsoft.com/dotnet/sdk:9.0", 1654),
        ("gcr.io/distroless/static", 65532),
        ("hashicorp/vault:1.20", 100),
        ("mcr.microsoft.com/mssql/server:2017-latest", 10001),
    ],
)
def test_images_that_start_as_root_and_keep_a_user(image: str, uid: int) -> None:
    assert user(image) == ImageUser(uid)


@pytest.mark.parametrize(
    "image",
    [
        "registry.example/nginx:1.29",  # another's
        "debian:13",
        "bitnami/minideb:trixie",
        "cgr.dev/chainguard/wolfi-base",
        "cgr.dev/chainguard/python:latest-dev",
        "mcr.microsoft.com/dotnet/aspnet:6.0",
        "registry.example/rootless/web:1",
    ],
)
def test_nothing_is_known_of_others(image: str) -> None:
    reference = parse_reference(image)
    assert reference is not None
    assert image_user(reference) is None
    assert known_uid(reference) is None
