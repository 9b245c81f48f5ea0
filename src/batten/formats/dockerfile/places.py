"""Pointers of a Dockerfile -> ranges of its text -> lines and columns."""

from __future__ import annotations

from batten.formats.dockerfile.nodes import Dockerfile, Flag, Instruction, Pair, Span
from batten.formats.lines import LineIndex
from batten.model.source import Location, Pointer, pointer_text


def locate(dockerfile: Dockerfile, pointer: Pointer, *, key: bool = False) -> Location:
    """The place of `pointer`; where it leads to nothing, of the nearest parent that exists."""
    start, end = find(dockerfile, pointer, key=key) or (0, 0)
    text = dockerfile.text
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    lines = _lines_of(dockerfile)
    (line, column), (end_line, end_column) = lines.place(start), lines.place(end)
    # a byte order mark, which is no column, may stand there
    return Location(dockerfile.file.path, line, max(1, column), end_line, max(1, end_column), pointer_text(pointer))


def _lines_of(dockerfile: Dockerfile) -> LineIndex:
    found: LineIndex | None = dockerfile.cache.get("lines")
    if found is None:
        found = dockerfile.cache["lines"] = LineIndex(dockerfile.text)
    return found


def find(dockerfile: Dockerfile, pointer: Pointer, *, key: bool = False) -> Span | None:
    """The range of `pointer` or of its nearest parent; None where not even the instruction exists."""
    if len(pointer) < 2:
        return None
    if pointer[0] == "end":
        stage = pointer[1]
        if not isinstance(stage, int) or not 0 <= stage < len(dockerfile.stages):
            return None
        end = dockerfile.stages[stage].instructions[-1].span[1]
        return end, end
    instruction = instruction_at(dockerfile, pointer)
    if instruction is None:
        return None
    return part(instruction, pointer[2:], key=key) or instruction.span


def instruction_at(dockerfile: Dockerfile, pointer: Pointer) -> Instruction | None:
    """The instruction that ("instruction", i, …) names."""
    if len(pointer) < 2 or pointer[0] != "instruction":
        return None
    index = pointer[1]
    if not isinstance(index, int) or not 0 <= index < len(dockerfile.instructions):
        return None
    return dockerfile.instructions[index]


def part(instruction: Instruction, route: Pointer, *, key: bool = False) -> Span | None:
    """The range of a part of `instruction` (of its trigger, for ONBUILD); None where there is none."""
    if not route:
        return None
    if route[0] == "keyword":
        return instruction.keyword_span
    target = instruction.onbuild or instruction
    kind, rest = route[0], route[1:]
    numbers = [number for number in rest if isinstance(number, int)]
    if kind == "arg" and numbers and 0 <= numbers[0] < len(target.args):
        return target.args[numbers[0]].span
    if kind == "flag" and rest:
        flag = flag_at(target, rest[0])
        return None if flag is None else _flag_span(flag, key)
    if kind == "value" and rest:
        pair = pair_at(target, rest[0])
        if pair is not None:
            return pair.key_span if key or pair.raw is None else pair.value_span
    if kind == "heredoc" and numbers and 0 <= numbers[0] < len(target.heredocs):
        start, end = target.heredocs[numbers[0]].span
        if len(numbers) == 3:
            return min(start + max(0, numbers[1]), end), max(start, min(start + numbers[2], end))
        return start, end
    if kind == "text" and len(numbers) == 2 and 0 <= numbers[0] <= numbers[1] <= len(target.script):
        return target.span_in_script(numbers[0], numbers[1])
    return None


def _flag_span(flag: Flag, key: bool) -> Span:
    if not key:
        return flag.span
    return flag.span[0], flag.span[1] if flag.value is None else flag.value_span[0] - 1


def flag_at(instruction: Instruction, name: str | int) -> Flag | None:
    """The first flag called `name`, or the flag with that number among all flags."""
    if isinstance(name, int):
        return instruction.flags[name] if 0 <= name < len(instruction.flags) else None
    return next((flag for flag in instruction.flags if flag.name == name), None)


def pair_at(instruction: Instruction, name: str | int) -> Pair | None:
    """The last pair called `name`: the one that holds."""
    return next((pair for pair in reversed(instruction.pairs) if pair.key == name), None)
