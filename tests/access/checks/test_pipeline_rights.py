"""ACC017 to ACC020: the rights of a pipeline's token."""

import pytest

from harness import Case, assert_case, assert_mends, fails, mendable, passes, silent
from pipeline_cases import action, azure, gitlab, workflow

CHECKOUT = "- uses: actions/checkout@v4\n"
PUSHES = CHECKOUT + "- run: git push\n"
TWO = "  other:\n    runs-on: x\n    steps: [{run: make}]\n"


def two_jobs(top: str):  # type: ignore[no-untyped-def]
    given = workflow("- run: make", top=top)
    path = ".github/workflows/ci.yml"
    return type(given)(given.platform, {path: given.files[path] + TWO})


CASES = (
    fails("ACC017", workflow("- run: make", top="permissions: write-all"), at="write-all"),
    fails("ACC017", workflow("- run: make", job="permissions: write-all"), at="write-all"),
    passes("ACC017", workflow("- run: make", top="permissions: {contents: write}")),
    fails("ACC017", azure("steps:\n- checkout: self\n  persistCredentials: true\n"), at="persistCredentials"),
    passes("ACC017", azure("steps:\n- checkout: self\n- script: make\n")),
    silent("ACC017", gitlab("a: {script: make}\n")),
    fails("ACC018", workflow("- run: make"), at="jobs:", fix="review", becomes="contents: read"),
    passes("ACC018", workflow("- run: make", top="permissions: {}")),
    passes("ACC018", workflow("- run: make", job="permissions: {contents: read}")),
    silent("ACC018", action("- run: make\n  shell: bash")),
    fails("ACC019", two_jobs("permissions: {contents: write}"), at="contents: write", says="2 jobs"),
    passes("ACC019", two_jobs("permissions: {contents: read}")),
    passes("ACC019", workflow("- run: make", top="permissions: {contents: write}")),
    fails("ACC020", workflow(CHECKOUT), at="checkout", fix="review", becomes="persist-credentials: false"),
    passes("ACC020", workflow(CHECKOUT + "  with: {persist-credentials: false}\n")),
    passes("ACC020", workflow(PUSHES)),
    silent("ACC020", workflow("- run: make")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
