"""Limits, restart, health check, logging and process limits of a service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from batten.formats.compose import units
from batten.formats.compose.draft import Draft
from batten.formats.compose.tree import Node
from batten.model.values import UNKNOWN, Absent
from batten.model.workload import Ulimit

_CPU_PERIOD = 100_000  # microseconds; the kernel's, where only a quota is given


def fill(draft: Draft) -> None:
    memory = ("a size like 512m", units.size)
    count = ("a whole number", units.integer)
    cores = ("a number", units.decimal)
    _limit(draft, "memory_limit", (draft.limit("limits", "memory"), draft.get("mem_limit")), *memory)
    _limit(draft, "memory_request", (draft.limit("reservations", "memory"), draft.get("mem_reservation")), *memory)
    _limit(draft, "pids_limit", (draft.limit("limits", "pids"), draft.get("pids_limit")), *count)
    _quota(draft)
    _limit(draft, "cpu_limit", (draft.limit("limits", "cpus"), draft.get("cpus")), *cores)
    _limit(draft, "cpu_request", (draft.limit("reservations", "cpus"),), *cores)
    _ulimits(draft)
    _healthcheck(draft)
    _restart(draft)
    _logging(draft)
    _replicas(draft)


def _limit(
    draft: Draft, field: str, nodes: tuple[Node | None, ...], expected: str, read: Callable[[object], Any]
) -> None:
    """The first of `nodes` that sets a limit; 0 and below are none."""
    unlimited: Node | None = None
    for node in nodes:
        text = None if node is None else node.text()
        if node is None or text is None or text == "":
            continue
        if isinstance(text, Absent):
            draft.container.put(field, UNKNOWN, node)
            return
        value = read(text)
        if value is None:
            node.problem(f"expected {expected}, found {text[:40]!r}")
            value = UNKNOWN
        elif value <= 0:
            unlimited = unlimited or node
            continue  # no limit here; the next may still set one
        draft.container.put(field, value, node)
        return
    if unlimited is not None:
        draft.container.put(field, None, unlimited)


def _quota(draft: Draft) -> None:
    """`cpu_quota` microseconds in each `cpu_period`; `cpus` wins over it."""
    node, text = draft.text("cpu_quota")
    period = draft.text("cpu_period")[1]
    if node is None or not isinstance(text, str):
        return
    quota = units.integer(text)
    length = units.integer(period) if isinstance(period, str) else _CPU_PERIOD
    if quota is not None and quota > 0:
        draft.container.put("cpu_limit", quota / length if length and length > 0 else quota / _CPU_PERIOD, node)


def _ulimits(draft: Draft) -> None:
    node = draft.get("ulimits")
    if node is None:
        return
    if not node.is_mapping:
        node.problem(f"expected a mapping of limits, found {node.found()}")
    found = []
    for name, entry in node.entries().items():
        parts = (entry.get("soft"), entry.get("hard")) if entry.is_mapping else (entry, entry)
        numbers = [None if part is None else _number(part) for part in parts]
        low, high = numbers[0], numbers[1]
        if low is None and high is None:
            continue
        low = high if low is None else low
        assert low is not None
        found.append(Ulimit(name, low, low if high is None else high, entry.pointer, draft.away(entry)))
    draft.container.put("ulimits", tuple(found), node)


def _number(node: Node) -> int | None:
    text = node.text()
    if not isinstance(text, str):
        return None
    value = units.integer(text)
    if value is None:
        node.problem(f"expected a whole number, found {text[:40]!r}")
    return value


def _healthcheck(draft: Draft) -> None:
    node = draft.get("healthcheck")
    if node is None:
        return
    disabled = node.get("disable")
    if disabled is not None and (value := disabled.flag()) is not None and value is not False:
        draft.container.put("healthcheck", UNKNOWN if isinstance(value, Absent) else False, disabled)
        return
    test = node.get("test")
    if test is None:
        return  # times alone change the image's own check
    words = test.sequence()
    first = words[0].template().text if words else ""
    draft.container.put("healthcheck", first.upper() not in ("NONE", ""), test)


def _restart(draft: Draft) -> None:
    node, text = draft.text("restart")
    policy = draft.node.path("deploy", "restart_policy", "condition")
    if (draft.is_swarm and policy is not None) or node is None or not text:
        _policy(draft, policy)
    else:
        draft.container.put("restart", text, node)


def _policy(draft: Draft, condition: Node | None) -> None:
    """`deploy.restart_policy`; Compose makes `unless-stopped` of `any`."""
    text = None if condition is None else condition.text()
    if condition is None or text is None:
        return
    if isinstance(text, str):
        attempts = draft.node.path("deploy", "restart_policy", "max_attempts")
        count = None if attempts is None else attempts.text()
        if text == "any" and not draft.is_swarm:
            text = "unless-stopped"
        elif text == "none" and not draft.is_swarm:
            text = "no"
        elif isinstance(count, str) and count not in ("", "0"):
            text = f"{text}:{count}"
    draft.container.put("restart", text, condition)


def _logging(draft: Draft) -> None:
    node = draft.get("logging")
    driver = None if node is None else node.get("driver")
    text = None if driver is None else driver.text()
    if driver is not None and text is not None:
        draft.container.put("log_driver", text, driver)


def _replicas(draft: Draft) -> None:
    for node in (draft.get("scale"), draft.node.path("deploy", "replicas")):
        text = None if node is None else node.text()
        value = units.integer(text) if isinstance(text, str) else None
        if node is not None and value is not None:
            draft.workload.put("replicas", value, node)
            return
