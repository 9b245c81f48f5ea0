"""Erlang and Elixir: the resource file of each application in a release (`lib/NAME-VERSION/ebin/NAME.app`).

The file is an Erlang term (app(4)); of it only name, version and needed applications are looked at. The
applications of Erlang/OTP itself are its own (package URL type `otp`), all others come from Hex.
"""

from __future__ import annotations

from typing import Final

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import names
from batten.images.cataloguers._told import is_name, is_version, shown
from batten.model.package import Package
from batten.model.source import Unreadable
from batten.pattern import pattern

_READ: Final = 256 * limits.KIB
_NAME: Final = pattern(r"\{\s{0,40}application\s{0,40},\s{0,40}'?([a-z][A-Za-z0-9_@]*)'?\s*,")
_VERSION: Final = pattern(r'\{\s{0,40}vsn\s{0,40},\s{0,40}"([^"]{1,200})"')
_NEEDED: Final = pattern(r"\{\s{0,40}applications\s{0,40},\s{0,40}\[([^\]]{0,4000})\]")
_WORD: Final = pattern(r"[a-z][A-Za-z0-9_@]*")
_OTP: Final = frozenset(
    [
        "asn1",
        "common_test",
        "compiler",
        "crypto",
        "debugger",
        "dialyzer",
        "diameter",
        "edoc",
        "eldap",
        "erl_docgen",
        "erl_interface",
        "erts",
        "et",
        "eunit",
        "ftp",
        "inets",
        "jinterface",
        "kernel",
        "megaco",
        "mnesia",
        "observer",
        "odbc",
        "os_mon",
        "parsetools",
        "public_key",
        "reltool",
        "runtime_tools",
        "sasl",
        "snmp",
        "ssh",
        "ssl",
        "stdlib",
        "syntax_tools",
        "tftp",
        "tools",
        "wx",
        "xmerl",
    ]
)


class _Elixir:
    name = "elixir"
    version = 1
    hint = Hint(endings=(".app",))

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith(".app") and file.path.rpartition("/")[0].endswith("/ebin")

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        text = str(data[:_READ], "utf-8", "replace")
        name, version = _NAME.search(text), _VERSION.search(text)
        if name is None or version is None:
            raise Unreadable("expected an Erlang application with a version, found none")
        if not is_name(name[1]) or not is_version(version[1]):
            raise Unreadable(f"expected a version of {shown(name[1])}, found {shown(version[1])}")
        needed = _NEEDED.search(text)
        package = Package(
            type="otp" if name[1] in _OTP else "hex",
            name=name[1],
            version=version[1],
            origin=CATALOGUER.name,
            paths=(file.path,),
            depends=names(_WORD.findall(needed[1]) if needed else ()),
        )
        return Catalogue([package])


CATALOGUER: Final = _Elixir()
