"""Identities, roles, services, routes, policies and configuration."""

import pytest

from batten.formats.interface import Reading
from batten.model.objects import (
    Backend,
    Configuration,
    DisruptionBudget,
    Grant,
    Identity,
    LabelSelector,
    Namespace,
    Parent,
    Peer,
    Permission,
    Role,
    Route,
    SelectorTerm,
    Service,
    ServicePort,
    Subject,
    TrafficPolicy,
    TrafficRule,
)
from batten.model.workload import Workload
from formats.kubernetes.reading import of, read, read_data


@pytest.fixture(scope="module")
def declared() -> Reading:
    return read_data("declared.yaml")


@pytest.fixture(scope="module")
def network() -> Reading:
    return read_data("network.yaml")


def test_a_namespace_has_its_labels(declared: Reading):
    (namespace,) = of(declared, Namespace)
    assert (namespace.name, namespace.labels) == ("shop", {"pod-security.kubernetes.io/enforce": "baseline"})
    assert namespace.where("metadata", "labels").location().line == 5


def test_a_service_account_says_whether_its_token_is_mounted(declared: Reading):
    (identity,) = of(declared, Identity)
    assert (identity.name, identity.namespace, identity.automount_token) == ("web", "shop", False)


def test_roles_have_their_rules(declared: Reading):
    everything, collected, reader = of(declared, Role)
    assert everything.cluster
    assert everything.permissions == (
        Permission(("*",), ("*",), ("*",), pointer=("rules", 0)),
        Permission(("get",), non_resource_urls=("/metrics",), pointer=("rules", 1)),
    )
    assert collected.aggregated
    assert not reader.cluster
    assert reader.permissions[0].resource_names == ("db",)


def test_bindings_have_their_role_and_subjects(declared: Reading):
    reads, everything = of(declared, Grant)
    assert (reads.cluster, reads.role_kind, reads.role_name) == (False, "Role", "reader")
    assert reads.subjects == (
        Subject("ServiceAccount", "web", "shop", ("subjects", 0)),
        Subject("Group", "system:authenticated", "", ("subjects", 1)),
    )
    assert everything.cluster


def test_a_secret_is_decoded_where_it_decodes(declared: Reading):
    secret = next(one for one in of(declared, Configuration) if one.secret)
    assert secret.type == "kubernetes.io/basic-auth"
    assert {entry.key: entry.value for entry in secret.entries} == {
        "username": "admin",
        "binary": "/w==",
        "mistake": "<paste here>",
        "password": "hunter2",
    }
    assert secret.entries[-1].pointer == ("stringData", "password")


def test_a_config_map_is_text_and_no_object_is_looked_for_in_it(declared: Reading):
    (look,) = [one for one in of(declared, Configuration) if not one.secret]
    entries = {entry.key: entry.value for entry in look.entries}
    assert entries["colour"] == "blue"
    assert entries["logo"] == "hello"
    assert "kind: Pod" in entries["pod.yaml"]
    assert of(declared, Workload) == []


def test_a_disruption_budget_has_its_selector(declared: Reading):
    (budget,) = of(declared, DisruptionBudget)
    terms = (SelectorTerm("app", "In", ("web", "api")), SelectorTerm("canary", "DoesNotExist"))
    assert budget.selector == LabelSelector({}, terms)


def test_a_service_is_read_field_by_field(network: Reading):
    web, inside = of(network, Service)
    assert (web.type, web.selector, web.external_ips) == ("LoadBalancer", {"app": "web"}, ("203.0.113.7",))
    assert (web.source_ranges, web.internal) == (("10.0.0.0/8",), False)
    assert web.ports == (
        ServicePort(80, "http", 30080, "TCP", ("spec", "ports", 0), "http"),
        ServicePort(53, "5353", 0, "UDP", ("spec", "ports", 1), "dns"),
    )
    assert (inside.internal, inside.selector) == (True, None)
    assert inside.source_ranges == ("10.0.0.0/8", "192.168.0.0/16")


def test_a_service_is_reachable_inside_only_unless_it_says_more():
    (service,) = of(read("apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n"), Service)
    assert service.type == "ClusterIP"


@pytest.mark.parametrize(
    ("annotation", "internal"),
    [
        ("service.beta.kubernetes.io/aws-load-balancer-internal: 'true'", True),
        ("service.beta.kubernetes.io/aws-load-balancer-internal: 'false'", False),
        ("service.beta.kubernetes.io/azure-load-balancer-internal: 'true'", True),
        ("networking.gke.io/load-balancer-type: Internal", True),
        ("networking.gke.io/load-balancer-type: External", False),
    ],
)
def test_clouds_keep_a_load_balancer_private_by_annotations(annotation: str, internal: bool):
    metadata = f"{{name: s, annotations: {{{annotation}}}}}"
    (service,) = of(read(f"apiVersion: v1\nkind: Service\nmetadata: {metadata}\nspec: {{}}\n"), Service)
    assert service.internal is internal


def test_an_ingress_leads_to_services(network: Reading):
    web = of(network, Route)[0]
    assert (web.kind, web.tls, web.hosts, web.tls_hosts) == ("Ingress", True, ("shop.example",), ("shop.example",))
    assert web.backends == (
        Backend("fallback", "", "", ("spec", "defaultBackend"), "80"),
        Backend("web", "", "shop.example", ("spec", "rules", 0, "http", "paths", 0, "backend"), "http"),
    )


def test_an_ingress_of_an_old_version_is_read(network: Reading):
    old = of(network, Route)[1]
    assert [(backend.service, backend.host) for backend in old.backends] == [("legacy", ""), ("older", "old.example")]
    assert old.tls is False


def test_a_gateway_and_its_route_are_read_and_istios_gateway_is_another_kind(network: Reading):
    gateways = [route for route in of(network, Route) if route.kind == "Gateway"]
    assert [(gateway.name, gateway.tls, gateway.tls_hosts) for gateway in gateways] == [("edge", True, ("*.example",))]
    (route,) = [route for route in of(network, Route) if route.kind == "HTTPRoute"]
    parents = (Parent("edge", namespace="infra"), Parent("mesh", "Service"))
    assert (route.parents, route.hosts, route.tls) == (parents, ("shop.example",), None)
    assert [(backend.service, backend.namespace) for backend in route.backends] == [("web", ""), ("api", "backend")]


def test_a_route_of_openshift_is_a_way_in(network: Reading):
    route = of(network, Route)[-1]
    assert route.kind == "Route"
    assert [backend.service for backend in route.backends] == ["web", "web-next"]
    assert (route.tls, route.tls_hosts) == (True, ("web.apps.example",))


def test_a_network_policy_speaks_of_ingress_unless_it_says_otherwise(network: Reading):
    web, deny, opened = of(network, TrafficPolicy)
    at = ("spec", "ingress", 0)
    assert web.selector == LabelSelector({"app": "web"})
    assert web.egress is None
    assert web.ingress == (
        TrafficRule(
            (
                Peer(LabelSelector({"app": "gateway"}), LabelSelector(), pointer=(*at, "from", 0)),
                Peer(cidr="10.0.0.0/8", excluded=("10.1.0.0/16",), pointer=(*at, "from", 1)),
            ),
            ("TCP/80", "TCP/8000-8080", "UDP/dns", "SCTP"),
            at,
        ),
    )
    assert (deny.ingress, deny.egress) == (None, ())
    assert (opened.ingress, opened.egress) == (
        (TrafficRule(pointer=at),),
        (TrafficRule(pointer=("spec", "egress", 0)),),
    )
