from __future__ import annotations

import base64
import json
import os
import stat
import time
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten import limits
from batten.model.source import Unreadable
from batten.sources import TargetError
from batten.sources.oci.auth import Challenge, challenges
from batten.sources.oci.client import RegistryClient, RegistryError, Repository
from batten.sources.oci.credentials import Credentials, Keychain
from batten.sources.oci.manifests import Descriptor
from batten.sources.oci.registry import open_reference
from sources.oci.made import image, sha256
from sources.oci.registry import Fault, Registry
from sources.oci.test_client import WEB, client

PULL = "repository:a/b:pull"
ANN = {"ann": "open-sesame-9"}


def basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def config_for(host: str, **entry: str) -> dict[str, Any]:
    return {"auths": {host: entry or {"auth": basic("ann", ANN["ann"])}}}


def digest_of(registry: Registry, opened: RegistryClient, name: str = WEB) -> str:
    with opened:
        return opened.manifest(Repository(registry.host, name), "1").digest


# challenges


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"'],
            [("bearer", {"realm": "https://auth.docker.io/token", "service": "registry.docker.io", "scope": PULL})],
        ),
        (['Basic realm="a, b=\\"c\\""'], [("basic", {"realm": 'a, b="c"'})]),
        (
            ["Basic realm=x, Bearer realm=y , service = z"],
            [("basic", {"realm": "x"}), ("bearer", {"realm": "y", "service": "z"})],
        ),
        (["Negotiate", "Basic realm=x"], [("negotiate", {}), ("basic", {"realm": "x"})]),
        (["bearer REALM=x,realm=y"], [("bearer", {"realm": "x"})]),
        (["", '"', "=,=", "Basic realm=\"open"], [("basic", {})]),
    ],
)  # fmt: skip
def test_challenges_are_read(headers: list[str], expected: list[tuple[str, dict[str, str]]]) -> None:
    assert challenges(headers) == [Challenge(scheme, parameters) for scheme, parameters in expected]


@given(st.lists(st.text(alphabet='Basic Bearer="\\,;:/\x00é', max_size=200), max_size=3))
def test_any_header_is_read_without_an_error(headers: list[str]) -> None:
    for one in challenges(headers):
        assert one.scheme == one.scheme.lower()


def test_a_header_made_to_be_slow_is_not() -> None:
    began = time.monotonic()
    for header in (
        "Basic " + "a=" * 100_000,
        "a " * 100_000,
        'Basic realm="' + "\\" * 100_000,
        "B" * 100_000,
        ", " * 100_000,
    ):
        challenges([header])
    assert time.monotonic() - began < 1


# tokens


def test_everybody_gets_a_token_for_what_is_public_once_per_repository(tmp_path: Path) -> None:
    with Registry("bearer") as registry:
        made = image()
        registry.store(WEB, made, "1")
        registry.store("shop/db", made, "1")
        with client(tmp_path) as opened:
            for name in (WEB, WEB, "shop/db", WEB):
                opened.manifest(Repository(registry.host, name), "1")
            with opened.blob(
                Repository(registry.host, WEB), Descriptor(digest=sha256(made.config), size=len(made.config))
            ) as blob:
                assert blob.read() == made.config
        assert [one.path for one in registry.asked("/token")] == [
            f"/token?service=made&scope=repository%3Ashop%2F{name}%3Apull" for name in ("web", "db")
        ]


def test_a_token_that_is_refused_is_asked_for_anew_once(tmp_path: Path) -> None:
    with Registry("bearer") as registry:
        registry.store(WEB, image(), "1")
        with client(tmp_path) as opened:
            opened.manifest(Repository(registry.host, WEB), "1")
            registry.tokens.clear()
            opened.manifest(Repository(registry.host, WEB), "1")
            registry.token_answer = {"token": "never-good"}
            registry.tokens.clear()
            with pytest.raises(RegistryError, match="denies access"):
                opened.manifest(Repository(registry.host, WEB), "1")
        assert len(registry.asked("/token")) == 3


@pytest.mark.parametrize(
    "entry",
    [
        {"auth": basic("ann", ANN["ann"])},
        {"username": "ann", "password": ANN["ann"]},
        {"identitytoken": "refresh-me-1"},
        {"auth": basic("ann", "ignored"), "identitytoken": "refresh-me-1"},
    ],
)
@pytest.mark.parametrize("kind", ["basic", "bearer", "bearer by post"])
def test_credentials_of_every_form_open_a_private_repository(tmp_path: Path, kind: str, entry: dict[str, str]) -> None:
    with Registry(kind.partition(" ")[0], ANN) as registry:
        registry.anonymous = False
        registry.refresh_tokens = {"refresh-me-1"}
        registry.post_tokens_only = kind == "bearer by post"
        digest = registry.store(WEB, image(), "1")
        opened = client(tmp_path, config_for(registry.host, **entry))
        if kind == "basic" and "identitytoken" in entry:
            with pytest.raises(
                RegistryError, match="denies access: the credentials that were found for it are not good"
            ):
                digest_of(registry, opened)
            return
        assert digest_of(registry, opened) == digest


