from __future__ import annotations

import pytest

from batten.images.cataloguers.ruby import CATALOGUER
from batten.model.source import Unreadable
from images.cataloguers.reading import read, wants

FOLDER = "usr/lib/ruby/gems/3.1.0/specifications"
XMLRPC = """\
# stub: xmlrpc 0.3.2 ruby lib

Gem::Specification.new do |s|
  s.name = "xmlrpc".freeze
  s.version = "0.3.2"
  s.licenses = ["Ruby".freeze, "BSD-2-Clause".freeze]

  if s.respond_to? :add_runtime_dependency then
    s.add_runtime_dependency(%q<webrick>.freeze, [">= 0"])
    s.add_development_dependency(%q<bundler>.freeze, [">= 0"])
  end
end
"""


def test_a_specification_gives_licences_and_needs():
    (package,) = read(CATALOGUER, f"{FOLDER}/xmlrpc-0.3.2.gemspec", XMLRPC).packages
    assert package.purl == "pkg:gem/xmlrpc@0.3.2"
    assert package.licenses == ("Ruby", "BSD-2-Clause")
    assert package.depends == ("webrick",)


@pytest.mark.parametrize(
    ("stem", "name", "version", "qualifiers"),
    [
        ("rack-2.2.6.4", "rack", "2.2.6.4", ()),
        ("rubygems-update-3.3.15", "rubygems-update", "3.3.15", ()),
        ("rails-7.1.0.rc1", "rails", "7.1.0.rc1", ()),
        ("nokogiri-1.15.4-x86_64-linux", "nokogiri", "1.15.4", (("platform", "x86_64-linux"),)),
        ("jruby-openssl-0.14.2-java", "jruby-openssl", "0.14.2", (("platform", "java"),)),
        ("net-http2-0.18.4", "net-http2", "0.18.4", ()),
    ],
)
def test_name_version_and_platform_stand_in_the_files_name(stem, name, version, qualifiers):
    (package,) = read(CATALOGUER, f"{FOLDER}/default/{stem}.gemspec", "").packages
    assert (package.name, package.version, package.qualifiers) == (name, version, qualifiers)


@pytest.mark.parametrize("stem", ["rack", "-1.0", "a-b", "a" * 300 + "-1.0"])
def test_other_names_are_told(stem):
    with pytest.raises(Unreadable, match="expected NAME-VERSION"):
        read(CATALOGUER, f"{FOLDER}/{stem}.gemspec", "")


def test_sources_of_gems_are_no_installed_gems():
    assert not wants(CATALOGUER, "usr/lib/ruby/gems/3.1.0/gems/rack-2.2.6.4/rack.gemspec")
