"""The number, its factors and their order."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batten.model.vulnerability import Score, Vulnerability
from batten.vulnerabilities.context import Context, joined
from batten.vulnerabilities.priority import rank

V31 = Score("nvd", "3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8)


def row(**fields: Any) -> Vulnerability:
    given = {"id": "CVE-2024-1000", "package": "pkg:pypi/x@1", "name": "x", "installed": "1", "target": "image:a"}
    return Vulnerability(**{**given, "status": "affected", **fields})


def ranked(one: Vulnerability, context: Context | None = None) -> Vulnerability:
    return rank([one], {"image:a": context} if context is not None else {})[0]


def test_the_number_is_the_product_of_what_is_shown() -> None:
    context = Context(exposure="cluster", root=True, workloads=("Deployment shop/web",))
    found = ranked(row(severity="critical", scores=(V31,), epss=0.02, reach="present"), context)
    values = {reason.factor: reason.value for reason in found.reasons}
    assert values == {"severity": 0.5, "cvss": 0.98, "exposure": 0.6, "privilege": 1.1, "reach": 0.4}
    assert found.priority == round(100 * math.prod(values.values()), 1)


def test_known_exploitation_goes_before_everything() -> None:
    found = ranked(row(severity="low", epss=0.9, kev=True, kev_due="2026-01-22", ransomware=True))
    assert found.reasons[0].text == "known to be exploited by ransomware, to be mended by 2026-01-22"
    assert found.reasons[0].value == 1.0


def test_a_probable_attack_counts_more_than_the_word() -> None:
    likely = ranked(row(severity="medium", epss=0.83, epss_date="2026-01-01"))
    unlikely = ranked(row(severity="high", epss=0.0004))
    assert likely.priority > unlikely.priority
    assert likely.reasons[0].text == "EPSS 83% (2026-01-01)"
    assert unlikely.reasons[0].text == "high severity, EPSS <0.1%"


def test_no_epss_is_not_zero() -> None:
    found = ranked(row(severity="high"))
    assert found.reasons[0].text == "high severity, no EPSS"
    assert found.priority > 20


def test_a_public_exploit_raises_the_floor() -> None:
    assert ranked(row(severity="low", exploit="poc")).reasons[0].text == "an exploit is public"
    assert ranked(row(severity="critical", exploit="poc")).reasons[0].factor == "severity"


def test_exposure_changes_the_order() -> None:
    outside = Context(exposure="public", through=("Ingress shop/web",), root=False, workloads=("Deployment shop/web",))
    inside = Context(exposure="none", root=False, workloads=("Job shop/once",))
    first, second = ranked(row(severity="high"), outside), ranked(row(severity="critical"), inside)
    assert first.priority > second.priority
    texts = [reason.text for reason in first.reasons]
    assert "reachable from outside through Ingress shop/web" in texts
    assert "nothing leads to the workload (Job shop/once)" in [reason.text for reason in second.reasons]


def test_what_is_not_known_stands_last() -> None:
    texts = [reason.text for reason in ranked(row(severity="high", reach="linked")).reasons]
    assert texts == ["high severity, no EPSS", "part of the program", "no CVSS score", "exposure not known"]


def test_privileges_of_the_host() -> None:
    assert "runs with SYS_ADMIN" in [
        one.text for one in ranked(row(severity="high"), Context(capabilities=("SYS_ADMIN",))).reasons
    ]
    assert "runs privileged" in [one.text for one in ranked(row(severity="high"), Context(privileged=True)).reasons]


def test_what_is_not_affected_is_left_alone() -> None:
    one = row(status="not_affected", severity="critical")
    assert ranked(one) is one


def test_the_coordinator_s_points_are_kept() -> None:
    found = ranked(row(severity="high", exploit="active", ssvc_path=("automatable=yes", "technical_impact=total")))
    assert found.ssvc == "act"
    assert found.ssvc_path == (
        "exploitation=active",
        "exposure=unknown",
        "automatable=yes",
        "technical_impact=total",
        "mission_and_well_being=medium",
    )


def test_a_critical_flaw_without_a_vector_takes_the_whole_program() -> None:
    assert "technical_impact=total" in ranked(row(severity="critical", kev=True)).ssvc_path
    assert ranked(row(severity="critical", kev=True)).ssvc == "attend"
    assert "technical_impact=partial" in ranked(row(severity="high", kev=True)).ssvc_path


def test_scores_are_never_mixed() -> None:
    v4 = Score("nvd", "4.0", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3)
    v2 = Score("cve", "2.0", "AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0)
    assert "CVSS 4.0 9.3 (nvd)" in [one.text for one in ranked(row(scores=(v2, V31, v4))).reasons]
    theirs = Score("cve", "3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", 5.3)
    assert "CVSS 3.1 5.3 (cve)" in [one.text for one in ranked(row(scores=(v4, theirs))).reasons]


def test_several_workloads_count_as_the_worst_of_them() -> None:
    found = joined(
        [
            Context(exposure="none", root=True, workloads=("Job a",)),
            Context(exposure="public", through=("Ingress b",), root=False, workloads=("Deployment b",)),
        ]
    )
    assert (found.exposure, found.through, found.root) == ("public", ("Ingress b",), True)
    assert found.workloads == ("Job a", "Deployment b")
    assert joined([]) == Context()


@given(
    st.sampled_from(("critical", "high", "medium", "low", "negligible", "unknown")),
    st.none() | st.floats(0, 1),
    st.booleans(),
    st.sampled_from(("", "none", "poc", "active")),
    st.sampled_from(("linked", "imported", "present", "unknown")),
    st.sampled_from(("public", "cluster", "none", "unknown")),
    st.none() | st.booleans(),
    st.booleans(),
)
def test_stays_on_its_scale_and_never_falls_with_more_danger(
    severity: Any, epss: Any, kev: bool, exploit: Any, reach: Any, exposure: Any, root: Any, privileged: bool
) -> None:
    one = row(severity=severity, epss=epss, kev=kev, exploit=exploit, reach=reach)
    here = ranked(one, Context(exposure=exposure, root=root, privileged=privileged))
    assert 0 <= here.priority <= 100
    assert here.ssvc is not None
    worst = ranked(
        row(severity=severity, epss=epss, kev=True, reach="linked"),
        Context(exposure="public", root=True, privileged=True),
    )
    assert worst.priority >= here.priority
