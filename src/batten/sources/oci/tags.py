"""What tags lead to now: each is asked of its registry once, several at a time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from batten import limits
from batten.model.image import ImageReference
from batten.model.progress import Step
from batten.model.source import Unreadable
from batten.sources.oci.references import reference, repository

if TYPE_CHECKING:
    from batten.sources.oci.client import RegistryClient

_AT_ONCE: Final = 8  # questions that are under way together
_QUIET_SECONDS: Final = 2.0  # before progress is told
_TOO_MANY: Final = 429


class Tags:
    """The digests of tags, as registries or their mirrors give them; an answer holds for the whole run."""

    def __init__(self, plain_http: Sequence[str] = (), progress: Callable[[str], None] | None = None) -> None:
        """`plain_http`: registries that are asked without TLS, besides those of `BATTEN_PLAIN_HTTP`. `progress` is
        given a `Step` for each answer once the asking takes longer than two seconds."""
        self._plain_http = tuple(plain_http)
        self._progress = progress
        self._found: dict[str, str | Unreadable] = {}
        self._silent: dict[str, str] = {}
        self._lock = threading.Lock()

    def ask(self, images: Iterable[ImageReference]) -> None:
        """Asks about those that were not asked about before. Nothing is raised: see `digest`."""
        wanted = {name_of(image): image for image in images}
        new = [(name, image) for name, image in wanted.items() if name not in self._found]
        if not new:
            return
        from batten.sources.oci.client import RegistryClient

        try:
            client = RegistryClient.from_environment(self._environment())
        except Unreadable as error:
            self._found.update((name, Unreadable(f"{name}: {error.message}")) for name, _ in new)
            return
        room = max(0, limits.PINNED_TAGS - len(self._found))
        for name, _ in new[room:]:
            message = f"{name}: not asked, the limit of one run is {limits.PINNED_TAGS:,} names; run it for fewer files"
            self._found[name] = Unreadable(message)
        with client:
            self._ask_all(client, new[:room])

    def digest(self, image: ImageReference) -> str:
        """What its tag (`latest` where it has none) leads to; of the index where there is one. It was asked about.

        Raises `Unreadable`, one line with the name.
        """
        found = self._found[name_of(image)]
        if isinstance(found, Unreadable):
            raise found
        return found

    def _environment(self) -> dict[str, str]:
        plain = ",".join(filter(None, (*self._plain_http, os.environ.get("BATTEN_PLAIN_HTTP", ""))))
        return {**os.environ, "BATTEN_PLAIN_HTTP": plain} if plain else dict(os.environ)

    def _ask_all(self, client: RegistryClient, images: Sequence[tuple[str, ImageReference]]) -> None:
        from concurrent.futures import ThreadPoolExecutor, as_completed

        began = time.monotonic()
        pool = ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(images)) or 1)
        try:
            asked = {pool.submit(self._one, client, name, image): name for name, image in images}
            for number, future in enumerate(as_completed(asked), 1):
                self._found[asked[future]] = future.result()
                if self._progress is not None and time.monotonic() - began > _QUIET_SECONDS:
                    self._progress(Step(f"asking registries  {number} of {len(asked)}  {asked[future]}"))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # what is under way ends with the client

    def _one(self, client: RegistryClient, name: str, image: ImageReference) -> str | Unreadable:
        from batten.sources.oci.client import RegistryError

        try:
            whole = reference(image.raw)
            with self._lock:
                silent = self._silent.get(whole.registry)
            if silent is not None:
                return Unreadable(f"{name}: not asked: {silent}")
            return client.resolve(repository(whole), whole.tag)
        except RegistryError as error:
            if error.broken or error.status == _TOO_MANY:
                # the others of this registry would wait as long for the same answer
                with self._lock:
                    self._silent.setdefault(image.registry, error.message)
            return _named(error, name)
        except Unreadable as error:
            return _named(error, name)


def _named(error: Unreadable, name: str) -> Unreadable:
    return error if error.message.startswith(name) else Unreadable(f"{name}: {error.message}")


def name_of(image: ImageReference) -> str:
    """`docker.io/library/nginx:1.27`."""
    return f"{image.name}:{image.tag or 'latest'}"
