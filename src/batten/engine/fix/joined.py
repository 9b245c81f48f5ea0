"""Which files are proved together: those that one fix edits, and those of one project."""

from __future__ import annotations

from collections.abc import Iterable

from batten.engine.fix.patches import Proposal


def joined(proposals: Iterable[Proposal]) -> dict[str, list[Proposal]]:
    """The proposals that have edits, in groups of files that fixes join; each group by the name of its first file.

    A Compose project and a chart are a group each: a fix in one of their files uncovers what is mended in another. The
    overlays that a base is built into are none, they would join all that lies in a repository.
    """
    chosen = [one for one in proposals if one.edits]
    above: dict[str, str] = {}

    def top(path: str) -> str:
        while above.setdefault(path, path) != path:
            path = above[path]
        return path

    for one in chosen:
        first, *others = _files(one)
        for other in others:
            above[top(other)] = top(first)
    groups: dict[str, list[Proposal]] = {}
    for one in chosen:
        groups.setdefault(top(one.paths[0]), []).append(one)
    return groups


def _files(proposal: Proposal) -> list[str]:
    """Those that it edits, and that of the project in which its finding was seen."""
    document = getattr(proposal.judged.result.noun, "document", None)
    if document is None or is_overlay(proposal):
        return proposal.paths
    return [*proposal.paths, document.file.path]


def is_overlay(proposal: Proposal) -> bool:
    """Was its finding seen in what an overlay builds?"""
    document = getattr(proposal.judged.result.noun, "document", None)
    return hasattr(document, "translated") and not getattr(document, "one_scope", False)
