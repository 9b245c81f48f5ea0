from __future__ import annotations

import json

import pytest

from batten.images.cataloguers.php import CATALOGUER
from batten.model.source import Unreadable
from images.cataloguers.reading import by_name, read, wants

INSTALLED = "var/www/vendor/composer/installed.json"
CONSOLE = {
    "name": "symfony/console",
    "version": "v6.2.10",
    "version_normalized": "6.2.10.0",
    "require": {"php": ">=8.1", "symfony/string": "^5.4|^6.0", "ext-mbstring": "*"},
    "license": ["MIT"],
    "install-path": "../symfony/console",
}
PHPUNIT = {"name": "PHPUnit/phpunit", "version": "9.6.8", "license": ["BSD-3-Clause"]}


def test_version_two_tells_what_is_for_development():
    document = {"packages": [CONSOLE, PHPUNIT], "dev": True, "dev-package-names": ["PHPUnit/phpunit"]}
    packages = by_name(read(CATALOGUER, INSTALLED, json.dumps(document)))
    assert packages["console"].purl == "pkg:composer/symfony/console@v6.2.10"
    assert packages["console"].licenses == ("MIT",)
    assert packages["console"].depends == ("symfony/string",)
    assert (packages["phpunit"].namespace, packages["phpunit"].scope) == ("phpunit", "development")


def test_version_one_is_a_list():
    assert list(by_name(read(CATALOGUER, INSTALLED, json.dumps([CONSOLE, PHPUNIT])))) == ["console", "phpunit"]


def test_good_packages_of_a_broken_list_are_kept():
    catalogue = read(CATALOGUER, INSTALLED, json.dumps([{"name": "x"}, 7, PHPUNIT, {"name": "a/b"}]))
    assert list(by_name(catalogue)) == ["phpunit"]
    assert catalogue.problem.startswith("3 packages could not be read")


@pytest.mark.parametrize("text", ["", "{}", '"x"', '{"packages": 3}'])
def test_what_is_no_list_is_told(text):
    with pytest.raises(Unreadable, match="expected"):
        read(CATALOGUER, INSTALLED, text)


def test_a_lock_file_is_no_installed_package():
    assert not wants(CATALOGUER, "var/www/composer.lock")
