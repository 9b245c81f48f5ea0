from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any

import pytest

from batten.model.source import Unreadable
from batten.sources import TargetError
from batten.sources.oci.client import RegistryClient, RegistryError, Repository
from batten.sources.oci.credentials import Keychain
from batten.sources.oci.hosts import Hosts, hosts_of, is_loopback
from sources.oci.made import image
from sources.oci.registry import Fault, Registry
from sources.oci.test_client import QUICK, WEB, client, pulled

TLS = Path(__file__).parents[2] / "data" / "tls"
HUB = Repository("docker.io", "library/nginx")


def hosts(tmp_path: Path, conf: str = "", daemon: Any = None, **environ: str) -> Hosts:
    path = tmp_path / "registries.conf"
    path.write_text(conf)
    if daemon is not None:
        (tmp_path / ".config/docker").mkdir(parents=True)
        (tmp_path / ".config/docker/daemon.json").write_text(json.dumps(daemon))
    return hosts_of({"CONTAINERS_REGISTRIES_CONF": str(path), **environ}, str(tmp_path))


def asked(known: Hosts, repository: Repository, *, by_digest: bool = False, pushing: bool = False) -> list[str]:
    return [f"{one.host}/{one.repository}" for one in known.endpoints(repository, by_digest=by_digest, pushing=pushing)]


def test_docker_hub_is_asked_where_it_lives(tmp_path: Path) -> None:
    assert asked(hosts(tmp_path), HUB) == ["registry-1.docker.io/library/nginx"]
    assert asked(hosts(tmp_path), Repository("r.example:5000", "a")) == ["r.example:5000/a"]


def test_mirrors_of_our_own_variable_come_first_and_are_not_pushed_to(tmp_path: Path) -> None:
    known = hosts(
        tmp_path, BATTEN_REGISTRY_MIRRORS="http://one.example/hub two.example:5000, ghcr.io=three.example/ghcr"
    )
    assert asked(known, HUB) == [
        "one.example/hub/library/nginx", "two.example:5000/library/nginx", "registry-1.docker.io/library/nginx",
    ]  # fmt: skip
    assert [one.plain for one in known.endpoints(HUB, by_digest=False)] == [True, False, False]
    assert asked(known, Repository("ghcr.io", "a")) == ["three.example/ghcr/a", "ghcr.io/a"]
    assert asked(known, HUB, pushing=True) == ["registry-1.docker.io/library/nginx"]


def test_dockers_daemon_names_mirrors_of_docker_hub_and_registries_without_tls(tmp_path: Path) -> None:
    daemon = {"registry-mirrors": ["https://m.example/"], "insecure-registries": ["old.example:5000", "10.1.0.0/16", 5]}
    known = hosts(tmp_path, daemon=daemon)
    assert asked(known, HUB) == ["m.example/library/nginx", "registry-1.docker.io/library/nginx"]
    for host, expected in (
        ("old.example:5000", True),
        ("10.1.2.3:80", True),
        ("10.2.0.1", False),
        ("m.example", False),
    ):
        assert known.may_be_plain(host) == expected


CONF = """
[[registry]]
prefix = "docker.io"
location = "inner.example/hub"
[[registry.mirror]]
location = "m.example/all"
[[registry.mirror]]
location = "d.example"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "t.example"
pull-from-mirror = "tag-only"
insecure = true
[[registry]]
location = "docker.io/secret"
blocked = true
[[registry]]
location = "old.example"
insecure = true
[[registry]]
prefix = "*.wild.example"
location = "w.example/x"
[[registry]]
nonsense = 5
"""


def test_registries_conf_is_understood(tmp_path: Path) -> None:
    known = hosts(tmp_path, CONF)
    assert asked(known, HUB) == [
        "m.example/all/library/nginx",
        "t.example/library/nginx",
        "inner.example/hub/library/nginx",
    ]
    assert asked(known, HUB, by_digest=True)[1] == "d.example/library/nginx"
    assert [one.may_be_plain for one in known.endpoints(HUB, by_digest=False)] == [False, True, False]
    assert known.endpoints(Repository("old.example", "a"), by_digest=True)[0].may_be_plain
    assert asked(known, Repository("a.wild.example", "b")) == ["w.example/x/b"]
    with pytest.raises(Unreadable, match=r"docker\.io/secret/x: blocked by registries\.conf"):
        asked(known, Repository("docker.io", "secret/x"))
    assert asked(known, Repository("docker.io", "secretive/x"))[-1] == "inner.example/hub/secretive/x"


