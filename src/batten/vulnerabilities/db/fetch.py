"""Feeds over HTTPS: conditional requests, redirects that stay encrypted, everything bounded."""

from __future__ import annotations

import csv
import hashlib
import ipaddress
import re
import ssl
import time
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from batten import __version__, limits
from batten.detect.addresses import is_masked, without_credentials
from batten.vulnerabilities.db import changes
from batten.vulnerabilities.db.addresses import Address

if TYPE_CHECKING:
    import httpx

WAITS: Final = (0.5, 2.0)  # seconds before the second and the third try
_AT_ONCE: Final = 8  # documents of a list of changes
_GROUP: Final = 64  # of them in memory, at most
_LOCATION: Final = re.compile(rb'<data type="updateinfo">.*?<location href="([^"]+)"', re.DOTALL)
_SECONDS: Final = 30.0  # without a byte
_CONNECT_SECONDS: Final = 10.0  # a network that swallows packets is told from a slow server


_T = TypeVar("_T")


class FetchError(Exception):
    """A feed cannot be fetched: one line, without the address."""


class _Missing(FetchError):
    """The server has nothing at an address."""


class Fetched(Struct, frozen=True):
    """What came of one request."""

    path: Path | None
    """The file; None where it is the same as before."""
    etag: str = ""
    modified: str = ""
    bytes: int = 0
    empty: bool = False
    """There is a feed, and nothing in it."""
    renewed: tuple[str, ...] = ()
    """With a list of changes: the identifiers of which the archive's copy is no longer true."""


