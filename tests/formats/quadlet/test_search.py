"""Drop-ins and units that others name are found in all of Podman's search path."""

from batten.model.values import User
from formats.quadlet.reading import read


def test_drop_ins_hold_in_all_of_the_search_path():
    texts = {
        "usr/share/containers/systemd/shop/web.container": "[Container]\nImage=a\n",
        "etc/containers/systemd/web.container.d/10.conf": "[Container]\nUser=7\n",
        "usr/share/containers/systemd/container.d/10.conf": "[Container]\nUser=0\n",
        "usr/share/containers/systemd/container.d/20.conf": "[Container]\nReadOnly=true\n",
        "etc/containers/systemd/users/container.d/30.conf": "[Container]\nReadOnly=false\n",
    }
    reading = read("usr/share/containers/systemd/shop/web.container", texts)
    assert reading.consumed == [
        "etc/containers/systemd/web.container.d/10.conf",
        "usr/share/containers/systemd/container.d/20.conf",
    ]
    [app] = reading.nouns[0].containers
    assert (app.user, app.read_only_root) == (User(uid=7), True)


def test_drop_ins_of_users_hold_for_the_users():
    texts = {
        "etc/containers/systemd/users/1000/web.container": "[Container]\nImage=a\n",
        "etc/containers/systemd/users/1001/container.d/1.conf": "[Container]\nUser=1\n",
        "etc/containers/systemd/users/container.d/2.conf": "[Container]\nUser=2\n",
        "etc/containers/systemd/container.d/3.conf": "[Container]\nUser=3\n",
    }
    reading = read("etc/containers/systemd/users/1000/web.container", texts)
    assert reading.consumed == ["etc/containers/systemd/users/container.d/2.conf"]


def test_a_tree_of_units_is_taken_as_it_would_be_installed():
    texts = {
        "units/web/web.container": "[Container]\nImage=a\nPod=shop.pod\n",
        "units/container.d/10.conf": "[Container]\nUser=7\n",
        "units/pods/shop.pod": "[Pod]\nUserNS=auto\n",
        "container.md": "",
        "other/container.d/20.conf": "[Container]\nUser=0\n",
    }
    reading = read("units/web/web.container", texts)
    assert reading.consumed == ["units/container.d/10.conf"]
    assert reading.nouns[0].user_namespace is True
