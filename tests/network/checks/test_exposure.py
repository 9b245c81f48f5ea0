"""What is reachable: NET001 to NET003, NET006, NET007."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    assert_mends,
    compose,
    docker,
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


def service_of(spec: str, annotations: str = "{}") -> Input:
    """A Service; `spec` is one field a line."""
    fields = "".join(f"\n          {line}" for line in spec.splitlines())
    return manifest(
        f"""
        # how the shop is reached
        apiVersion: v1
        kind: Service
        metadata:
          name: web
          annotations: {annotations}
        spec:{fields}
          selector: {{app: web}}
          ports: [{{port: 80}}]
        """
    )


def ingress(spec: str = "", annotations: str = "kubernetes.io/description: the shop") -> Input:
    """An Ingress for shop.example."""
    return manifest(
        f"""
        # how the shop is reached
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: web
          annotations:
            {annotations}
        spec:
          {spec or "ingressClassName: nginx"}
          rules:
            - host: shop.example
              http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{name: web}}}}}}}}]}}
        """
    )


def gateway(protocol: str) -> Input:
    """A Gateway with one listener."""
    return manifest(
        f"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {{name: web}}
        spec:
          gatewayClassName: shop
          listeners: [{{name: web, port: 8080, protocol: {protocol}}}]
        """
    )


TLS = "tls: [{hosts: [shop.example], secretName: shop-tls}]"
BOUND = '"PortBindings": {"80/tcp": [{"HostIp": "%s", "HostPort": "%s"}]}'

