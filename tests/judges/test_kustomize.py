"""kustomize itself (`make judges`), on the recorded cases, on real overlays and on random ones."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from batten.formats.kustomize.build import build
from batten.formats.kustomize.errors import BuildError
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.model.source import File
from batten.sources import open_target
from formats.kustomize.test_build import CASES, DATA, by_name, read

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".judges" / "kustomize"
SHARED = Path(os.environ.get("BATTEN_SHARED", ROOT.parent / "shared" / "data")) / "manifests"

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not PROGRAM.exists(), reason="the judge is not built: make judges"),
]


def judged(folders: list[Path]) -> list[list[Any] | None]:
    """What kustomize makes of each folder; None where it refuses."""
    done = subprocess.run([PROGRAM, *folders], capture_output=True, check=True, text=True)
    found: list[list[Any] | None] = []
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        documents = read_documents(File("built.yaml", answer["text"].encode()), KUBERNETES)
        values = [one.value for one in documents if isinstance(one, YamlDocument) and one.value is not None]
        found.append(None if answer["error"] else values)
    return found


def ours(root: Path, folder: str) -> list[Any] | None:
    with open_target(str(root)) as opened:
        try:
            return [one.node.value() for one in build(folder, opened.files).objects]
        except BuildError:
            return None


def test_the_recorded_cases_are_still_what_kustomize_makes():
    for case, found in zip(CASES, judged([DATA / case for case in CASES]), strict=True):
        assert found is not None, case
        assert by_name(found) == by_name(read(DATA / case / "expected.yaml")), case


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared manifests are not there")
def test_real_overlays(tmp_path: Path):
    for archive in sorted(SHARED.glob("*.tar.xz")):
        subprocess.run(["tar", "-xJf", archive, "-C", tmp_path], check=True)
    folders = sorted(
        {path.parent for path in tmp_path.rglob("*") if path.name in ("kustomization.yaml", "kustomization.yml")}
    )
    same = 0
    for folder, found in zip(folders, judged(folders), strict=True):
        name = folder.relative_to(tmp_path).as_posix()
        mine = ours(tmp_path, name)
        assert (mine is None) == (found is None), name
        if mine is not None and found is not None:
            assert by_name(mine) == by_name(found), name
            same += 1
    assert same >= 60


def test_random_overlays(tmp_path: Path):
    number = int(os.environ.get("JUDGED_OVERLAYS", "300"))
    chance = random.Random(int(os.environ.get("JUDGED_SEED", "1")))
    names = [str(n) for n in range(number)]
    for name in names:
        _overlay(chance, tmp_path / name)
    built = 0
    for name, found in zip(names, judged([tmp_path / name for name in names]), strict=True):
        mine = ours(tmp_path, name)
        text = (tmp_path / name / "kustomization.yaml").read_text()
        if found is not None:
            assert mine is not None, f"{name}\n{text}"
            assert by_name(mine) == by_name(found), f"{name}\n{text}"
            built += 1
    assert built > number / 2


_OBJECTS = [
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n",
    "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n",
    "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\nsecrets: [{name: keys}]\n",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web}\nrules: []\n",
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web}]
""",
    "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: web}\nspec: {list: [{name: a}, {name: b}]}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: lone}\nspec: {containers: [{name: c, image: nginx}]}\n",
]
_WEB = (DATA / "base" / "web.yaml").read_text().partition("\n---")[0]


def _overlay(chance: random.Random, folder: Path) -> None:
    """A base and an overlay that does some of what overlays do."""
    base = folder / "base"
    base.mkdir(parents=True)
    objects = [_WEB, *chance.sample(_OBJECTS, chance.randint(0, len(_OBJECTS)))]
    chance.shuffle(objects)
    (base / "all.yaml").write_text("\n---\n".join(objects))
    below = {"resources": ["all.yaml"], **_some(chance, 1)}
    (base / "kustomization.yaml").write_text(json.dumps(below, indent=1))
    (folder / "kustomization.yaml").write_text(json.dumps({"resources": ["base"], **_some(chance, 4)}, indent=1))