def test_credentials_of_a_registry_are_not_given_to_where_it_was_moved(tmp_path: Path) -> None:
    accounts = [str(one.account) for one in hosts(tmp_path, CONF).endpoints(HUB, by_digest=False)]
    assert accounts == ["m.example/all/library/nginx", "t.example/library/nginx", "inner.example/hub/library/nginx"]
    assert str(hosts(tmp_path).endpoints(HUB, by_digest=False)[0].account) == "docker.io/library/nginx"


@pytest.mark.parametrize(
    ("conf", "environ", "message"),
    [
        ("[[registry", {}, r"registries\.conf: expected TOML \(containers-registries\.conf\(5\)\)"),
        ("a = '\x00'", {}, "expected TOML"),
        (
            "[[registry]]\nprefix = 'a'\nlocation = 'u:sesame@h/x'",
            {},
            "expected a registry such as mirror.example:5000/hub",
        ),
        (
            "",
            {"BATTEN_REGISTRY_MIRRORS": "https://u:sesame@h/x"},
            "BATTEN_REGISTRY_MIRRORS: expected a registry such as",
        ),
        ("", {"BATTEN_REGISTRY_MIRRORS": "ftp://h"}, "expected a registry such as"),
    ],
)
def test_configuration_that_is_none_is_told_without_its_content(
    tmp_path: Path, conf: str, environ: dict[str, str], message: str
) -> None:
    with pytest.raises(Unreadable, match=message) as caught:
        hosts(tmp_path, conf, **environ)
    assert "sesame" not in str(caught.value)


def test_drop_in_files_and_the_users_own_configuration_are_read(tmp_path: Path) -> None:
    folder = tmp_path / ".config/containers"
    (folder / "registries.conf.d").mkdir(parents=True)
    (folder / "registries.conf").write_text(
        '[[registry]]\nlocation = "r.example"\n[[registry.mirror]]\nlocation = "a.example"\n'
    )
    (folder / "registries.conf.d/9.conf").write_text(
        '[[registry]]\nlocation = "r.example"\n[[registry.mirror]]\nlocation = "b.example"\n'
    )
    assert asked(hosts_of({}, str(tmp_path)), Repository("r.example", "a")) == ["b.example/a", "r.example/a"]


def test_this_machine_is_known_by_its_names() -> None:
    for host, expected in (
        ("localhost", True), ("localhost:5000", True), ("registry.localhost", True), ("127.0.0.9:1", True),
        ("[::1]:5000", True), ("localhost.example", False), ("127.example", False), ("10.0.0.1", False),
    ):  # fmt: skip
        assert is_loopback(host) == expected


def test_a_mirror_that_lacks_the_image_fails_or_lies_is_passed_over(tmp_path: Path) -> None:
    made = image()
    with Registry() as gone:
        pass
    with Registry() as registry, Registry() as empty, Registry() as failing, Registry() as lying:
        for one in (registry, failing, lying):
            one.store(WEB, made, "1")
        failing.faults = [Fault("/", 99, status=500)]
        lying.faults = [Fault("/manifests/", 99, change=lambda data: data.replace(b"layer", b"lazer"))]
        order = (gone, empty, failing, lying)
        mirrors = ",".join(f"{registry.host}=http://{one.host}" for one in order)
        (found,) = pulled(tmp_path, f"{registry.host}/{WEB}:1", BATTEN_REGISTRY_MIRRORS=mirrors)
        assert found.config == made.config
        assert len(registry.asked("/manifests/")) == 1
        assert len(failing.asked("/manifests/")) == 2
        assert empty.asked("/blobs/")


def test_a_mirror_saves_asking_the_registry(tmp_path: Path) -> None:
    made = image()
    with Registry("bearer") as registry, Registry() as mirror:
        mirror.store(f"hub/{WEB}", made, "1")
        (found,) = pulled(
            tmp_path, f"{registry.host}/{WEB}:1", BATTEN_REGISTRY_MIRRORS=f"{registry.host}=http://{mirror.host}/hub"
        )
        assert found.config == made.config
        assert registry.seen == []


def server() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.crt", TLS / "server.key")
    return context


def test_a_private_authority_is_trusted_where_the_variable_or_certs_d_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = image()
    with Registry(tls=server()) as registry:
        registry.store(WEB, made, "1")
        reference = f"{registry.host}/{WEB}:1"
        with pytest.raises(
            TargetError, match=r"its certificate is not trusted \(.*\); put its authority into SSL_CERT_FILE or"
        ):
            pulled(tmp_path, reference)
        folder = tmp_path / "home/.config/containers/certs.d" / registry.host
        folder.mkdir(parents=True)
        (folder / "ca.crt").write_bytes((TLS / "ca.crt").read_bytes())
        assert [one.config for one in pulled(tmp_path, reference)] == [made.config]
        (folder / "ca.crt").write_text("none")
        with pytest.raises(TargetError, match=r"ca\.crt is no certificate that can be read"):
            pulled(tmp_path, reference)
        (folder / "ca.crt").unlink()
        monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.crt"))
        assert [one.config for one in pulled(tmp_path, reference)] == [made.config]


