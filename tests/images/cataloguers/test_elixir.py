from __future__ import annotations

import pytest

from batten.images.cataloguers.elixir import CATALOGUER
from batten.model.source import Unreadable
from images.cataloguers.reading import read, wants

SSL = """\
{application, ssl,
   [{description, "Erlang/OTP SSL application"},
    {vsn, "10.8.7"},
    {modules, [tls_connection, %% TLS
               ssl]},
    {applications, [crypto, public_key, kernel, stdlib]},
    {env, []}]}.
"""
PLUG = """\
{application,plug,
             [{applications,[kernel,stdlib,elixir,mime]},
              {modules,['Elixir.Plug']},
              {vsn,"1.15.2"}]}.
"""


def test_what_belongs_to_otp_is_its_own():
    (package,) = read(CATALOGUER, "usr/lib/erlang/lib/ssl-10.8.7/ebin/ssl.app", SSL).packages
    assert package.purl == "pkg:otp/ssl@10.8.7"
    assert package.depends == ("crypto", "public_key", "kernel", "stdlib")


def test_everything_else_comes_from_hex():
    (package,) = read(CATALOGUER, "app/lib/plug-1.15.2/ebin/plug.app", PLUG).packages
    assert package.purl == "pkg:hex/plug@1.15.2"


@pytest.mark.parametrize("text", ["", "{application, a, []}.", '{vsn, "1"}', '{application, a, [{vsn, "\x01"}]}.'])
def test_without_name_or_version_it_is_told(text):
    with pytest.raises(Unreadable, match="expected"):
        read(CATALOGUER, "lib/a/ebin/a.app", text)


def test_other_files_are_not_wanted():
    assert not wants(CATALOGUER, "srv/a.app")
