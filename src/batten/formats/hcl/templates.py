"""Texts of HCL: quoted, and heredocs, with what is interpolated in them."""

from __future__ import annotations

from typing import Final

from batten.formats.hcl.lex import Scanner
from batten.formats.hcl.nodes import Directive, Expression, Interpolation, Template, Text
from batten.pattern import pattern

_HEREDOC = pattern(r"<<(-?)([^\W\d][\w-]*)[ \t]*\r?\n")
_PLAIN_QUOTED = pattern(r'(?:[^"\\$%\n]|\$(?!\$?\{)|%(?!%?\{))++')
_PLAIN = pattern(r"(?:[^$%]|\$(?!\$?\{)|%(?!%?\{))++")
_DIRECTIVES: Final = frozenset({"if", "else", "endif", "for", "endfor"})
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_HEX = pattern(r"u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})")


class Templates(Scanner):
    """Reads a text that begins where the scanner stands."""

    def expression(self, *, lines: bool) -> Expression:
        """An expression, see `batten.formats.hcl.expressions`."""
        raise NotImplementedError

    def quoted(self) -> Template:
        start = self.at
        self.at += 1
        parts: list[Expression] = []
        while True:
            at = self.at
            if self.at >= self.limit or self.peek("\n"):
                self.fail("the closing quote of the text", start)
            if self.take('"'):
                return Template(start, self.at, start + 1, at, parts)
            if self.peek("\\"):
                parts.append(self._escape())
                continue
            self.part(parts, quoted=True)

    def heredoc(self) -> Template:
        start = self.at
        found = _HEREDOC.match(self.text, start, self.limit)
        if found is None:
            self.fail("the mark of a heredoc and a new line after `<<`")
        body = begin = found.end()
        while True:
            end = self.text.find("\n", begin, self.limit)
            end = self.limit if end < 0 else end
            if self.text[begin:end].strip(" \t\r") == found[2]:
                break
            if end >= self.limit:
                self.fail(f"the end {found[2]} of the heredoc", start)
            begin = end + 1
        limit, self.limit, self.at = self.limit, begin, body
        parts: list[Expression] = []
        while self.at < begin:
            self.part(parts, quoted=False)
        self.limit = limit
        self.at = end
        return Template(start, end, body, begin, parts, heredoc=True, indented=bool(found[1]))

    def part(self, parts: list[Expression], *, quoted: bool) -> None:
        """The next characters of a template: plain ones, or something in `${ }` or `%{ }`."""
        at = self.at
        if self.peek("$${", "%%{"):
            self.at += 3
            parts.append(Text(at, self.at, self.text[at + 1 : self.at]))
        elif self.peek("${"):
            self.enter()
            self.at += 2
            trims = "<" if self.take("~") else ""
            self.blanks(lines=True)
            value = self.expression(lines=True)
            trims += self._closed("the interpolation")
            parts.append(Interpolation(at, self.at, value, trims))
            self.leave()
        elif self.peek("%{"):
            self.enter()
            self.at += 2
            parts.append(self._directive(at))
            self.leave()
        else:
            found = (_PLAIN_QUOTED if quoted else _PLAIN).match(self.text, self.at, self.limit)
            self.at = found.end() if found is not None else self.at + 1
            parts.append(Text(at, self.at, self.text[at : self.at]))

    def _closed(self, what: str) -> str:
        """The brace that closes it; ">" where blanks are to go on that side."""
        self.blanks(lines=True)
        trims = ">" if self.take("~") else ""
        if not self.take("}"):
            self.fail(f"`}}` of {what}")
        return trims

    def _directive(self, start: int) -> Directive:
        trims = "<" if self.take("~") else ""
        self.blanks(lines=True)
        word = self.name()
        names: list[str] = []
        value: Expression | None = None
        if word not in _DIRECTIVES:
            self.fail("if, else, endif, for or endfor in the directive", start)
        if word == "for":
            while not names or self.take(","):
                self.blanks(lines=True)
                names.append(self.name())
                self.blanks(lines=True)
            if len(names) > 2 or "" in names or self.name() != "in":
                self.fail("one or two names and `in` in the directive", start)
        if word in ("for", "if"):
            self.blanks(lines=True)
            value = self.expression(lines=True)
        trims += self._closed("the directive")
        return Directive(start, self.at, word, names, value, trims)

    def _escape(self) -> Text:
        at = self.at
        self.enter()  # a text may be full of them
        self.leave()
        self.at += 1
        letter = self.text[self.at : self.at + 1]
        if letter in _ESCAPES and letter:
            self.at += 1
            return Text(at, self.at, _ESCAPES[letter])
        found = _HEX.match(self.text, self.at, self.limit)
        code = int(found[1] or found[2], 16) if found is not None else -1
        if found is None or code > 0x10FFFF or 0xD800 <= code < 0xE000:
            self.fail("an escape that HCL knows after the backslash")
        self.at = found.end()
        return Text(at, self.at, chr(code))
