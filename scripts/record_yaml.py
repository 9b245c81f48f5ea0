"""Records what Go's YAML libraries make of hand-picked scalars and documents: tests/data/yaml/go.jsonl.

Needs the judge (`make judges`). Run it when one of the libraries changes, and review the diff:

    python scripts/record_yaml.py
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
JUDGE = ROOT / ".judges" / "yaml"
RECORD = ROOT / "tests" / "data" / "yaml" / "go.jsonl"

SCALARS = """
true True TRUE tRUE false y Y n N yes Yes YES yEs no No on On ON off Off o t f ~ null Null NULL nULL none
0 1 -1 +1 007 0777 -0777 08 0o17 0O17 -0o17 0x1F 0X1f -0x1f 0xg 0b101 0B101 -0b101 0b-1 0b+1 0b2
1_000 1__0 _1 1_ 0_7 0x_f 0b_1 0o_7 0o8 0b12 1e1_0 9223372036854775807 -9223372036854775808
9223372036854775808 18446744073709551615 18446744073709551616 +18446744073709551615 -9223372036854775809
07777777777777777777777777 1.5 1. .5 -.5 +.5 .5e3 .1_0 ._1 .1_ 1.5_0 1e3 1E3 1e+3 1e-3 -1e3 1e400 -1e400
.9e999 1e 1e3.5 0e0 -0 -0.0 +0 0.0 00 .e3 . .. + - -- +-1 .inf .Inf .INF -.inf +.inf .iNf .nan .NaN inf nan
Infinity NaN 1:30 190:20:30 12:30:45.5 1:2 60:60 8080:80 127.0.0.1 1.2.3 10.0.0.0/8 2001-01-01 2001-1-1
2001-12-14t21:59:43.10-05:00 100m 1Gi 5s 0x 0o 0b 1a e3 1,000 << = << a --x :x x:y http://x a#b １２ ٣
"""
VALUES = [
    *("!!int 3", '!!int "3"', '!!int "0777"', "!!float 1", "!!float 1e3", '!!float "x"', "!!bool yes", '!!bool "true"'),
    *("!!str 123", "!!str yes", "!!str null", '!!null ""', "!!null x", "!!binary aGk=", '!!binary "a Gk="', "!x 8"),
    *("! 8", '! "8"', "! true", "!!set {a}", "!!x 8", "!<tag:yaml.org,2002:int> 8", '"yes"', "'1'"),
    *('"\\u00e9\\U0001f600\\x41"', "[2001:db8::, b]", "{e:}", "[::]", "[a:b]", "&a", "&a 5", "!!str", "!!int"),
]
DOCUMENTS = [
    "x: &x {a: 1, b: 2}\nw: {b: 3, <<: *x, a: 4}\nz: {<<: [*x, {a: 9, c: 1}], b: 7}",
    "x: &x {a: 1}\nz:\n  <<: *x\n  <<: {a: 2, b: 3}",
    "x: &x [{a: 1}]\nz:\n  <<: *x",
    "x: &x 1\nz:\n  <<: *x",
    "z:\n  <<: 1",
    "z:\n  <<:",
    '"<<": {a: 1}',
    "!!merge <<: {a: 1}",
    'x: [<<, "<<"]',
    "x: &k foo\n*k : 1",
    "x: &k 5\n*k : 1",
    "x: &k {a: *k}",
    "? {a: 1}\n: 2",
    "? [a]\n: 2",
    "a: 1\na: 2",
    "a: b\u0085c: d",
    "a: b\u2028c: d",
    "a: &x 1\nb: &x 2\nc: *x",
    "a: *nope",
    "x: &x {a: {p: 1}}\nz: {<<: *x, a: {q: 2}}",
    "a: |\n  x\n\nb: >\n  y\n  z\nc: |+\n  k\n\nd: |-\n  m\n",
    'a: "b\n  c\n\n  d"',
    "a: b\n  c\n\n  d",
    "? a\n? b\n: c",
    '{a, b: , "c":1}',
    "- - a\n  - b\n-\n- c: d\n  e: f",
    "a: 'it''s'",
    'a: "\\/\\N\\_\\L\\P\\e\\0"',
    "%YAML 1.1\n---\na: b",
    '%TAG !e! tag:yaml.org,2002:\n---\na: !e!int "5"',
    "--- |\n  a\n",
    '--- "a"',
    "a:\tb",
    "x: &a [1, *b]",
    'a: "\\ud800"',
]


def questions() -> list[str]:
    """Every text once: scalars as values and as keys, values with tags, whole documents."""
    words = SCALARS.split()
    texts = [text for word in words for text in (f"k: {word}", f"{word} : 1")]
    return list(dict.fromkeys([*texts, *(f"k: {value}" for value in VALUES), *DOCUMENTS]))


def ask(schema: str, texts: list[str]) -> list[dict[str, Any]]:
    """The judge's answers, without the words of its errors."""
    lines = "".join(json.dumps({"schema": schema, "text": text}) + "\n" for text in texts)
    out = subprocess.run([JUDGE], input=lines, capture_output=True, text=True, check=True).stdout
    answers = [json.loads(line) for line in out.split("\n") if line]
    return [{"error": True} if "error" in one else {"value": one.get("value")} for one in answers]


def main() -> None:
    texts = questions()
    answers = zip(texts, ask("kubernetes", texts), ask("compose", texts), strict=True)
    rows = [{"text": text, "kubernetes": one, "compose": two} for text, one, two in answers]
    RECORD.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    main()
