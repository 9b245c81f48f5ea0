"""The command line of podman run, taken apart."""

import pytest

from batten.formats.quadlet.options import Options, bundled, parse, strays, takes_next


def options(text: str, **how: bool) -> list[tuple[str, str]]:
    return [(one.name, one.value) for one in parse([(word, (n,)) for n, word in enumerate(text.split())], **how)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("--privileged --pid host", [("privileged", "true"), ("pid", "host")]),
        ("--privileged=false", [("privileged", "false")]),
        ("-it -v /a:/a", [("interactive", "true"), ("tty", "true"), ("volume", "/a:/a")]),
        ("-tv /a:/a", [("tty", "true"), ("volume", "/a:/a")]),
        ("-p80:80 -e=A=b", [("publish", "80:80"), ("env", "A=b")]),
        ("--net host", [("network", "host")]),
        ("--cap-add=A,B", [("cap-add", "A"), ("cap-add", "B")]),
        ("--env A=1,2", [("env", "A=1,2")]),
        ("--unheard-of x --tty", [("unheard-of", "x"), ("tty", "true")]),
        ("--memory", []),
        ("stray --tty", [("tty", "true")]),
    ],
)
def test_options_are_read(text: str, read: list[tuple[str, str]]):
    assert options(text) == read


def test_a_command_line_ends_at_the_image():
    assert options("--tty docker.io/app --privileged", until_positional=True) == [("tty", "true")]


def test_an_option_knows_all_its_words():
    [option] = parse([("--pid", ("a",)), ("host", ("b",))])
    assert (option.pointer, option.words) == (("b",), (("a",), ("b",)))


def test_the_last_option_counts():
    found = Options(parse([("--read-only", (0,)), ("--read-only=false", (1,))]))
    assert found.last("read-only").value == "false"
    assert found.flag("read-only") is None


def test_short_options_in_one_word_are_seen():
    assert bundled("-tv")
    assert not bundled("-v")
    assert not bundled("-p80:80")
    assert not bundled("--volume")


def test_words_that_belong_to_no_option_are_found():
    assert strays(["--tty", "SYS_ADMIN", "--cap-add", "NET_ADMIN", "-v", "/a:/a", "stray", "-p80:80"]) == [1, 6]
    assert strays(["--pid", "--ipc", "host"]) == [2]
    assert strays([]) == []


def test_an_option_that_waits_for_its_value_is_known():
    assert [takes_next(text) for text in ("--pid", "--pid=host", "-v", "-p80", "-t", "a", "-tv")] == [
        True, False, True, False, False, False, True,
    ]  # fmt: skip


def test_values_with_commas_have_a_place_each():
    [one, two] = parse([("--cap-add=A,B", (0,))])
    assert (one.pointer, two.words) == ((0, 0), ((0, 1),))
