"""go.mod and vendor/modules.txt."""

from __future__ import annotations

from tests.formats.lockfiles.conftest import Read, by_name, purls, stands_at

from batten.model.edits import ReplaceText

MOD = """\
module example.org/shop

go 1.22

require github.com/pkg/errors v0.9.1 // kept

require (
\tgithub.com/emicklei/go-restful/v3 v3.13.0 // indirect
\t"golang.org/x/net" v0.1.0
\tgithub.com/old/gone v1.0.0
\tgithub.com/here/local v1.0.0
)

replace (
\tgithub.com/old/gone v1.0.0 => github.com/new/found v1.2.0
\tgithub.com/here/local => ../local
)

exclude golang.org/x/net v0.0.9
"""
SUM = """\
golang.org/x/net v0.1.0 h1:hZ/3BUoy5aId7sCpA/Tc5lt8DkFgdVS2onTpJsZ/fl0=
golang.org/x/net v0.1.0/go.mod h1:Cx3nUiGt4eDBEyega/BKRp+/AlGL8hYe7U9odMt2Cco=
"""
VENDORED = """\
# dario.cat/mergo v1.0.2
## explicit; go 1.13
dario.cat/mergo
# github.com/beorn7/perks v1.0.1
## explicit
github.com/beorn7/perks/quantile
# github.com/old/gone v1.0.0 => github.com/new/found v1.2.0
github.com/old/gone
# github.com/here/local v1.0.0 => ../local
# github.com/old/gone => github.com/new/found v1.2.0
"""


def test_replacements_win_and_folders_are_no_packages(read: Read) -> None:
    reading = read("go.mod", MOD, {"go.sum": SUM})
    assert purls(reading) == [
        "pkg:golang/github.com/pkg/errors@v0.9.1",
        "pkg:golang/github.com/emicklei/go-restful/v3@v3.13.0",
        "pkg:golang/golang.org/x/net@v0.1.0",
        "pkg:golang/github.com/new/found@v1.2.0",
    ]
    found = by_name(reading)
    assert (found["errors"].direct, found["v3"].direct) == (True, False)
    assert found["net"].checksums[0][1].startswith("859ff7054a32e5a2")
    assert stands_at(found["found"]) == (15, 53)


def test_a_required_version_is_replaced(read: Read) -> None:
    place = by_name(read("go.mod", MOD))["net"].place
    assert place is not None
    [splice] = place.document.splices([ReplaceText(place.pointer, "v0.38.0")])
    assert place.document.splices([ReplaceText(place.pointer, "0.38.0")]) == [splice]
    assert MOD[: splice.start].endswith('"golang.org/x/net" ')
    assert MOD[splice.end :].startswith("\n\tgithub.com/old")


def test_vendored_modules(read: Read) -> None:
    reading = read("vendor/modules.txt", VENDORED)
    assert purls(reading) == [
        "pkg:golang/dario.cat/mergo@v1.0.2",
        "pkg:golang/github.com/beorn7/perks@v1.0.1",
        "pkg:golang/github.com/new/found@v1.2.0",
    ]
    assert [one.direct for one in reading.nouns] == [True, True, False]


def test_the_module_file_above_is_read_instead(read: Read) -> None:
    assert not read("vendor/modules.txt", VENDORED, {"go.mod": MOD}).nouns
