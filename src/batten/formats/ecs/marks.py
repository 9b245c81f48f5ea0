"""What marks a document as one of ECS."""

from __future__ import annotations

from batten.model.source import File

WORDS = ("containerDefinitions", "awsvpcConfiguration", "enableExecuteCommand", "serviceArn")
MARKS = tuple(word.encode() for word in WORDS)
# what stands before the containers: of a task definition that was cut off nothing else may be left
HEAD = ("requiresCompatibilities", "executionRoleArn", "taskRoleArn", "networkMode")
# a bare list of containers has none of these; it is JSON everywhere it was seen
JSON_MARKS = (
    *MARKS,
    *(f'"{word}"'.encode() for word in HEAD),
    b'"portMappings"',
    b'"mountPoints"',
    b'"logConfiguration"',
    b'"essential"',
)
YAML_MARKS = (*MARKS, *(f"\n{word}:".encode() for word in HEAD))


def is_json(file: File) -> bool:
    return file.data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