def _some(chance: random.Random, most: int) -> dict[str, Any]:
    made = {
        "namespace": lambda: chance.choice(["shop", "other"]),
        "namePrefix": lambda: chance.choice(["a-", "b-"]),
        "nameSuffix": lambda: chance.choice(["-x", "-1"]),
        "commonLabels": lambda: {chance.choice(["app", "team"]): chance.choice(["x", "y"])},
        "commonAnnotations": lambda: {"note": chance.choice(["one", "2"])},
        "labels": lambda: [
            {
                "pairs": {chance.choice(["app", "tier"]): "z"},
                **chance.choice([{}, {"includeSelectors": True}, {"includeTemplates": True}]),
            }
        ],
        "images": lambda: [
            {
                "name": chance.choice(["nginx", "registry.example:5000/shop/web", "docker.io/library/busybox"]),
                **chance.choice([{"newTag": "2"}, {"newName": "other/name"}, {"digest": "sha256:" + "a" * 64}]),
            }
        ],
        "replicas": lambda: [{"name": "web", "count": chance.randint(0, 5)}],
        "patches": lambda: [_patch(chance) for _ in range(chance.randint(1, 2))],
        "configMapGenerator": lambda: [{"name": "made", "literals": [f"a={chance.randint(0, 3)}"]}],
        "secretGenerator": lambda: [{"name": "keys", "literals": ["password=x"]}],
    }
    chosen = chance.sample(sorted(made), chance.randint(0, most))
    return {name: made[name]() for name in chosen}


def _patch(chance: random.Random) -> dict[str, Any]:
    head = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
    container: dict[str, Any] = {"name": chance.choice(["app", "side", "new"])}
    container |= chance.choice(
        [
            {"image": "patched:1"},
            {"env": [{"name": chance.choice("ABC"), "value": "9"}]},
            {"ports": [{"containerPort": chance.choice([80, 8080]), **chance.choice([{}, {"protocol": "TCP"}])}]},
            {"args": ["--other"]},
            {"$patch": "delete"},
            {"volumeMounts": [{"name": "data", "mountPath": chance.choice(["/data", "/more"]), "readOnly": True}]},
            {"securityContext": {"privileged": True, "runAsUser": None}},
            {"envFrom": None},
        ]
    )
    pod = chance.choice(
        [
            {"containers": [container]},
            {"containers": [container], "initContainers": [{"name": "init", "args": ["x"]}]},
            {"volumes": [{"name": chance.choice(["data", "keys", "new"]), "emptyDir": {}}]},
            {"volumes": [{"name": "keys", "$patch": "delete"}]},
            {"hostNetwork": True, "serviceAccountName": None},
            {"containers": [{"$patch": "replace"}, {"name": "only", "image": "only"}]},
            {"tolerations": [{"operator": "Exists"}]},
            {"imagePullSecrets": [{"name": "keys"}]},
        ]
    )
    merged = {**head, "spec": {"template": {"spec": pod}}}
    operations = [
        chance.choice(
            [
                {"op": "add", "path": "/spec/template/spec/hostPID", "value": True},
                {"op": "replace", "path": "/spec/replicas", "value": 9},
                {"op": "remove", "path": "/spec/template/spec/containers/0/env/0"},
                {"op": "add", "path": "/metadata/labels/a~1b", "value": "c"},
                {"op": "add", "path": "/spec/template/spec/containers/-", "value": {"name": "z", "image": "z"}},
                {"op": "move", "from": "/spec/template/spec/volumes/0", "path": "/spec/template/spec/volumes/1"},
            ]
        )
    ]
    return chance.choice(
        [
            {"patch": json.dumps(merged)},
            {"patch": json.dumps(operations), "target": {"kind": "Deployment"}},
            {"patch": json.dumps(merged), "target": {"kind": "Deploy.*", "labelSelector": "app in (web, x)"}},
        ]
    )