CASES = (
    # NET001: the host's network
    fails("NET001", pod(spec="hostNetwork: true  # fast"), at="hostNetwork", severity="high", fix="review"),
    passes("NET001", pod()),
    fails("NET001", compose("network_mode: host"), at="network_mode", fix="review"),
    passes("NET001", compose("network_mode: bridge")),
    fails(
        "NET001",
        stack("networks: [outside]", "networks: {outside: {external: true, name: host}}"),
        at="networks: [out",
        fix="review",
    ),
    passes("NET001", stack()),
    fails(
        "NET001",
        task(definition='"networkMode": "host"'),
        at="networkMode",
        fix="review",
        becomes='"networkMode": "bridge"',
    ),
    passes("NET001", task(definition='"networkMode": "awsvpc"')),
    fails("NET001", docker('"NetworkMode": "host"'), at="NetworkMode"),
    passes("NET001", docker('"NetworkMode": "bridge"')),
    fails("NET001", podman('"NetworkMode": "host"'), at="NetworkMode"),
    passes("NET001", podman('"NetworkMode": "slirp4netns"')),
    fails("NET001", quadlet("Network=host"), at="Network=host", fix="review"),
    passes("NET001", quadlet("Network=shop.network")),
    # NET002: ports on every interface
    fails(
        "NET002",
        pod("ports:\n  - containerPort: 80\n    hostPort: 8080"),
        at="hostPort",
        severity="medium",
        fix="review",
        becomes="- containerPort: 80\n",
    ),
    passes("NET002", pod("ports: [{containerPort: 80}]")),
    passes("NET002", pod("ports: [{containerPort: 80, hostPort: 8080, hostIP: 127.0.0.1}]")),
    fails("NET002", compose('ports:\n  - "8080:80"'), at="8080:80", fix="review", becomes="127.0.0.1:8080:80"),
    silent("NET002", compose('network_mode: host\nports:\n  - "8080:80"')),
    fails("NET002", compose('ports: ["5432:5432"]'), at="5432", severity="high", says="PostgreSQL", fix="review"),
    fails("NET002", compose("ports:\n  - target: 80\n    published: 8080"), at="published", fix="review"),
    passes("NET002", compose('ports: ["127.0.0.1:8080:80"]')),
    passes("NET002", compose("expose: ['80']")),
    passes("NET002", compose("network_mode: none\nports: ['8080:80']")),  # nothing can be reached there
    passes("NET002", quadlet("Network=none\nPublishPort=8080:80")),
    fails("NET002", stack('ports: ["8080:80"]'), at="8080:80"),
    passes("NET002", stack()),
    fails("NET002", task('"portMappings": [{"containerPort": 80, "hostPort": 8080}]'), at="hostPort"),
    passes("NET002", task('"portMappings": [{"containerPort": 80}]', '"networkMode": "awsvpc"')),
    fails("NET002", docker(BOUND % ("0.0.0.0", "8080")), at="PortBindings"),
    passes("NET002", docker(BOUND % ("127.0.0.1", "8080"))),
    fails("NET002", podman(BOUND % ("", "8080")), at="PortBindings"),
    passes("NET002", podman(BOUND % ("127.0.0.1", "8080"))),
    fails("NET002", quadlet("PublishPort=8080:80"), at="PublishPort", fix="review", becomes="127.0.0.1:8080:80"),
    passes("NET002", quadlet("PublishPort=127.0.0.1:8080:80")),
    # NET003: ports below 1024
    fails("NET003", compose('ports: ["80:8080"]'), at="80:8080", severity="low"),
    passes("NET003", compose('ports: ["8080:80"]')),
    fails("NET003", stack('ports: ["443:8443"]'), at="443"),
    passes("NET003", stack('ports: ["8443:443"]')),
    fails("NET003", docker(BOUND % ("127.0.0.1", "80")), at="PortBindings"),
    passes("NET003", docker(BOUND % ("127.0.0.1", "8080"))),
    fails("NET003", podman(BOUND % ("127.0.0.1", "80")), at="PortBindings"),
    passes("NET003", podman()),
    fails("NET003", quadlet("PublishPort=80:80"), at="PublishPort"),
    passes("NET003", quadlet("PublishPort=8080:80")),
    fails(
        "NET003",
        pod("ports:\n  - containerPort: 8080\n    hostPort: 443"),
        at="hostPort",
        severity="low",
        fix="review",
        becomes="- containerPort: 8080\n",
    ),
    passes("NET003", pod("ports: [{containerPort: 80, hostPort: 8080}]")),
    fails("NET003", task('"portMappings": [{"containerPort": 8080, "hostPort": 80}]'), at="hostPort"),
    passes("NET003", task('"portMappings": [{"containerPort": 80, "hostPort": 0}]')),
    passes("NET003", task('"portMappings": [{"containerPort": 80, "hostPort": 80}]', '"networkMode": "awsvpc"')),
    passes("NET003", compose("network_mode: none\nports: ['80:80']")),  # nothing can be reached there
    silent("NET003", compose("network_mode: host\nports: ['80:80']")),
    # NET006: services for everybody
    fails("NET006", service_of("type: LoadBalancer"), at="type: LoadBalancer", severity="medium"),
    fails("NET006", service_of("type: NodePort"), at="type: NodePort", severity="medium"),
    fails("NET006", service_of("externalIPs: [198.51.100.7]"), at="externalIPs", severity="high", fix="review"),
    passes("NET006", service_of("type: LoadBalancer\nloadBalancerSourceRanges: [198.51.100.0/24]")),
    passes("NET006", service_of("type: LoadBalancer", "{cloud.google.com/load-balancer-type: Internal}")),
    passes("NET006", service_of("type: ClusterIP")),
    # NET007: routes
    fails("NET007", ingress(), at="spec:", severity="medium", says="shop.example is served without TLS"),
    fails(
        "NET007",
        ingress(TLS, "nginx.ingress.kubernetes.io/configuration-snippet: more_set_headers X;"),
        at="snippet",
        severity="high",
        fix="review",
    ),
    passes("NET007", ingress(TLS)),
    passes(
        "NET007",
        ingress(annotations="alb.ingress.kubernetes.io/certificate-arn: arn:aws:acm:eu-west-1:1:certificate/a"),
    ),
    passes("NET007", ingress(annotations="""alb.ingress.kubernetes.io/listen-ports: '[{"HTTPS":443}]'""")),
    passes("NET007", ingress(annotations="networking.gke.io/managed-certificates: shop")),
    fails("NET007", ingress(annotations="""alb.ingress.kubernetes.io/listen-ports: '[{"HTTP":80}]'"""), at="spec:"),
    # each host needs its own; a wildcard is for one label, an entry without hosts for every host
    fails(
        "NET007",
        ingress("tls: [{hosts: [other.example], secretName: web}]"),
        at="shop.example",
        severity="medium",
        says="shop.example is served without TLS",
    ),
    fails("NET007", ingress("tls: [{hosts: ['*.shop.example'], secretName: web}]"), at="host: shop.example"),
    passes("NET007", ingress("tls: [{hosts: ['*.example'], secretName: web}]")),
    passes("NET007", ingress("tls: [{hosts: [SHOP.example], secretName: web}]")),
    passes("NET007", ingress("tls: [{secretName: web}]")),
    fails("NET007", gateway("HTTP"), at="spec:", severity="medium"),
    passes("NET007", gateway("HTTPS")),
    silent("NET007", gateway("HBONE")),  # a mesh encrypts by itself
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