class Fetcher:
    """A client for any number of feeds, safe to use from several threads; a context manager.

    With `mirror`, `https://HOST/PATH` is asked for at `MIRROR/HOST/PATH`. A server that stumbles is asked again
    after each of `waits` (seconds), one that is silent for `seconds` has failed.
    """

    def __init__(
        self, folder: Path, *, mirror: str = "", seconds: float = _SECONDS, waits: Sequence[float] = WAITS
    ) -> None:
        import httpx

        self._folder = folder
        self._waits = waits
        self._mirror = mirror.rstrip("/")
        self._client = httpx.Client(
            timeout=httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
            follow_redirects=False,
            headers={"User-Agent": f"batten/{__version__}"},
        )

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def fetch(
        self,
        address: Address,
        etag: str = "",
        modified: str = "",
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> Fetched:
        """The feed at `address`, or that it is still what `etag` and `modified` were given for. Raises FetchError.

        `progress` is told the bytes so far and how many there will be, 0 where that is not known.
        """
        import httpx

        if is_masked(address.url):
            raise FetchError("its credentials are not kept; name the whole address again (batten db update --feed URL)")
        try:
            return self._fetched(address, etag, modified, progress)
        except (httpx.InvalidURL, ValueError):  # whose own text may hold the password that makes it none
            raise FetchError("expected an address such as https://HOST/PATH, found none") from None

    def _fetched(
        self, address: Address, etag: str, modified: str, progress: Callable[[int, int], None] | None
    ) -> Fetched:
        url = self._at(address.url)
        if address.lead == "changes":
            return self._changes(address, url, _conditions(etag, modified), progress)
        if address.lead:
            url = self._follow_lead(address, url)
        conditions = _conditions(etag, modified)
        return self._tried(lambda: self._to_file(url, conditions, self._place(address.url), progress))

    def _place(self, url: str) -> Path:
        """Where the bytes of an address are kept meanwhile."""
        name = re.sub(r"[^A-Za-z0-9.-]+", "_", urlsplit(url).path.rstrip("/"))[-80:].strip("_") or "feed"
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:12]}-{name}"

    def _changes(
        self, address: Address, url: str, conditions: dict[str, str], progress: Callable[[int, int], None] | None
    ) -> Fetched:
        """The documents that are newer than the provider's archive, as one archive of their own."""
        list_file = self._place(address.url)
        found = self._tried(lambda: self._to_file(url, conditions, list_file, None, limits.FEED_CHANGES_BYTES))
        if found.path is None:
            return found
        listed = list_file.read_text("utf-8", "replace")
        list_file.unlink()
        latest = self._tried(lambda: self._text(urljoin(url, "archive_latest.txt"))).decode("utf-8", "replace")
        gone = self._tried(lambda: self._text(urljoin(url, "deletions.csv"), limits.FEED_CHANGES_BYTES))
        try:
            day = changes.archive_day(latest.strip())
            news = changes.since(day, listed, gone.decode("utf-8", "replace"))
        except (changes.UnreadableList, csv.Error) as error:
            raise FetchError(str(error)) from None
        path = self._place(address.url).with_suffix(".zip")
        size, there = self._documents(url, news.changed, path, progress)
        if news.changed and not there:  # a mirror that holds the lists alone
            raise FetchError(f"none of the {len(news.changed):,} documents that the list names is there")
        renewed = changes.identifiers((*there, *news.gone))
        return Fetched(path if size else None, found.etag, found.modified, size, empty=not size, renewed=renewed)

    def _documents(
        self, url: str, names: Sequence[str], path: Path, progress: Callable[[int, int], None] | None
    ) -> tuple[int, list[str]]:
        """Packs the documents beside `url` into a zip; one that is not there is left out. Gives their bytes, and the
        names of those that are."""
        size = 0
        there: list[str] = []
        most = limits.FEED_PACKED_BYTES
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(names), _GROUP):
                group = names[start : start + _GROUP]
                found = pool.map(self._document, (urljoin(url, name) for name in group))
                for name, data in zip(group, found, strict=True):
                    if data is None:
                        continue
                    archive.writestr(name, data)
                    there.append(name)
                    size += len(data)
                    if size > most:
                        raise FetchError(f"expected at most {most // limits.MIB:,} MiB, found more")
                    if progress is not None:
                        progress(size, 0)
        return size, there

    def _document(self, url: str) -> bytes | None:
        try:
            return self._tried(lambda: self._text(url, limits.ADVISORY_BYTES))
        except _Missing:
            return None

    def _at(self, url: str) -> str:
        if not self._mirror:
            return url
        parts = urlsplit(url)
        return f"{self._mirror}/{parts.netloc.rpartition('@')[2]}{parts.path}"  # no password of one host for another

    def _follow_lead(self, address: Address, url: str) -> str:
        text = self._tried(lambda: self._text(url)).decode("utf-8", "replace").strip().split("\n")[0].strip()
        if address.lead == "latest":
            if not re.fullmatch(r"[A-Za-z0-9._-]+", text):
                raise FetchError(f"expected the name of an archive, found {text[:60]!r}")
            return urljoin(url, text)
        base = text.rstrip("/") + "/"
        if not base.startswith(("https://", "http://")):
            raise FetchError(f"expected the address of a repository, found {without_credentials(text)[:60]!r}")
        # a mirror.list may say http; what it names is fetched encrypted all the same
        base = self._at(base if _is_loopback(base) else "https://" + base.split("://", 1)[1])
        found = _LOCATION.search(self._tried(lambda: self._text(urljoin(base, "repodata/repomd.xml"))))
        if found is None:
            raise FetchError("expected updateinfo in repomd.xml, found none")
        location: str = found[1].decode("ascii", "replace")
        return urljoin(base, location)

    def _text(self, url: str, most: int = limits.FEED_LEAD_BYTES) -> bytes:
        with closing(self._opened(url, {})) as response:
            began, data = time.monotonic(), bytearray()
            for chunk in response.iter_bytes():
                data += chunk
                _check_speed(began, len(data))
                if len(data) > most:
                    raise FetchError(f"expected at most {most:,} bytes at {urlsplit(url).path}")
        return bytes(data)

    def _to_file(
        self,
        url: str,
        conditions: dict[str, str],
        path: Path,
        progress: Callable[[int, int], None] | None,
        most: int = limits.FEED_PACKED_BYTES,
    ) -> Fetched:
        with closing(self._opened(url, conditions)) as response:
            etag, modified = response.headers.get("etag", ""), response.headers.get("last-modified", "")
            if response.status_code == 304:
                return Fetched(None, etag, modified)
            expected = response.headers.get("content-length", "")
            total = int(expected) if expected.isdigit() else 0
            began, size = time.monotonic(), 0
            with path.open("wb") as file:
                for chunk in response.iter_bytes():  # as they come: who asks for larger ones waits for a slow server
                    size += len(chunk)
                    file.write(chunk)
                    if size > most:
                        raise FetchError(f"expected at most {most // limits.MIB:,} MiB, found more")
                    _check_speed(began, size)
                    if progress is not None:
                        progress(response.num_bytes_downloaded, total)
        if not size:
            raise FetchError("expected a feed, found no bytes")
        return Fetched(path, etag[:200], modified[:80], size)

    def _opened(self, url: str, headers: dict[str, str]) -> httpx.Response:
        """The answer, its body still to come, behind any redirects."""
        import httpx

        for _ in range(limits.FEED_REDIRECTS + 1):
            if urlsplit(url).scheme != "https" and not _is_loopback(url):
                shown = without_credentials(url)[:80]
                raise FetchError(f"expected an address that begins with https://, found {shown!r}")
            request = self._client.build_request("GET", url, headers=headers)
            try:
                response = self._client.send(request, stream=True)
            except httpx.HTTPError as error:
                raise _Again(f"{_said(error)}") from None
            if response.has_redirect_location:
                response.close()
                target = urljoin(url, response.headers.get("location", ""))
                if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                    raise FetchError("redirected from https:// to an address that is not encrypted")
                url = target
                continue
            if response.status_code in (200, 304):
                return response
            response.close()
            if response.status_code == 429 or response.status_code >= 500:
                raise _Again(f"the server answered {response.status_code}", _retry_after(response))
            kind = _Missing if response.status_code in (404, 410) else FetchError
            raise kind(f"the server answered {response.status_code} {response.reason_phrase}".rstrip())
        raise FetchError(f"redirected more than {limits.FEED_REDIRECTS} times")

    def _tried(self, function: Callable[[], _T]) -> _T:
        import httpx

        last = ""
        for pause in (*self._waits, None):
            try:
                return function()
            except _Again as error:
                last, wait = str(error), error.wait
            except httpx.HTTPError as error:
                last, wait = _said(error), 0.0
            if pause is not None:
                time.sleep(min(max(wait, pause), limits.FEED_WAIT_SECONDS))
        raise FetchError(last)


def _conditions(etag: str, modified: str) -> dict[str, str]:
    return {"If-None-Match": etag} if etag else {"If-Modified-Since": modified} if modified else {}


def _check_speed(began: float, size: int) -> None:
    """A server that sends a byte now and then hangs too."""
    spent = time.monotonic() - began
    if spent > limits.FEED_SLOW_SECONDS and size < spent * limits.FEED_SLOW_BYTES:
        raise FetchError(f"too slow: {size:,} bytes in {spent:.0f} s")


class _Again(Exception):
    def __init__(self, text: str, wait: float = 0.0) -> None:
        super().__init__(text)
        self.wait = wait


def _said(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is not trusted ({cause.verify_message}); put its authority into SSL_CERT_FILE"
        cause = cause.__cause__ or cause.__context__
    return without_credentials(" ".join(str(error).split()))[:160] or type(error).__name__


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("retry-after", "")
    if text.isdigit():
        return float(text[:6])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, IndexError):
        return 0.0


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
