"""Random Compose projects of several files: overrides, documents, extends, include, env files, tags."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import yaml

_VALUES = ("1", "a b", "", "x=y", "${A}", "$B", "${C:-dflt}", "${D-x}", "$$x", "${A:+alt}")
_PORTS: tuple[Any, ...] = (
    *("80", "8080:80", "127.0.0.1:8080:80", "8000-8002:80-82/udp", "[::1]:81:81", "9000-9010:90", 80),
    *("${P:-8088}:80", "127.0.0.1::70", {"target": 80}, {"target": 80, "published": "8080"}),
    {"target": 81, "published": "82", "host_ip": "127.0.0.1", "protocol": "udp", "mode": "host"},
)
_VOLUMES: tuple[Any, ...] = (
    *("/data", "./x:/x", "db:/var/db:ro", "/etc:/host:ro,z", "~/y:/y", "/var/run/docker.sock:/run/d.sock"),
    *("db:/x/../z", "C:\\x:/w", "${V:-./vv}:/vv:rw,Z", {"type": "tmpfs", "target": "/t"}),
    {"type": "bind", "source": "./x", "target": "/x", "read_only": True},
    {"type": "volume", "source": "db", "target": "/q"},
)
_SINGLES: dict[str, tuple[Any, ...]] = {
    "build": (
        *(".", "./d", {"context": "./d", "target": "t", "args": {"X": "1"}}, {"dockerfile": "x/D"}),
        {"context": "./q/../r", "dockerfile": "D2", "args": ["Z=${C:-1}"]},
    ),
    "privileged": (True, False, "yes", "${PRIV:-true}", "no"),
    "read_only": (True, False, "on"),
    "user": ("1000", "root", "1000:1000", "app:app", "${U:-5}"),
    "tmpfs": ("/run", ["/run", "/tmp:size=64m"]),
    "pid": ("host",),
    "ipc": ("host", "shareable"),
    "restart": ("always", "no", "on-failure:5"),
    "logging": ({"driver": "none"}, {"driver": "json-file", "options": {"a": "1"}}, {"options": {"a": "1"}}),
    "ulimits": ({"nofile": 100}, {"nofile": {"soft": 1, "hard": 2}}, {"nproc": 5, "nofile": {"soft": 3, "hard": 4}}),
    "command": ("echo 'a b' c", ["x", "y z"], None, "run $$HOME"),
    "entrypoint": ("sh -c x", ["e"]),
    "secrets": (["s1"], [{"source": "s1", "target": "/x/s"}], ["s1", {"source": "s2", "target": "t"}]),
    "configs": (["c1"], [{"source": "c1", "target": "/etc/c"}]),
    "env_file": ("e1.env", ["e1.env", "e2.env"], [{"path": "e2.env", "required": False}]),
    "use_api_socket": (True,),
    "profiles": (["debug"],),
    "scale": (2,),
}
_LISTS: dict[str, tuple[Any, ...]] = {
    "cap_add": ("NET_ADMIN", "cap_sys_admin", "ALL", "CHOWN"),
    "cap_drop": ("ALL", "CHOWN"),
    "security_opt": (
        "no-new-privileges:true",
        "seccomp:unconfined",
        "seccomp=p",
        "apparmor=unconfined",
        "label=disable",
    ),
    "devices": (
        "/dev/a",
        "/dev/a:/dev/b",
        "/dev/c:/dev/b:r",
        "vendor.com/class=x",
        {"source": "/dev/a", "target": "/d"},
    ),
}


class Tagged:
    def __init__(self, tag: str, value: Any) -> None:
        self.tag = tag
        self.value = value


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent(dumper: yaml.SafeDumper, tagged: Tagged) -> yaml.Node:
    node = dumper.represent_data(tagged.value)
    node.tag = tagged.tag
    return node


_Dumper.add_representer(Tagged, _represent)


class Projects:
    """Makes projects; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def project(self) -> dict[str, str]:
        """Path -> text; the main file is `compose.yaml`."""
        files = {
            "e1.env": "A=ea\nQ='q'\nPASS=p1\n",
            "e2.env": "PASS=${PASS:-zz}\nW=$A\n",
            ".env": "A=dotA\nU=77\n",
            "sub/e1.env": "SUB=1\n",
            "sub/e2.env": "SUB2=1\n",
            "common.yaml": self.text({"services": {"x": self.service(), "z": self.service()}}),
            "sub/common.yaml": self.text({"services": {"y": {**self.service(), "extends": "w"}, "w": self.service()}}),
        }
        services = {"a": self.service(), "b": self.service(), "c": self.service()}
        if self.chance(0.7):
            foreign = [{"file": "common.yaml", "service": "x"}, {"file": "sub/common.yaml", "service": "y"}]
            services["c"]["extends"] = self.random.choice(["b", {"service": "a"}, *foreign])
        main = self.top(services)
        if self.chance(0.4):
            self.add_include(main, files)
        files["compose.yaml"] = self.text(main)
        if self.chance(0.3):
            files["compose.yaml"] += "---\n" + self.text({"services": {"a": self.tagged(self.service())}})
        if self.chance(0.6):
            names = self.random.sample(["a", "b", "c"], self.random.randint(1, 3))
            over = {name: self.tagged(self.service()) for name in names}
            files["compose.override.yaml"] = self.text({"services": over})
        return files

    def add_include(self, main: dict[str, Any], files: dict[str, str]) -> None:
        included = {"i": self.service()}
        if self.chance(0.3):
            included["a"] = self.service()
        files["inc/compose.yaml"] = self.text(self.top(included))
        files["inc/e1.env"], files["inc/e2.env"] = "INC=1\nB=2\n", "Z=1\n"
        if self.chance():
            files["inc/.env"] = "C=incC\n"
        long = {"path": "./inc/compose.yaml"}
        main["include"] = self.random.choice([["inc/compose.yaml"], [long], [{**long, "project_directory": "."}]])

    def service(self) -> dict[str, Any]:
        choose = self.random.choice
        body: dict[str, Any] = {"image": choose(["nginx", "nginx:${TAG:-1}", "a/b@sha256:" + "0" * 64])}
        for key, values in _SINGLES.items():
            if self.chance(0.15):
                body[key] = choose(values)
        for key, values in _LISTS.items():
            if self.chance():
                body[key] = self.some(lambda values=values: choose(values))
        if self.chance():
            body["ports"] = self.some(lambda: choose(_PORTS))
        if self.chance():
            body["volumes"] = self.some(lambda: choose(_VOLUMES))
        if self.chance():
            body["environment"] = self.pairs(("A", "B", "X", "PASS"), (*_VALUES, None))
        if self.chance():
            body["sysctls"] = self.pairs(("net.core.somaxconn", "kernel.shmmax"), (1024, 2048))
        if self.chance():
            body["labels"] = self.pairs(("l1", "l2"), ("v", "${C:-w}"))
        if self.chance():
            body["networks"] = choose([["front"], {"front": None, "back": {"aliases": ["x"]}}, ["back", "front"]])
        body.update(self.limits())
        return body

    def limits(self) -> dict[str, Any]:
        """Compose refuses a service that has both kinds of limits and they differ: a project uses one kind."""
        if not self.chance():
            return {}
        sizes = self.random.choice(("64M", "1g", 1048576, "1.5gb"))
        return {"mem_limit": sizes, "pids_limit": self.random.choice((100, -1))}

    def tagged(self, body: dict[str, Any]) -> dict[str, Any]:
        for key, value in body.items():
            if key == "image":
                continue
            if self.chance(0.1):
                body[key] = Tagged("!reset", None)
            elif self.chance(0.1) and isinstance(value, list | dict):
                body[key] = Tagged("!override", value)
        return body

    def top(self, services: dict[str, Any]) -> dict[str, Any]:
        return {
            "services": services,
            "networks": {"front": None, "back": {"driver": "bridge"}},
            "volumes": {"db": None},
            "secrets": {"s1": {"file": "./s1"}, "s2": {"file": "./s2"}},
            "configs": {"c1": {"content": "x"}},
        }

    def pairs(self, keys: tuple[str, ...], values: tuple[Any, ...]) -> Any:
        chosen = self.random.sample(keys, self.random.randint(0, len(keys)))
        found = {key: self.random.choice(values) for key in chosen}
        if self.chance(0.5):
            return found
        return [key if value is None else f"{key}={value}" for key, value in found.items()]

    def some(self, make: Callable[[], Any]) -> list[Any]:
        """Different items; one per path inside, since which of two wins depends on where Compose has tidied up."""
        found: dict[Any, Any] = {}
        for _ in range(self.random.randint(0, 3)):
            item = make()
            path = item.get("target") if isinstance(item, dict) and "published" not in item else item
            if isinstance(item, str) and item.count("/") > 1:
                path = item.split(":")[1] if ":" in item else item
            found.setdefault(str(path), item)
        return list(found.values())

    def chance(self, part: float = 0.3) -> bool:
        return self.random.random() < part

    @staticmethod
    def text(value: Any) -> str:
        return yaml.dump(value, Dumper=_Dumper, sort_keys=False)
