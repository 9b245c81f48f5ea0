"""`cluster:` - what runs in a Kubernetes cluster, asked through its API. Nothing is written: every question is a GET.

`kubeconfig` says where and as whom, `connection` and `api` ask, `kinds` says what is there and worth reading, `trim`
leaves out what the server keeps for itself, `owners` makes one workload of a controller and its pods.
"""

from __future__ import annotations

from batten.sources.interface import OpenTarget, Options, Source


def open_reference(ref: str, options: Options) -> OpenTarget:
    """The cluster of a context of the kubeconfig; of the current one where `ref` names none. Raises `TargetError`."""
    from batten.sources.cluster.target import open_cluster

    return open_cluster(ref, options)


SOURCE = Source(
    scheme="cluster",
    summary="what runs in a Kubernetes cluster, read through its API with your kubeconfig",
    example="cluster:  or  cluster:CONTEXT --namespace shop",
    open=open_reference,
)
