"""What traffic from outside reaches: routes, the Gateways that take them, and the ports that they lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.support import scan

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "x:1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
"""
INGRESS = """\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {%s}}}}]}}]}
"""
ROUTE = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec: {%s rules: [{backendRefs: [{name: web, %s}]}]}
"""
TO_WEB = "port: 80"
OPENSHIFT = """\
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web, namespace: shop}
spec: {to: {kind: Service, name: web%s}%s}
"""
GATEWAY = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: %s}
spec: {gatewayClassName: x, listeners: [{name: web, port: 443, protocol: HTTPS%s}]}
"""
NAMESPACE = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {public: '%s'}}\n"
EDGE = "parentRefs: [{name: edge, namespace: infra}],"


def reached(root: Path, *parts: str) -> str:
    """How the one workload is reachable, "" where it is not."""
    found = [*scan(root, {"web.yaml": WEB + "".join(parts)}).inventory.links.exposure.values()]
    return found[0].through[0] if found else ""


@pytest.mark.parametrize(
    ("parents", "exposed"),
    [
        ('parentRefs: [{kind: Service, group: "", name: web}],', False),
        ("parentRefs: [{kind: ServiceImport, group: multicluster.x-k8s.io, name: web}],", False),
        ('parentRefs: [{kind: Service, group: "", name: web}, {name: edge}],', True),
        ("parentRefs: [{name: edge}],", True),  # the Gateway was not read
        ("parentRefs: [{kind: ListenerSet, name: more}],", True),
        ("parentRefs: '{{ .Values.parents }}',", True),
        ("parentRefs: ['{{ .Values.parent }}'],", True),
        ("", False),
    ],
)
def test_a_route_of_a_mesh_is_no_way_in(tmp_path: Path, parents: str, exposed: bool) -> None:
    assert reached(tmp_path, ROUTE % (parents, TO_WEB)) == ("HTTPRoute shop/web" if exposed else "")


CHOSEN = ", allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {%s}}}}"


@pytest.mark.parametrize(
    ("listener", "namespace", "exposed"),
    [
        ("", "", False),
        (", allowedRoutes: {namespaces: {from: Same}}", "", False),
        (", allowedRoutes: {namespaces: {from: None}}", "", False),
        (", allowedRoutes: {namespaces: {from: All}}", "", True),
        (", allowedRoutes: {namespaces: {from: '{{ .Values.from }}'}}", "", True),
        (", allowedRoutes: '{{ .Values.allowed }}'", "", True),
        (CHOSEN % "public: 'yes'", NAMESPACE % "yes", True),
        (CHOSEN % "public: 'yes'", NAMESPACE % "no", False),
        (CHOSEN % "public: 'yes'", "", True),  # the labels are not known
        (CHOSEN % "kubernetes.io/metadata.name: shop", "", True),
        (CHOSEN % "kubernetes.io/metadata.name: bank", "", False),
    ],
)
def test_a_gateway_takes_routes_of_the_namespaces_that_its_listeners_allow(
    tmp_path: Path, listener: str, namespace: str, exposed: bool
) -> None:
    assert bool(reached(tmp_path, GATEWAY % ("infra", listener), ROUTE % (EDGE, TO_WEB), namespace)) == exposed


@pytest.mark.parametrize(
    ("listener", "wanted", "exposed"),
    [
        ("", "parentRefs: [{name: edge}],", True),
        ("", "parentRefs: [{name: edge, sectionName: web, port: 443}],", True),
        ("", "parentRefs: [{name: edge, sectionName: other}],", False),
        ("", "parentRefs: [{name: edge, port: 80}],", False),
        (", allowedRoutes: {kinds: [{kind: GRPCRoute}]}", "parentRefs: [{name: edge}],", False),
        (", allowedRoutes: {kinds: [{kind: HTTPRoute}]}", "parentRefs: [{name: edge}],", True),
        (", hostname: a.example", "parentRefs: [{name: edge}],", True),
        (", hostname: a.example", "parentRefs: [{name: edge}], hostnames: [b.example],", False),
        (", hostname: a.example", "parentRefs: [{name: edge}], hostnames: [b.example, A.example],", True),
        (", hostname: '*.example'", "parentRefs: [{name: edge}], hostnames: [a.b.example],", True),
        (", hostname: '*.example'", "parentRefs: [{name: edge}], hostnames: [example],", False),
        (", hostname: '*.example'", "parentRefs: [{name: edge}], hostnames: ['*.b.example'],", True),
        (", hostname: a.example", "parentRefs: [{name: edge}], hostnames: ['${HOST}'],", True),
    ],
)
def test_a_listener_takes_the_routes_that_ask_for_it(tmp_path: Path, listener: str, wanted: str, exposed: bool) -> None:
    assert bool(reached(tmp_path, GATEWAY % ("shop", listener), ROUTE % (wanted, TO_WEB))) == exposed