def test_a_registry_token_is_sent_as_it_is(tmp_path: Path) -> None:
    with Registry("bearer") as registry:
        registry.anonymous = False
        registry.tokens["ready-made-token"] = f"repository:{WEB}:pull"
        digest = registry.store(WEB, image(), "1")
        assert (
            digest_of(registry, client(tmp_path, config_for(registry.host, registrytoken="ready-made-token"))) == digest
        )
        assert registry.asked("/token") == []


def test_pushing_asks_for_a_token_that_may(tmp_path: Path) -> None:
    with Registry("bearer", ANN) as registry, client(tmp_path, config_for(registry.host)) as opened:
        made = image()
        registry.blobs |= made.blobs
        opened.push_manifest(
            Repository(registry.host, WEB), "1", made.manifest, "application/vnd.oci.image.manifest.v1+json"
        )
        assert "pull%2Cpush" in registry.asked("/token")[0].path
        assert "account=ann" in registry.asked("/token")[0].path


@pytest.mark.parametrize(
    ("challenge", "message"),
    [
        ("Bearer realm=/token", "names no URL where tokens are given"),
        ('Bearer realm="ftp://x/"', "names no URL where tokens are given"),
        ('Bearer realm="http://u:p@x/"', "names no URL where tokens are given"),
        ('Bearer realm="http://[::"', "names no URL where tokens are given"),
        ('Bearer realm="http://x:99999/"', "names no URL where tokens are given"),
        ("Negotiate", "denies access: no credentials were found for it; log in with `docker login` or `podman login`"),
        ('Bearer service="x"', "denies access: no credentials were found for it"),
    ],
)
def test_challenges_that_lead_nowhere_are_told(tmp_path: Path, challenge: str, message: str) -> None:
    with Registry("bearer") as registry:
        registry.challenge = challenge
        registry.store(WEB, image(), "1")
        with pytest.raises(RegistryError, match=message):
            digest_of(registry, client(tmp_path))


@pytest.mark.parametrize(
    "token", ["", "two words", "line\r\nX-Injected: 1", "é", "t" * (limits.REGISTRY_TOKEN_BYTES + 1)]
)
def test_a_token_that_is_none_becomes_no_header(tmp_path: Path, token: str) -> None:
    with Registry("bearer") as registry:
        registry.token_answer = {"token": token}
        registry.store(WEB, image(), "1")
        with pytest.raises(RegistryError, match="expected a token of printable characters, found none"):
            digest_of(registry, client(tmp_path))
        assert all("x-injected" not in one.headers for one in registry.seen)


# credentials are never shown

SECRETS = ("open-sesame-9", basic("ann", "open-sesame-9"), "refresh-me-1", "token-0-of", "ready-made-token", "sesame")


