"""File capabilities, sudo and groups in scripts."""

from __future__ import annotations

import pytest

from batten.detect.shell import capability_grants, commands, root_accounts, root_groups, sudo_without_password


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("setcap cap_net_bind_service=+ep /bin/web", {"NET_BIND_SERVICE"}),
        ("setcap 'cap_net_raw,cap_net_admin=eip' /bin/x", {"NET_RAW", "NET_ADMIN"}),
        ("setcap 'cap_net_raw+p cap_chown+e' /bin/x", {"NET_RAW", "CHOWN"}),
        ("setcap -q =ep /bin/x", {"ALL"}),
        ("setcap all+ep /bin/x", {"ALL"}),
    ],
)
def test_capabilities_of_files(text: str, names: set[str]) -> None:
    [(grant, found)] = capability_grants(commands(text))
    assert found == names
    assert text[grant.start : grant.end] == text


@pytest.mark.parametrize("text", ["setcap -r /bin/x", "setcap cap_chown-ep /bin/x", "setcap = /bin/x", "getcap /bin/x"])
def test_no_capability_is_given(text: str) -> None:
    assert capability_grants(commands(text)) == []


def test_each_file_of_a_call_counts() -> None:
    found = capability_grants(commands("setcap cap_chown+ep /bin/a cap_setuid+ep /bin/b"))
    assert [sorted(names) for _, names in found] == [["CHOWN"], ["SETUID"]]


@pytest.mark.parametrize(
    "text",
    [
        "echo 'web ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers",
        "printf '%%sudo ALL=NOPASSWD: ALL' | tee /etc/sudoers.d/x",
        "cat > /etc/sudoers.d/x <<EOF\nweb ALL=(ALL) NOPASSWD: ALL\nEOF",
        "sh -c 'echo \"web ALL=(ALL) NOPASSWD:ALL\" >> /etc/sudoers'",
    ],
)
def test_a_rule_without_a_password(text: str) -> None:
    assert len(list(sudo_without_password(commands(text)))) == 1


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("usermod -aG sudo web", "sudo"),
        ("usermod --append --groups video,wheel web", "wheel"),
        ("useradd -m -G wheel -u 5 web", "wheel"),
        ("adduser web sudo", "sudo"),
        ("addgroup web wheel", "wheel"),
        ("gpasswd -a web sudo", "sudo"),
    ],
)
def test_groups_that_lead_to_root(text: str, group: str) -> None:
    assert [grant.text for grant in root_groups(commands(text))] == [group]


@pytest.mark.parametrize("text", ["groupadd sudo", "usermod -aG docker web", "adduser sudo", "useradd -g root web"])
def test_other_groups(text: str) -> None:
    assert list(root_groups(commands(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "useradd -u 0 -o app",
        "useradd -ou0 app",
        "adduser -D -u 0 app",
        "usermod --non-unique --uid=0 app",
        "sed -i 's/app:x:1000:/app:x:0:/' /etc/passwd",
        "true && echo 'app:x:0:0::/:/bin/sh' >> /etc/passwd",
        "printf 'a:x:1:1::\\napp:x:0:0:::\\n' | tee -a /etc/passwd",
        "cat >> /etc/passwd <<E\nb:x:1:0::/:/bin/sh\napp:x:0:0::/:/bin/sh\nE\n",
    ],
)
def test_users_that_are_root_by_another_name(text: str) -> None:
    assert root_accounts(commands(text)) == {"app"}


@pytest.mark.parametrize(
    "text",
    [
        "useradd -u 1000 -g 0 app",
        "useradd -u $UID app",
        "usermod -u 0 root",
        "echo 'app:x:1000:0::/:/bin/sh' >> /etc/passwd",
        "echo 'app:x:0:0::/:/bin/sh' > /notes",
        "grep app:x:0: /etc/passwd",
    ],
)
def test_users_that_are_not(text: str) -> None:
    assert root_accounts(commands(text)) == set()
