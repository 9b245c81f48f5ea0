"""Functions of Terraform and OpenTofu, as far as they are pure and their arguments are known.

Each does what the program's own does with the same values (go-cty's standard library and OpenTofu's
`internal/lang/funcs`). What Terraform refuses is not known, and so is what depends on the time, on chance, on the
provider or on the machine; `file` and its like read within the target alone.
"""

from __future__ import annotations

from batten.formats.terraform.functions.calls import call

__all__ = ["call"]
