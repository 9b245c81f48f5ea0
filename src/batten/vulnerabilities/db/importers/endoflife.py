"""Ends of life (https://endoflife.date): API v0 and v1, and the products in their source form."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Final

import msgspec
from msgspec import Struct

from batten import limits
from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.rows import EndOfLife
from batten.vulnerabilities.db.writer import Writer

FORMAT: Final = "endoflife"

_Cycle = dict[str, Any]


class _Product(Struct):
    name: str
    releases: list[_Cycle]


class _Products(Struct):
    result: list[_Product] | _Product


_MAP: Final = msgspec.json.Decoder(dict[str, list[_Cycle]])
_LIST: Final = msgspec.json.Decoder(list[_Cycle])
_PRODUCTS: Final = msgspec.json.Decoder(_Products)


def wants(head: str) -> bool:
    """Whether a text begins as a product's page does."""
    return head.startswith("---\n") and "\ntitle:" in head and "permalink:" in head


def read_map(data: bytes, writer: Writer) -> None:
    """`{"debian": [{"releaseCycle": "12", …}]}`."""
    _begin(writer)
    for product, cycles in _MAP.decode(data).items():
        _write(writer, product, cycles)


def read_list(data: bytes, writer: Writer, name: str) -> None:
    """`[{"cycle": "12", …}]`: API v0, where the name of the file is that of the product (`debian.json`)."""
    _begin(writer)
    _write(writer, PurePosixPath(name).name.partition(".")[0], _LIST.decode(data))


def read_products(data: bytes, writer: Writer) -> None:
    """`{"result": …}`: API v1, one product or all."""
    _begin(writer)
    found = _PRODUCTS.decode(data).result
    for product in [found] if isinstance(found, _Product) else found:
        _write(writer, product.name, product.releases)


def read_page(data: bytes, writer: Writer, name: str) -> None:
    """A product's page in the source form: YAML between lines of three hyphens. Raises Unreadable."""
    text = data[: limits.ADVISORY_PAGE].decode("utf-8", "replace")
    parts = text.split("\n---", 1)
    if not text.startswith("---") or len(parts) != 2:
        raise common.Unreadable("expected YAML between two lines of three hyphens, found none")
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        loaded: Any = yaml.load(parts[0][3:], loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise common.Unreadable(f"expected YAML, found {' '.join(str(error).split())[:80]}") from None
    found: dict[Any, Any] = loaded if isinstance(loaded, dict) else {}
    releases = found.get("releases")
    if not isinstance(releases, list):
        raise common.Unreadable("expected a list `releases`, found none")
    _begin(writer)
    product = str(found.get("permalink") or "").strip("/") or PurePosixPath(name).stem
    _write(writer, product, [one for one in releases if isinstance(one, dict)])


def _begin(writer: Writer) -> None:
    source = sources.END_OF_LIFE
    writer.source(source.name, format=FORMAT, licence=source.licence)


def _write(writer: Writer, product: str, cycles: list[_Cycle]) -> None:
    for one in cycles:
        cycle = next((str(one[key]) for key in ("releaseCycle", "cycle", "name") if one.get(key) is not None), "")
        if not cycle:
            continue
        eol = _pick(one, "eol", "eolFrom")
        ended = one.get("isEol") if isinstance(one.get("isEol"), bool) else eol if isinstance(eol, bool) else None
        latest: Any = one.get("latest")
        if isinstance(latest, dict):
            latest, latest_date = latest.get("name"), latest.get("date")
        else:
            latest_date = one.get("latestReleaseDate")
        writer.add_end_of_life(
            EndOfLife(
                product=product,
                cycle=cycle,
                released=_day(one.get("releaseDate")),
                support=_day(_pick(one, "eoas", "support", "eoasFrom")),
                eol=_day(eol),
                eol_reached=ended,
                extended=_day(_pick(one, "eoes", "extendedSupport", "eoesFrom")),
                latest=str(latest) if latest is not None else "",
                latest_date=_day(latest_date),
                lts=bool(_pick(one, "lts", "isLts")),
                codename=str(one.get("codename") or ""),
            )
        )


def _pick(one: _Cycle, *keys: str) -> Any:
    return next((one[key] for key in keys if one.get(key) is not None), None)


def _day(value: Any) -> str:
    return common.day(str(value)) if value is not None and not isinstance(value, bool) else ""