def test_a_registry_with_tls_is_never_asked_without_although_it_is_this_machine(tmp_path: Path) -> None:
    with Registry("basic", {"ann": "s3cret-word"}, tls=server()) as registry:
        with pytest.raises(TargetError, match="certificate is not trusted"):
            pulled(
                tmp_path,
                f"{registry.host}/{WEB}:1",
                config={"auths": {registry.host: {"username": "ann", "password": "s3cret-word"}}},
            )
        assert registry.seen == []


def test_tls_does_not_lead_to_plain_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.crt"))
    data = b"blob"
    with Registry("bearer", {"ann": "s3cret-word"}, tls=server()) as registry, Registry() as plain:
        registry.store(WEB, image(), "1")
        config = {"auths": {registry.host: {"username": "ann", "password": "s3cret-word"}}}
        registry.redirect_blobs = plain.origin
        with pytest.raises(TargetError, match="redirects from TLS to plain HTTP; it was not followed"):
            pulled(tmp_path, f"{registry.host}/{WEB}:1", config=config)
        with client(tmp_path, config) as opened:
            registry.upload_origin = plain.origin
            where = Repository(registry.host, WEB)
            import io

            from sources.oci.made import sha256

            with pytest.raises(RegistryError, match="takes uploads over plain HTTP although it speaks TLS; not sent"):
                opened.push_blob(where, sha256(data), 4, lambda: io.BytesIO(data))
        registry.challenge = f'Bearer realm="{plain.origin}/token"'
        with pytest.raises(TargetError, match="wants tokens asked over plain HTTP; that was not done"):
            pulled(tmp_path, f"{registry.host}/{WEB}:1", config=config)
        assert plain.seen == []


def test_plain_http_is_spoken_elsewhere_only_where_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry stands behind a proxy, which the environment names."""
    made = image()
    for name in ("no_proxy", "NO_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Registry() as proxy:
        monkeypatch.setenv("http_proxy", f"http://user:hidden-word@{proxy.host}")
        monkeypatch.setenv("https_proxy", f"http://user:hidden-word@{proxy.host}")
        proxy.store(WEB, made, "1")
        (found,) = pulled(tmp_path, f"far.example/{WEB}:1", BATTEN_PLAIN_HTTP="other.example,far.example")
        assert found.config == made.config
        assert {one.headers["host"] for one in proxy.seen} == {"far.example"}
        assert all(one.path.startswith("http://far.example/v2/") for one in proxy.seen)
        assert "proxy-authorization" in proxy.seen[0].headers
        proxy.seen.clear()
        with pytest.raises(
            TargetError, match=r"far\.example: the proxy refused the connection; see HTTPS_PROXY"
        ) as caught:
            pulled(tmp_path, f"far.example/{WEB}:1")
        assert "hidden-word" not in str(caught.value)
        assert all(one.method == "CONNECT" for one in proxy.seen)
        monkeypatch.setenv("no_proxy", "far.example")
        proxy.seen.clear()
        with pytest.raises(TargetError, match=r"far\.example: (no such host|cannot be reached|no connection)"):
            pulled(tmp_path, f"far.example/{WEB}:1", BATTEN_PLAIN_HTTP="1")
        assert proxy.seen == []


def test_a_proxy_that_is_none_is_told_without_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for proxy in ("socks5://user:hidden-word@127.0.0.1:1", "gopher://user:hidden-word@x", "http://user:hidden-word@["):
        monkeypatch.setenv("https_proxy", proxy)
        with pytest.raises(TargetError, match=r"far\.example: ") as caught:
            pulled(tmp_path, f"far.example/{WEB}:1")
        assert "hidden-word" not in str(caught.value)


def test_this_machine_is_asked_without_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    made = image()
    with Registry() as registry:
        registry.store(WEB, made, "1")
        assert [one.config for one in pulled(tmp_path, f"{registry.host}/{WEB}:1")] == [made.config]


def test_a_client_can_be_made_of_parts(tmp_path: Path) -> None:
    with Registry() as registry, RegistryClient(Hosts(plain=("*",)), Keychain({}, str(tmp_path)), QUICK) as opened:
        registry.store(WEB, image(), "1")
        assert opened.digest(Repository(registry.host, WEB), "1")
        assert registry.seen[0].path == f"/v2/{WEB}/manifests/1"