@pytest.mark.parametrize("auth", ["basic", "bearer"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault("/manifests/", 9, status=403),
        Fault("/manifests/", 9, status=500, echo=True),
        Fault("/manifests/", 9, status=418, echo=True),
        Fault("/token", 9, status=418, echo=True),
        Fault("/manifests/", 9, truncate=5),
        Fault("/manifests/", 9, status=302, headers={"Location": "http://ann:open-sesame-9@127.0.0.1:1/"}),
        Fault("/manifests/", 9, status=302, headers={"Location": "http://127.0.0.1:1/?signature=sesame"}),
        Fault("/token", 9, status=401, body=b'{"errors": [{"message": "not open-sesame-9"}]}'),
        Fault("/token", 9, status=500),
        Fault("/token", 9, truncate=3),
        Fault("/token", 9, change=lambda data: data[:20]),
        Fault("/blobs/", 99, status=404),
        Fault("/blobs/", 99, status=403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("entry", [{"auth": basic("ann", ANN["ann"])}, {"identitytoken": "refresh-me-1"}])
def test_no_failure_shows_credentials(tmp_path: Path, auth: str, fault: Fault, entry: dict[str, str]) -> None:
    with Registry(auth, ANN) as registry:
        registry.anonymous = False
        registry.refresh_tokens = {"refresh-me-1"}
        registry.store(WEB, image(), "1")
        registry.faults = [Fault(**{name: getattr(fault, name) for name in fault.__dataclass_fields__})]
        with open_reference(
            f"{registry.host}/{WEB}:1", "", client(tmp_path, config_for(registry.host, **entry))
        ) as target:
            try:
                for one in target.images():
                    for blob in one.layers:
                        blob.open().read()
            except (TargetError, Unreadable) as error:
                shown = [str(error), repr(error), *traceback.format_exception(error)]
            else:
                # what the fault hits was not asked for: no token, or one without a header
                assert fault.path == "/token"
                assert auth == "basic" or fault.echo
                shown = []
            shown += [problem.message for problem in target.problems]
        for secret in SECRETS:
            assert not any(secret in text for text in shown)


def test_credentials_are_not_shown_by_repr() -> None:
    shown = repr(Credentials(username="ann", password="open-sesame-9", identity_token="refresh-me-1"))
    assert shown == "Credentials(…)"


# where credentials lie


def keychain(tmp_path: Path, **environ: str) -> Keychain:
    return Keychain(environ, str(tmp_path))


def put(path: Path, data: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return str(path)


def user(found: Credentials | None) -> str:
    return found.username if found else ""


def auths(**entries: str) -> dict[str, Any]:
    return {"auths": {host: {"auth": basic(name, "secret")} for host, name in entries.items()}}


def test_files_are_asked_in_the_order_of_the_tools(tmp_path: Path) -> None:
    web = Repository("r.example", "shop/web")
    put(tmp_path / ".docker/config.json", {"auths": {"r.example": {"auth": basic("docker", "s")}}})
    assert user(keychain(tmp_path).find(web)) == "docker"
    put(tmp_path / ".config/containers/auth.json", {"auths": {"r.example": {"auth": basic("podman", "s")}}})
    assert user(keychain(tmp_path).find(web)) == "podman"
    put(tmp_path / "run/containers/auth.json", {"auths": {"r.example": {"auth": basic("runtime", "s")}}})
    assert user(keychain(tmp_path, XDG_RUNTIME_DIR=str(tmp_path / "run")).find(web)) == "runtime"
    put(tmp_path / "own/config.json", {"auths": {"r.example": {"auth": basic("own", "s")}}})
    assert user(keychain(tmp_path, DOCKER_CONFIG=str(tmp_path / "own")).find(web)) == "own"
    chosen = put(tmp_path / "chosen.json", {"auths": {"r.example": {"auth": basic("chosen", "s")}}})
    assert user(keychain(tmp_path, REGISTRY_AUTH_FILE=chosen).find(web)) == "chosen"
    assert keychain(tmp_path, REGISTRY_AUTH_FILE=str(tmp_path / "none")).find(web) is None


@pytest.mark.parametrize(
    ("key", "registry", "name", "found"),
    [
        ("https://index.docker.io/v1/", "docker.io", "library/nginx", True),
        ("index.docker.io", "docker.io", "library/nginx", True),
        ("registry-1.docker.io", "docker.io", "library/nginx", True),
        ("docker.io/shop", "docker.io", "shop/web", True),
        ("docker.io/shop", "docker.io", "shopping/web", False),
        ("https://R.example:5000/v2/", "r.example:5000", "a", True),
        ("r.example", "r.example:5000", "a", False),
        ("example", "r.example", "a", False),
        ("r.example/shop/web", "r.example", "shop/web", True),
        ("r.example/shop/web", "r.example", "shop/db", False),
    ],
)
def test_an_entry_is_for_its_registry_or_a_part_of_it(
    tmp_path: Path, key: str, registry: str, name: str, found: bool
) -> None:
    put(tmp_path / ".docker/config.json", {"auths": {key: {"auth": basic("ann", "s")}}})
    assert bool(keychain(tmp_path).find(Repository(registry, name))) == found


def test_the_most_special_entry_counts(tmp_path: Path) -> None:
    entries = {"r.example": "host", "r.example/shop": "part", "r.example/shop/web": "own"}
    put(tmp_path / ".docker/config.json", {"auths": {key: {"auth": basic(name, "s")} for key, name in entries.items()}})
    found = [user(keychain(tmp_path).find(Repository("r.example", name))) for name in ("shop/web", "shop/db", "other")]
    assert found == ["own", "part", "host"]


@pytest.mark.parametrize(
    ("config", "note"),
    [
        ("{", "config.json is no JSON object"),
        ("[]", "config.json is no JSON object"),
        (" " * (limits.REGISTRY_FILE_BYTES + 1), "config.json is no JSON object"),
        ({"auths": {"r.example": {"auth": "!!secret!!"}}}, "the entry of r.example is no base64 of USER:PASSWORD"),
        ({"auths": {"r.example": {"auth": base64.b64encode(b"\xff\xfe").decode()}}}, "is no base64 of USER:PASSWORD"),
        ({"credsStore": "not-there"}, "docker-credential-not-there is not installed"),
        ({"credsStore": "../../bin/sh"}, r"docker-credential-../../bin/sh is not installed"),
        ({"auths": 5, "credHelpers": []}, ""),
        ({"auths": {"r.example": {"auth": 5, "username": None}, "x": 3}}, ""),
        ({"auths": {"r.example": {}}}, ""),
    ],
)
def test_what_cannot_be_read_of_them_is_noted_without_its_content(tmp_path: Path, config: Any, note: str) -> None:
    put(tmp_path / ".docker/config.json", config)
    chain = keychain(tmp_path, PATH=str(tmp_path))
    assert chain.find(Repository("r.example", "a")) is None
    assert [one for one in chain.notes if note in one] == chain.notes
    assert bool(chain.notes) == bool(note)
    assert "secret" not in "".join(chain.notes)


# helpers


def helper(tmp_path: Path, name: str, script: str) -> None:
    path = tmp_path / "bin" / f"docker-credential-{name}"
    put(path, f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def helped(tmp_path: Path, config: dict[str, Any]) -> Keychain:
    put(tmp_path / ".docker/config.json", config)
    return keychain(tmp_path, PATH=f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")


def test_a_helper_is_asked_once_with_the_registry_on_its_input(tmp_path: Path) -> None:
    answer = """printf '{"ServerURL":"x","Username":"%s","Secret":"s"}' "$server" """
    script = f'echo "$1" >> {tmp_path}/asked; read server; {answer}'
    helper(tmp_path, "made", script)
    chain = helped(tmp_path, {"credsStore": "made", "credHelpers": {"own.example": "gone"}})
    assert user(chain.find(Repository("r.example:5000", "a"))) == "r.example:5000"
    assert user(chain.find(Repository("r.example:5000", "b"))) == "r.example:5000"
    assert user(chain.find(Repository("docker.io", "library/nginx"))) == "https://index.docker.io/v1/"
    assert chain.find(Repository("own.example", "a")) is None
    assert (tmp_path / "asked").read_text() == "get\nget\n"
    assert chain.notes == ["docker-credential-gone is not installed"]


def test_a_helper_may_give_a_refresh_token(tmp_path: Path) -> None:
    helper(tmp_path, "made", """echo '{"Username":"<token>","Secret":"refresh-me-1"}'""")
    found = helped(tmp_path, {"credHelpers": {"https://r.example": "made"}}).find(Repository("r.example", "a"))
    assert found == Credentials(identity_token="refresh-me-1")


@pytest.mark.parametrize(
    ("script", "notes"),
    [
        ("echo 'credentials not found in native keychain'; exit 1", []),
        ("echo secret; exit 3", ["docker-credential-made failed (exit 3)"]),
        ("echo secret", ["docker-credential-made did not answer with credentials"]),
        ("""echo '{"Username":"a","Secret":""}'""", []),
        ("head -c 300000 /dev/zero", ["docker-credential-made did not answer with credentials"]),
        ("kill -9 $$", ["docker-credential-made failed (exit -9)"]),
    ],
)
def test_a_helper_that_fails_is_noted_and_the_file_counts(tmp_path: Path, script: str, notes: list[str]) -> None:
    helper(tmp_path, "made", script)
    chain = helped(tmp_path, {"credsStore": "made", **config_for("r.example")})
    assert user(chain.find(Repository("r.example", "a"))) == "ann"
    assert chain.notes == notes


def test_a_helper_that_leaves_something_running_is_not_waited_for(tmp_path: Path) -> None:
    helper(tmp_path, "made", """echo '{"Username":"a","Secret":"b"}'; sleep 20 &""")
    began = time.monotonic()
    assert user(helped(tmp_path, {"credsStore": "made"}).find(Repository("r.example", "a"))) == "a"
    assert time.monotonic() - began < 5


def test_a_helper_that_hangs_is_given_up(tmp_path: Path) -> None:
    helper(tmp_path, "made", "sleep 20")
    put(tmp_path / ".docker/config.json", {"credsStore": "made"})
    environ = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    chain = Keychain(environ, str(tmp_path), helper_seconds=0.3)
    began = time.monotonic()
    assert chain.find(Repository("r.example", "a")) is None
    assert time.monotonic() - began < 5
    assert chain.notes == ["docker-credential-made did not answer in time"]


def test_what_went_wrong_with_credentials_is_told_when_access_is_denied(tmp_path: Path) -> None:
    with Registry("basic", ANN) as registry:
        registry.store(WEB, image(), "1")
        with pytest.raises(
            RegistryError, match=r"denies access: no credentials were found for it \(docker-credential-gone is not inst"
        ):
            digest_of(registry, client(tmp_path, {"credsStore": "gone"}))
