"""Rules of one's own: CEL over the neutral model, in YAML beside the configuration.

`syntax` reads an expression, `names` says what there is to read, `types` checks the one against the other, `cost`
bounds what it may take, `program` runs it through the library; `file` reads rule files, `registry` makes checks of
them, `examples` runs their examples, `vap` writes what Kubernetes can express as its own policies.
"""