def test_a_listener_takes_the_kinds_of_its_protocol(tmp_path: Path) -> None:
    gateway = GATEWAY.replace("HTTPS", "TCP") % ("shop", "")
    assert not reached(tmp_path, gateway, ROUTE % ("parentRefs: [{name: edge}],", TO_WEB))
    assert reached(tmp_path, gateway, ROUTE.replace("HTTPRoute", "TCPRoute") % ("parentRefs: [{name: edge}],", TO_WEB))


def test_a_gateway_in_another_folder_decides_too(tmp_path: Path) -> None:
    files = {"k8s/web/web.yaml": WEB + ROUTE % (EDGE, TO_WEB), "k8s/edge/edge.yaml": GATEWAY % ("infra", "")}
    assert not scan(tmp_path, files).inventory.links.exposure
    files["k8s/edge/edge.yaml"] = GATEWAY % ("infra", ", allowedRoutes: {namespaces: {from: All}}")
    assert scan(tmp_path, files).inventory.links.exposure


@pytest.mark.parametrize(
    ("route", "exposed"),
    [
        (INGRESS % "number: 80", True),
        (INGRESS % "name: http", True),
        (INGRESS % "number: 8080", True),  # that of the pods, which the controller of NGINX takes
        (INGRESS % "number: 8443", False),
        (INGRESS % "name: admin", False),
        (INGRESS % "name: use-annotation", True),
        (INGRESS % "name: '${PORT}'", True),
        (ROUTE % (EDGE, "port: 80"), True),
        (ROUTE % (EDGE, "port: 8080"), False),
        (ROUTE % (EDGE, "port: 80, weight: 0"), False),
        (ROUTE % (EDGE, "port: 80}, {name: web, port: 80, weight: 0"), True),
        (OPENSHIFT % ("", ""), True),
        (OPENSHIFT % (", weight: 0", ""), False),
        (OPENSHIFT % ("", ", port: {targetPort: http}"), True),
        (OPENSHIFT % ("", ", port: {targetPort: 8080}"), True),
        (OPENSHIFT % ("", ", port: {targetPort: 80}"), False),
        (OPENSHIFT % ("", ", port: {targetPort: admin}"), False),
    ],
)
def test_a_route_leads_to_a_port_that_the_service_has(tmp_path: Path, route: str, exposed: bool) -> None:
    assert bool(reached(tmp_path, route)) == exposed


def test_a_route_of_openshift_is_called_so(tmp_path: Path) -> None:
    assert reached(tmp_path, OPENSHIFT % ("", "")) == "Route shop/web"


BY_NAME = """\
---
apiVersion: v1
kind: Service
metadata: {name: ext, namespace: gw}
spec: {type: ExternalName, externalName: %s}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: edge, namespace: gw}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ext, port: {%s}}}}]}}]}
"""


@pytest.mark.parametrize(
    ("name", "port", "exposed"),
    [
        ("web.shop.svc.cluster.local", "number: 80", True),
        ("web.shop.svc", "name: any", True),
        ("web.shop.svc.cluster.local.", "number: 80", True),
        ("web.shop.svc.cluster.local", "number: 81", False),
        ("web.bank.svc.cluster.local", "number: 80", False),
        ("web.shop.example.org", "number: 80", False),
        ("ext.gw.svc", "number: 80", False),  # its own name
    ],
)
def test_an_ingress_leads_on_through_another_name_of_a_service(
    tmp_path: Path, name: str, port: str, exposed: bool
) -> None:
    assert reached(tmp_path, BY_NAME % (name, port)) == ("Ingress gw/edge" if exposed else "")


def test_another_name_is_followed_in_other_folders(tmp_path: Path) -> None:
    files = {"k8s/web/web.yaml": WEB, "k8s/gw/gw.yaml": BY_NAME % ("web.shop.svc.cluster.local", "number: 80")}
    assert scan(tmp_path, files).inventory.links.exposure
