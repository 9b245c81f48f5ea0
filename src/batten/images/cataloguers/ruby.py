"""Ruby: the specifications that RubyGems keeps of installed gems.

Name and version stand in the file's name; the file is a Ruby program, of which only plain assignments are read.
"""

from __future__ import annotations

from typing import Final

from batten import limits
from batten.images.cataloguers import Catalogue, Hint, LayerFile
from batten.images.cataloguers._documents import licenses, names
from batten.images.cataloguers._told import is_name, shown
from batten.model.package import Package
from batten.model.source import Unreadable
from batten.pattern import pattern

_FOLDER: Final = "specifications/"
_READ: Final = 256 * limits.KIB
_STEM: Final = pattern(
    r"([A-Za-z0-9_.-]+?)-(\d+(?:\.[0-9A-Za-z]+)*)"
    r"(?:-((?:java|jruby|mswin|mingw|x86|x64|i\d86|amd64|aarch|arm|universal|power|ppc|s390|riscv|mips|sparc|linux|darwin)[\w.-]*))?"
)
_LICENSES: Final = pattern(r"^[ \t]{0,40}s\w{0,20}\.licenses?[ \t]{0,10}=[ \t]{0,10}(.{1,400})$", 8)  # re.MULTILINE
_QUOTED: Final = pattern(r"['\"]([^'\"]{1,200})['\"]")
_NEEDED: Final = pattern(r"\.add_(?:runtime_)?dependency\(\s{0,40}(?:%q<|['\"])([A-Za-z0-9_.-]{1,256})[>'\"]")


class _Ruby:
    name = "ruby"
    version = 1
    hint = Hint(endings=(".gemspec",))

    def wants(self, file: LayerFile) -> bool:
        return file.path.endswith(".gemspec") and _FOLDER in file.path

    def read(self, file: LayerFile, data: bytes | memoryview) -> Catalogue:
        stem = file.name.removesuffix(".gemspec")
        found = _STEM.fullmatch(stem) if len(stem) <= limits.PACKAGE_NAME else None
        if found is None or not is_name(found[1]):
            raise Unreadable(f"expected NAME-VERSION.gemspec, found {shown(file.name)}")
        text = str(data[:_READ], "utf-8", "replace")
        assigned = _LICENSES.search(text)
        return Catalogue(
            [
                Package(
                    type="gem",
                    name=found[1],
                    version=found[2],
                    qualifiers=(("platform", found[3]),) if found[3] else (),
                    origin=CATALOGUER.name,
                    paths=(file.path,),
                    licenses=licenses(_QUOTED.findall(assigned[1]) if assigned else ()),
                    depends=names(_NEEDED.findall(text)),
                )
            ]
        )


CATALOGUER: Final = _Ruby()
