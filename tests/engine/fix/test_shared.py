"""What several places share by an anchor is mended once, where all of them need the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.engine.fix.plan import FixPlan
from batten.model.settings import Settings

HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n  containers:\n"
IMAGE = "registry.example/shop/web:1"
ONE = f"  - name: one\n    image: {IMAGE}\n    securityContext: &ctx  # of all\n      privileged: true\n"
TWO = f"  - name: two\n    image: {IMAGE}\n    securityContext: *ctx\n"
THREE = TWO.replace("two", "three")
BOUND = "  - name: {0}\n    image: registry.example/shop/web:1\n    securityContext: {1}\n"


def fixed(tmp_path: Path, text: str, check: str, name: str = "pod.yaml") -> FixPlan:
    (tmp_path / name).write_text(text)
    return api.fix([str(tmp_path)], Settings(checks=(check,), as_of="2026-11-01"), review=True)


def after(plan: FixPlan) -> str:
    [patch] = plan.patches
    return patch.after.text()


def test_an_anchor_is_mended_once_for_all_that_repeat_it(tmp_path: Path) -> None:
    plan = fixed(tmp_path, HEAD + ONE + TWO + THREE, "PRV001")
    assert after(plan) == (HEAD + ONE + TWO + THREE).replace("privileged: true", "privileged: false")
    assert [one.applied for one in plan.proposals] == [True, True, True]
    (tmp_path / "pod.yaml").write_text(after(plan))
    assert api.fix([str(tmp_path)], plan.scan.settings, review=True).patches == []


def test_all_fixes_of_an_anchor_go_together_and_each_container_keeps_its_own_mounts(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(HEAD + ONE + TWO)
    plan = api.fix([str(tmp_path)], Settings(as_of="2026-11-01"), review=True)
    text = after(plan)
    assert (text.count("readOnlyRootFilesystem: true"), text.count("securityContext: *ctx")) == (1, 1)
    assert (text.count("- name: one-tmp\n      mountPath"), text.count("- name: two-tmp\n      mountPath")) == (1, 1)
    assert not [one for one in plan.proposals if not one.applied and "anchor" in one.reason]


def test_a_list_is_appended_to_once(tmp_path: Path) -> None:
    drop = "{capabilities: {drop: &drop [NET_RAW]}}"
    text = HEAD + BOUND.format("one", drop) + BOUND.format("two", "{capabilities: {drop: *drop}}")
    assert after(fixed(tmp_path, text, "PRV007")) == text.replace("[NET_RAW]", "[NET_RAW, ALL]")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ONE + TWO + "status: *ctx\n",  # what nobody judges has it, too
        HEAD + ONE + TWO.replace("web:1", "web:1\n    env: [*ctx]"),
    ],
)
def test_where_one_needs_no_fix_the_anchor_stays(tmp_path: Path, text: str) -> None:
    plan = fixed(tmp_path, text, "PRV001")
    assert plan.patches == []
    assert {one.reason[:11] for one in plan.proposals} <= {"the anchor ", "it is the a"}


def test_another_value_for_each_is_refused(tmp_path: Path) -> None:
    text = HEAD + ONE.replace("privileged: true", "runAsUser: 0")
    text = text.replace("registry.example/shop/web:1", "nginx:1.27") + TWO.replace(
        "registry.example/shop/web:1", "redis:7"
    )
    plan = fixed(tmp_path, text, "PRV003")
    assert plan.patches == []
    assert [one.applied for one in plan.proposals] == [False, False]


def test_an_anchor_that_is_merged_stays(tmp_path: Path) -> None:
    text = HEAD + ONE + BOUND.format("two", "{<<: *ctx, runAsUser: 7}")
    plan = fixed(tmp_path, text, "PRV001")
    assert "&ctx  # of all\n      privileged: true" in (after(plan) if plan.patches else text)


def test_an_anchor_kept_in_an_extension_of_compose_is_mended_there(tmp_path: Path) -> None:
    text = (
        "x-options: &options\n  - apparmor:web\n"
        "services:\n  a:\n    image: registry.example/shop/a:1\n    security_opt: *options\n"
        "  b:\n    image: registry.example/shop/b:1\n    security_opt: *options\n"
    )
    plan = fixed(tmp_path, text, "PRV004", "compose.yaml")
    assert after(plan) == text.replace("apparmor:web\n", "apparmor:web\n  - no-new-privileges:true\n")


def test_an_anchor_that_is_repeated_without_end_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its places gets the edits of all others: their number counts squared."""
    monkeypatch.setattr("batten.engine.fix.shared.FIX_SHARED_PLACES", 2)
    plan = fixed(tmp_path, HEAD + ONE + TWO + THREE, "PRV001")
    assert not plan.patches
    assert any("the anchor &ctx shares it" in one.reason for one in plan.proposals)
