"""The fixer: plans edits, proves them by scanning the edited text, and only then lets them be written."""

from batten.engine.fix.patches import Patch, Proposal
from batten.engine.fix.plan import FixPlan, plan
from batten.engine.fix.write import WriteRefused, write

__all__ = ["FixPlan", "Patch", "Proposal", "WriteRefused", "plan", "write"]
