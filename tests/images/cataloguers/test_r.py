from __future__ import annotations

import pytest

from batten.images.cataloguers.r import CATALOGUER
from images.cataloguers.reading import read, wants

DIGEST = """\
Package: digest
Author: Dirk Eddelbuettel <edd@debian.org> with contributions
 by Antoine Lucas
Version: 0.6.31
Depends: R (>= 3.3.0), methods
Imports: utils, Rcpp (>= 1.0)
License: GPL (>= 2)
Repository: CRAN
"""


def test_a_description_gives_version_licence_and_needs():
    (package,) = read(CATALOGUER, "usr/lib/R/site-library/digest/DESCRIPTION", DIGEST).packages
    assert package.purl == "pkg:cran/digest@0.6.31"
    assert package.licenses == ("GPL (>= 2)",)
    assert package.depends == ("methods", "utils", "Rcpp")


@pytest.mark.parametrize("text", ["", "Package: digest\n", "Version: 1\n", DIGEST.replace("digest", "other")])
def test_other_descriptions_are_no_packages(text):
    assert read(CATALOGUER, "srv/library/digest/DESCRIPTION", text).packages == []


def test_descriptions_outside_of_a_library_are_not_wanted():
    assert not wants(CATALOGUER, "srv/project/DESCRIPTION")
