"""The OCI distribution client (specification 1.1): manifests, blobs, tags, referrers; reading and pushing.

    with RegistryClient.from_environment() as client:
        found = client.manifest(Repository("ghcr.io", "shop/web"), "1.4")

Everything raises `RegistryError` (one line, without credentials). Safe to use from several threads.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar, cast
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct

from batten import limits
from batten.sources.oci import digests
from batten.sources.oci.blobs import BlobStream
from batten.sources.oci.connection import PULL, PUSH, Connection
from batten.sources.oci.credentials import Keychain
from batten.sources.oci.hosts import Endpoint, Hosts, hosts_of
from batten.sources.oci.manifests import (
    ACCEPT,
    INDEXES,
    MANIFESTS,
    OCI_INDEX,
    Descriptor,
    Manifest,
    decode,
    parse_manifest,
)
from batten.sources.oci.references import Repository
from batten.sources.oci.transport import Patience, RegistryError, Request, joined, netloc

if TYPE_CHECKING:
    import httpx

__all__ = ["Fetched", "RegistryClient", "RegistryError", "Repository"]

_BUFFER: Final = 256 * limits.KIB
_PIECE: Final = 1 * limits.MIB
_PAGE: Final = 1000

_T = TypeVar("_T")


class Fetched(Struct, frozen=True):
    """A manifest as the registry stores it."""

    data: bytes
    digest: str
    media_type: str


class _Tags(Struct):
    tags: list[str] | None = None


class RegistryClient:
    """Talks to any number of registries."""

    def __init__(self, hosts: Hosts, keychain: Keychain, patience: Patience | None = None) -> None:
        self._connection = Connection(hosts, keychain, patience or Patience())
        self._transport = self._connection.transport

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] | None = None, home: str = "", patience: Patience | None = None
    ) -> RegistryClient:
        """With the mirrors, certificates and credentials of this user. Raises `Unreadable`."""
        environ = os.environ if environ is None else environ
        home = home or os.path.expanduser("~")
        return cls(hosts_of(environ, home), Keychain(environ, home), patience)

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> RegistryClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # reading

    def manifest(self, repository: Repository, reference: str, *, accept: str = ACCEPT) -> Fetched:
        """The manifest or index under a tag or digest; its digest is worked out from the bytes and checked."""
        by_digest = digests.is_digest(reference)
        return self._connection.first(
            repository, by_digest, lambda endpoint: self._manifest(endpoint, repository, reference, accept)
        )

    def _manifest(self, endpoint: Endpoint, repository: Repository, reference: str, accept: str) -> Fetched:
        by_digest = digests.is_digest(reference)
        what = f"{repository}{'@' if by_digest else ':'}{reference}"
        response, data = self._connection.fetch(
            endpoint, repository, f"manifests/{reference}", limits.IMAGE_MANIFEST_BYTES, what, {"Accept": accept}
        )
        stated = reference if by_digest else response.headers.get("docker-content-digest", "")
        if digests.is_digest(stated):
            digests.verify(data, stated, what)
        digest = stated if digests.is_digest(stated) else digests.digest_of(data)
        return Fetched(data, digest, response.headers.get("content-type", "").partition(";")[0].strip())

    def resolve(self, repository: Repository, tag: str) -> str:
        """The digest that a pull of the tag gets now, of the index where there is one: asked of the mirrors first, as
        engines pull, and without an answer's body where the host allows it."""
        what = f"{repository}:{tag}"

        def ask(endpoint: Endpoint) -> str:
            path, headers = f"manifests/{tag}", {"Accept": ACCEPT}
            response = self._connection.send(endpoint, repository, "HEAD", path, PULL, headers)
            response.close()
            found = str(response.headers.get("docker-content-digest", ""))
            kind = response.headers.get("content-type", "").partition(";")[0].strip()
            if response.status_code == 200 and digests.is_digest(found) and kind in (*INDEXES, *MANIFESTS):
                return found
            if response.status_code not in (200, 400, 405, 406, 501):  # the others may know GET better
                raise self._connection.refused(response, endpoint, repository, what, b"")
            fetched = self._manifest(endpoint, repository, tag, ACCEPT)
            parse_manifest(fetched.data, what)
            return fetched.digest

        return self._connection.first(repository, False, ask)

    def digest(self, repository: Repository, reference: str) -> str | None:
        """The digest under a tag now, from a question without an answer's body where the registry allows it;
        None where there is no such tag. Mirrors are not asked: they may be behind."""
        endpoint = self._connection.home(repository)
        what = f"{repository}:{reference}"
        response = self._connection.send(
            endpoint, repository, "HEAD", f"manifests/{reference}", PULL, {"Accept": ACCEPT}
        )
        response.close()
        if response.status_code == 404:
            return None
        found = str(response.headers.get("docker-content-digest", ""))
        if response.status_code == 200 and digests.is_digest(found):
            return found
        if response.status_code not in (200, 405):
            raise self._connection.refused(response, endpoint, repository, what, b"")
        return self.manifest(repository, reference).digest

    def blob(self, repository: Repository, descriptor: Descriptor, *, verify: bool = True) -> BinaryIO:
        """The stored bytes as a stream that survives broken connections. With `verify`, reading its end raises
        `Unreadable` where they do not have the digest; without, the caller checks."""
        digest = digests.checked(descriptor.digest, "a blob")
        what = f"{repository}@{digest}"

        def ask(position: int) -> httpx.Response:
            headers = {"Range": f"bytes={position}-"} if position else {}
            return self._connection.first(
                repository, True, lambda endpoint: self._ask(endpoint, repository, digest, headers, what)
            )

        stream = BlobStream(ask, what, descriptor.size, self._transport.patience)
        buffered = cast("BinaryIO", io.BufferedReader(stream, _BUFFER))
        if not verify:
            return buffered
        return cast("BinaryIO", io.BufferedReader(digests.Verified(buffered, digest, what), _BUFFER))

    def blob_bytes(self, repository: Repository, descriptor: Descriptor, limit: int) -> bytes:
        """A whole small blob, verified."""
        if not 0 <= descriptor.size <= limit:
            raise RegistryError(
                f"{repository}@{descriptor.digest}: expected at most {limit // limits.MIB} MiB, found more"
            )
        with self.blob(repository, descriptor) as stream:
            return stream.read()

    def foreign(self, url: str, descriptor: Descriptor) -> BinaryIO:
        """A layer that its registry does not store but says where it is. Asked without credentials, over TLS."""
        if urlsplit(url).scheme != "https":
            raise RegistryError(f"{descriptor.digest}: lies outside of the registry and not behind https:; not fetched")

        def ask(position: int) -> httpx.Response:
            headers = {"Range": f"bytes={position}-"} if position else {}
            response = self._transport.send(Request(method="GET", url=url, headers=headers))
            if response.status_code not in (200, 206):
                response.close()
                host = netloc(response.request.url)
                raise RegistryError(f"{descriptor.digest}: {host} answered {response.status_code}")
            return response

        stream = BlobStream(ask, descriptor.digest, descriptor.size, self._transport.patience)
        return cast("BinaryIO", io.BufferedReader(stream, _BUFFER))

    def has_blob(self, repository: Repository, digest: str) -> bool:
        """In the registry itself, no mirror."""
        endpoint = self._connection.home(repository)
        return self._has_blob(endpoint, repository, digests.checked(digest, "a blob"), PULL)

    def tags(self, repository: Repository) -> list[str]:
        """Every tag, in the registry's order; mirrors are not asked."""
        endpoint = self._connection.home(repository)
        found: list[str] = []
        for page in self._connection.pages(endpoint, repository, f"tags/list?n={_PAGE}", _Tags):
            found += page.tags or ()
            if len(found) > limits.REGISTRY_TAGS:
                raise RegistryError(f"{repository}: expected at most {limits.REGISTRY_TAGS:,} tags, found more")
        return list(dict.fromkeys(found))

    def referrers(self, repository: Repository, digest: str, artifact_type: str = "") -> list[Descriptor]:
        """What says it belongs to the manifest `digest`: signatures, SBOMs, attestations.

        From registries without that API, by the tag that the specification keeps for them.
        """
        checked = digests.checked(digest, "a manifest")
        endpoint = self._connection.home(repository)
        query = f"?{urlencode({'artifactType': artifact_type})}" if artifact_type else ""
        found: list[Descriptor] = []
        try:
            for page in self._connection.pages(endpoint, repository, f"referrers/{checked}{query}", Manifest):
                found += page.manifests or ()
        except RegistryError as error:
            if error.status not in (400, 404, 405, 406, 501):
                raise
            found = self._referrers_of_tag(repository, checked)
        # A registry need not filter; OCI-Filters-Applied says whether it did, looking again costs nothing.
        return [one for one in found if not artifact_type or one.artifact_type == artifact_type]

    def _referrers_of_tag(self, repository: Repository, digest: str) -> list[Descriptor]:
        """Distribution specification 1.1, "Referrers Tag Schema"."""
        try:
            fetched = self.manifest(repository, digest.replace(":", "-"), accept=OCI_INDEX)
        except RegistryError as error:
            if error.status == 404:
                return []
            raise
        index = decode(fetched.data, Manifest, f"referrers of {digest}", limits.IMAGE_MANIFEST_BYTES)
        return list(index.manifests or ())

    # writing

    def push_blob(self, repository: Repository, digest: str, size: int, body: Callable[[], BinaryIO]) -> None:
        """Stores a blob, unless the registry has it. `body` opens its bytes, again for each attempt."""
        endpoint = self._connection.home(repository)
        what = f"{repository}@{digests.checked(digest, 'a blob')}"
        if self._has_blob(endpoint, repository, digest, PUSH):
            return
        response = self._connection.send(endpoint, repository, "POST", "blobs/uploads/", PUSH, {"Content-Length": "0"})
        body_text = self._transport.read(response, limits.REGISTRY_ERROR_BYTES)
        location = response.headers.get("location", "")
        if response.status_code != 202 or not location:
            raise self._connection.refused(response, endpoint, repository, what, body_text)
        base = str(response.request.url)
        target = joined(base, location)
        if urlsplit(base).scheme == "https" and target.scheme != "https":
            raise RegistryError(f"{endpoint.host}: takes uploads over plain HTTP although it speaks TLS; not sent")
        url = target.geturl() + ("&" if target.query else "?") + urlencode({"digest": digest})
        is_home = urlsplit(base)[:2] == target[:2]
        origin = self._connection.origin(endpoint)
        request = Request(
            method="PUT",
            url=url,
            headers={"Content-Type": "application/octet-stream", "Content-Length": str(size)},
            authorization=self._connection.auth.known(origin, endpoint.account, PUSH) if is_home else "",
            body=lambda: _pieces(body()),
        )
        response, answer = self._transport.fetch(request, limits.REGISTRY_ERROR_BYTES)
        if response.status_code != 201:
            raise self._connection.refused(response, endpoint, repository, what, answer)

    def push_manifest(self, repository: Repository, reference: str, data: bytes, media_type: str) -> str:
        """Stores a manifest or index under a tag or its digest; its digest. The blobs have to be there.

        Where it has a `subject` and the registry has no referrers API, the tag that stands in for it is
        written too.
        """
        digest = digests.digest_of(data)
        self._put_manifest(repository, reference, data, media_type)
        return digest

    def _put_manifest(self, repository: Repository, reference: str, data: bytes, media_type: str) -> None:
        endpoint = self._connection.home(repository)
        what = f"{repository}:{reference}"
        response = self._connection.send(
            endpoint, repository, "PUT", f"manifests/{reference}", PUSH, {"Content-Type": media_type}, lambda: data
        )
        answer = self._transport.read(response, limits.REGISTRY_ERROR_BYTES)
        if response.status_code not in (201, 202):
            raise self._connection.refused(response, endpoint, repository, what, answer)
        found = decode(data, Manifest, what, limits.IMAGE_MANIFEST_BYTES)
        if found.subject is not None and not response.headers.get("oci-subject"):
            self._refer(repository, found, data, media_type)

    def _refer(self, repository: Repository, found: Manifest, data: bytes, media_type: str) -> None:
        subject = digests.checked(found.subject.digest if found.subject else "", "the subject")
        others = self._referrers_of_tag(repository, subject)
        one = Descriptor(
            media_type=media_type,
            digest=digests.digest_of(data),
            size=len(data),
            artifact_type=found.artifact_type or (found.config.media_type if found.config else ""),
            annotations=found.annotations,
        )
        if any(other.digest == one.digest for other in others):
            return
        entries = msgspec.to_builtins([*others, one])
        index = msgspec.json.encode({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries})
        self._put_manifest(repository, subject.replace(":", "-"), index, OCI_INDEX)

    # how

    def _ask(
        self, endpoint: Endpoint, repository: Repository, digest: str, headers: dict[str, str], what: str
    ) -> httpx.Response:
        response = self._connection.send(endpoint, repository, "GET", f"blobs/{digest}", PULL, headers)
        if response.status_code in (200, 206):
            return response
        body = self._transport.read(response, limits.REGISTRY_ERROR_BYTES)
        raise self._connection.refused(response, endpoint, repository, what, body)

    def _has_blob(self, endpoint: Endpoint, repository: Repository, digest: str, actions: str) -> bool:
        response = self._connection.send(endpoint, repository, "HEAD", f"blobs/{digest}", actions, {})
        response.close()
        if response.status_code in (401, 403):
            raise self._connection.refused(response, endpoint, repository, f"{repository}@{digest}", b"")
        return response.status_code == 200


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_PIECE):
            yield piece
