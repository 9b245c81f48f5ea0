"""Quadlet units become workloads."""

from pathlib import Path

import pytest

from batten.formats.interface import ReadContext
from batten.formats.quadlet import READER
from batten.model.image import ImageReference
from batten.model.source import File, Problem, Unreadable
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Capabilities, Profile, SELinux, User
from batten.model.workload import Device, EnvSource, EnvVar, Mount, Port, Sysctl, Ulimit
from formats.quadlet.reading import MemoryFiles, container, read, text_at, workload

DATA = Path(__file__).parents[2] / "data" / "quadlet"


def from_data(name: str):
    return read(name, {name: (DATA / name).read_text("utf-8")})


# ------------------------------------------------------------------------------------ a real unit


def test_a_hardened_unit_is_read_field_by_field():
    [web] = from_data("web.container").nouns
    [app] = web.containers
    assert (web.kind, web.name, web.platform, web.os) == ("Container", "web", "quadlet", "linux")
    assert app.image.name == "docker.io/library/nginx"
    assert app.user == User(uid=101, group="101")
    assert app.capabilities == Capabilities(("CHOWN", "NET_BIND_SERVICE", "SETGID"), ("ALL",))
    assert (app.privileged, app.privilege_escalation, app.read_only_root) == (False, False, True)
    assert (app.memory_limit, app.cpu_limit, app.pids_limit) == (256 << 20, 0.5, 200)
    assert (app.healthcheck, app.restart, app.log_driver) == (True, "on-failure", "journald")
    assert app.args == ("nginx", "-g", "daemon off;")


def test_volumes_of_every_spelling_are_read():
    [web] = from_data("web.container").nouns
    assert [(one.kind, one.type, one.source, one.read_only) for one in web.volumes] == [
        ("host", "bind", "%h/site", True),
        ("volume", "volume", "cache", False),
        ("host", "bind", "/etc/ssl/shop", True),
        ("memory", "tmpfs", "", False),
        ("secret", "secret", "tls-key", True),
    ]
    assert [one.target for one in web.containers[0].mounts] == [
        "/usr/share/nginx/html",
        "/var/cache",
        "/tls",
        "/var/cache/nginx",
        "/run/secrets/key.pem",
    ]


def test_variables_ports_and_limits_are_read_with_their_places():
    [web] = from_data("web.container").nouns
    [app] = web.containers
    assert [(one.name, one.value, one.source) for one in app.environment] == [
        ("LANG", "C.UTF-8", "literal"),
        ("GREETING", "good morning", "literal"),
        ("PATH_EXTRA", "/opt", "literal"),
        ("SESSION_KEY", None, "secret"),
    ]
    assert [(one.host_ip, one.host, one.container, one.protocol) for one in app.ports] == [
        ("127.0.0.1", 8080, 80, "tcp"),
        ("", 8443, 443, "tcp"),
    ]
    assert app.at(app.environment[1]).location().line == 24
    assert app.environment_from == (EnvSource("file", "web.env", ("Container", "EnvironmentFile", 0, 0)),)
    assert app.ulimits == (Ulimit("nofile", 1024, 2048, ("Container", "Ulimit", 0)),)
    assert web.sysctls == (Sysctl("net.core.somaxconn", "1024", ("Container", "Sysctl", 0, 0)),)


def test_what_podman_args_says_is_decided_there():
    [loose] = from_data("loose.container").nouns
    [app] = loose.containers
    assert (loose.host_network, loose.host_pid, loose.host_ipc, loose.user_namespace) == (True, True, True, False)
    assert app.privileged is True
    assert app.capabilities == Capabilities(("SYS_ADMIN", "NET_ADMIN"), ())
    assert app.apparmor == app.seccomp == Profile("unconfined")
    assert app.selinux == SELinux(disabled=True)
    assert app.proc_mount == "unmasked"
    assert text_at(loose, "host_pid") == "--pid=host"
    assert text_at(loose, "host_ipc") == "host"
    assert [one.source for one in loose.volumes] == ["/run/podman/podman.sock", "/"]
    assert app.devices == (Device("/dev/kvm", "/dev/kvm", "rw", ("Container", "AddDevice", 0, 0)),)


# ---------------------------------------------------------------------------- defaults, absent, set


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user", User(decided_by="default")),
        ("privileged", False),
        ("privilege_escalation", True),
        ("capabilities", Capabilities()),
        ("seccomp", Profile("runtime-default")),
        ("apparmor", Profile("runtime-default")),
        ("selinux", SELinux()),
        ("proc_mount", "default"),
        ("read_only_root", False),
        ("memory_limit", None),
        ("cpu_limit", None),
        ("pids_limit", 2048),
        ("healthcheck", False),
        ("restart", ""),
        ("log_driver", ""),
        ("devices", ()),
        ("ulimits", ()),
        ("host_process", NOT_EXPRESSIBLE),
    ],
)
def test_a_silent_unit_has_podmans_defaults_without_a_place(field: str, value: object):
    silent = container("")
    assert getattr(silent, field) == value
    assert not silent.is_set(field)


@pytest.mark.parametrize(
    ("lines", "field", "value"),
    [
        ("User=app", "user", User(name="app")),
        ("User=0", "user", User(uid=0)),
        ("User=%i", "user", UNKNOWN),
        ("User=", "user", User(decided_by="default")),
        ("PodmanArgs=-u 5:6", "user", User(uid=5, group="6")),
        ("NoNewPrivileges=true", "privilege_escalation", False),
        ("NoNewPrivileges=no", "privilege_escalation", True),
        ("PodmanArgs=--security-opt=no-new-privileges", "privilege_escalation", False),
        ("SeccompProfile=/etc/app.json", "seccomp", Profile("localhost", "/etc/app.json")),
        ("AppArmor=unconfined", "apparmor", Profile("unconfined")),
        ("SecurityLabelType=spc_t\nSecurityLabelLevel=s0:c1", "selinux", SELinux(type="spc_t", level="s0:c1")),
        ("Unmask=/proc/acpi", "proc_mount", "default"),
        ("Unmask=/proc/acpi:/proc/*", "proc_mount", "unmasked"),
        ("Memory=1g", "memory_limit", 1 << 30),
        ("Memory=0", "memory_limit", None),
        ("Memory=%i", "memory_limit", UNKNOWN),
        ("PodmanArgs=-m 64m", "memory_limit", 64 << 20),
        ("PodmanArgs=--cpu-quota=50000", "cpu_limit", 0.5),
        ("PidsLimit=-1", "pids_limit", None),
        ("PidsLimit=0", "pids_limit", None),
        ("HealthCmd=none", "healthcheck", False),
        ("HealthCmd=true\nPodmanArgs=--no-healthcheck", "healthcheck", False),
        ("LogDriver=none", "log_driver", "none"),
        ("ReadOnly=true\nPodmanArgs=--read-only=false", "read_only_root", False),
        ('Entrypoint=["/bin/app","-v"]', "command", ("/bin/app", "-v")),
        ("Entrypoint=/bin/app", "command", ("/bin/app",)),
        ("[Service]\nMemoryMax=512M", "memory_limit", 512 << 20),
        ("[Service]\nMemoryMax=20%", "memory_limit", UNKNOWN),
        ("[Service]\nMemoryMax=infinity", "memory_limit", None),
        ("CgroupsMode=enabled\n[Service]\nMemoryMax=512M", "memory_limit", None),
        ("[Service]\nCPUQuota=50%", "cpu_limit", 0.5),
        ("[Service]\nTasksMax=64", "pids_limit", 64),
        ("[Service]\nRestart=always", "restart", "always"),
    ],
)
def test_what_is_written_is_read(lines: str, field: str, value: object):
    assert getattr(container(lines), field) == value


def test_capabilities_are_taken_back_by_an_empty_assignment():
    assert container("AddCapability=SYS_ADMIN\nAddCapability=\nAddCapability=CHOWN").capabilities.add == ("CHOWN",)


def test_a_field_stands_where_the_last_word_on_it_is():
    assert text_at(container("ReadOnly=false\nReadOnly=true"), "read_only_root") == "true"
    assert text_at(container("User=app\nPodmanArgs=--tty --user 7"), "user") == "7"


def test_the_last_variable_of_a_name_counts():
    variables = container("Environment=A=1 B=2\nEnvironment=A=3 C").environment
    assert [(one.name, one.value, one.source) for one in variables] == [
        ("B", "2", "literal"),
        ("A", "3", "literal"),
        ("C", None, "host"),
    ]


@pytest.mark.parametrize(
    ("spec", "port"),
    [
        ("97", Port(97, -1)),
        ("80:96", Port(96, 80)),
        (":80:92", Port(92, 80)),
        ("127.0.0.1::93", Port(93, -1, "127.0.0.1")),
        ("::95", Port(95, -1)),
        ("[::1]:80:90/udp", Port(90, 80, "::1", "udp")),
        ("0.0.0.0:80:91", Port(91, 80, "0.0.0.0")),
        ("8000-8002:9000-9002", Port(9000, 8000, "", "tcp", 9002, 8002)),
        ("%i:80", Port(80, -1)),
        ("${PORT}:80", Port(80, -1)),
    ],
)
def test_published_ports_of_every_form(spec: str, port: Port):
    [read_port] = container(f"PublishPort={spec}").ports
    assert Port(*(getattr(read_port, name) for name in Port.__struct_fields__[:6])) == port


def test_a_port_that_systemd_fills_in_is_no_fault():
    texts = {"a.container": "[Container]\nImage=x\nPublishPort=${PORT}:${PORT}\n"}
    assert read("a.container", texts).problems == []


@pytest.mark.parametrize(
    ("image", "value"),
    [("%i", UNKNOWN), ("${IMAGE}", UNKNOWN), ("quay.io/a/b:%i", UNKNOWN), ("NoSuch Image", UNKNOWN)],
)
def test_an_image_that_is_decided_elsewhere_is_unknown(image: str, value: object):
    assert workload(f"[Container]\nImage={image}\n").containers[0].image is value


# --------------------------------------------------------------------------------- other units


def test_an_image_unit_names_the_image():
    unit = workload("[Container]\nImage=app.image\n", app__image="[Image]\nImage=quay.io/shop/app:2\n")
    image = unit.containers[0].image
    assert isinstance(image, ImageReference)
    assert (image.name, image.tag) == ("quay.io/shop/app", "2")


def test_a_build_unit_leads_to_its_dockerfile():
    [app] = (
        read(
            "deploy/web.container",
            {
                "deploy/web.container": "[Container]\nImage=web.build\n",
                "deploy/web.build": "[Build]\nImageTag=localhost/web\nSetWorkingDirectory=../web\nTarget=prod\n",
                "web/Dockerfile": "FROM scratch\n",
            },
        )
        .nouns[0]
        .containers
    )
    assert (app.image.name, app.build.context, app.build.dockerfile) == ("localhost/web", "web", "web/Dockerfile")
    assert app.build.target == "prod"
    assert app.at(app.build).location().path == "deploy/web.build"


def test_a_volume_unit_that_binds_a_path_of_the_host_is_a_host_path():
    unit = workload(
        "[Container]\nImage=a\nVolume=etc.volume:/data\n",
        etc__volume="[Volume]\nDevice=/etc\nType=none\nOptions=bind\n",
    )
    assert [(one.kind, one.source) for one in unit.volumes] == [("host", "/etc")]


def test_drop_ins_are_merged_and_consumed():
    texts = {
        "u/web-api.container": "[Container]\nImage=a\nReadOnly=true\n",
        "u/web-api.container.d/20.conf": "[Container]\nReadOnly=false\n",
        "u/web-.container.d/10.conf": "[Container]\nUser=7\n",
        "u/web-.container.d/20.conf": "[Container]\nUser=0\n",
        "u/container.d/30.conf": "[Container]\nNoNewPrivileges=true\n",
        "u/container.d/readme.txt": "no drop-in",
    }
    reading = read("u/web-api.container", texts)
    [app] = reading.nouns[0].containers
    assert (app.read_only_root, app.user, app.privilege_escalation) == (False, User(uid=7), False)
    assert reading.consumed == ["u/web-.container.d/10.conf", "u/web-api.container.d/20.conf", "u/container.d/30.conf"]
    assert app.where("user").location().path == "u/web-.container.d/10.conf"


def test_instances_of_a_template_take_the_templates_drop_ins():
    texts = {
        "web@1.container": "[Container]\nImage=a\n",
        "web@.container.d/a.conf": "[Container]\nUser=7\n",
    }
    assert read("web@1.container", texts).nouns[0].containers[0].user == User(uid=7)


def test_a_container_in_a_pod_leaves_the_pods_namespaces_to_the_pod():
    member = workload(
        "[Container]\nImage=a\nPod=shop.pod\n", shop__pod="[Pod]\nNetwork=host\nUserNS=auto\nPublishPort=80:80\n"
    )
    assert (member.host_network, member.host_pid, member.user_namespace) == (UNKNOWN, UNKNOWN, True)
    assert member.where("user_namespace").location().path == "shop.pod"
    assert member.facts["pod"] == "shop.pod"
    assert text_at(member, "fact:pod") == "shop.pod"


def test_a_pod_answers_for_its_network_and_ports():
    pod = workload("[Pod]\nNetwork=host\nPublishPort=80:80\nVolume=/srv:/srv\nPodmanArgs=--share=net,pid\n", "shop.pod")
    assert (pod.kind, pod.host_network, pod.share_process_namespace) == ("Pod", True, True)
    [infra] = pod.containers
    assert (infra.name, infra.ports[0].host, infra.privileged) == ("infra", 80, NOT_EXPRESSIBLE)
    assert infra.mounts == (Mount("/srv", "/srv", False, ("Pod", "Volume", 0)),)


def test_a_kube_unit_points_to_its_manifest():
    unit = workload("[Kube]\nYaml=../k8s/shop.yaml\n", "units/shop.kube")
    assert (unit.kind, unit.containers, unit.facts["kube-yaml"]) == ("Kube", (), "k8s/shop.yaml")


def test_a_kube_unit_may_point_to_several_manifests():
    unit = workload("[Kube]\nYaml=old.yaml\nYaml=\nYaml=a.yaml\nYaml=b.yaml\n", "units/shop.kube")
    assert unit.facts["kube-yaml"].splitlines() == ["units/a.yaml", "units/b.yaml"]


def test_a_kube_unit_leads_to_its_manifest():
    texts = {"units/shop.kube": "[Kube]\nYaml=../k8s/shop\n", "k8s/shop": "kind: Pod\n"}
    reading = read("units/shop.kube", texts)
    assert (reading.problems, reading.leads_to) == ([], [("k8s/shop", "kubernetes")])


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("shop.yaml", "no such file in the target"),
        ("../../shop.yaml", "no such file in the target"),
        ("/etc/shop.yaml", "no such file in the target"),
        ("%h/shop.yaml", "systemd fills in a part of the path"),
    ],
)
def test_a_manifest_that_is_not_here_is_a_problem(written, why):
    reading = read("shop.kube", {"shop.kube": f"[Unit]\nDescription=shop\n\n[Kube]\nYaml={written}\n"})
    [told] = reading.problems
    assert (told.path, told.line, told.severe) == ("shop.kube", 5, True)
    assert told.message.startswith(f"Yaml={written}: {why}")
    assert reading.leads_to == []


@pytest.mark.parametrize("name", ["a.volume", "a.network", "a.image", "a.build"])
def test_other_units_are_recognised_and_give_nothing(name: str):
    section = name.partition(".")[2].capitalize()
    reading = read(name, {name: f"[{section}]\nX=1\n"})
    assert (reading.recognised, reading.nouns) == (True, [])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("etc/containers/systemd/a.container", False),
        ("home/ann/.config/containers/systemd/a.container", True),
        ("etc/containers/systemd/users/1000/a.container", True),
        ("deploy/a.container", UNKNOWN),
    ],
)
def test_where_a_unit_lies_says_whether_it_is_rootless(path: str, value: object):
    assert workload("[Container]\nImage=a\n", path).user_namespace is value


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("UserNS=auto:size=1000", True),
        ("UserNS=keep-id", True),
        ("UserNS=host", False),
        ("UserNS=container:x", UNKNOWN),
        ("UIDMap=0:100000:1000", True),
        ("RemapUsers=keep-id", True),
    ],
)
def test_user_namespaces_of_every_form(line: str, value: object):
    assert workload(f"[Container]\nImage=a\n{line}\n").user_namespace is value


@pytest.mark.parametrize(
    ("line", "mode", "names", "host"),
    [
        ("Network=host", "host", (), True),
        ("Network=none", "none", (), False),
        ("Network=shop.network\nNetwork=back", "", ("shop.network", "back"), False),
        ("Network=container:db", "container:db", (), False),
        ("Network=db.container", "container:db.container", (), False),
        ("Network=pasta:-t,auto", "pasta", (), False),
    ],
)
def test_networks_of_every_form(line: str, mode: str, names: tuple[str, ...], host: bool):
    unit = workload(f"[Container]\nImage=a\n{line}\n")
    assert (unit.network_mode, unit.networks, unit.host_network) == (mode, names, host)


def test_systemctl_environment_and_labels_are_kept():
    unit = workload('[Container]\nImage=a\nLabel=a=1 "b=two words"\nAnnotation=c=3\nAutoUpdate=registry\n')
    assert (unit.labels, unit.annotations) == ({"a": "1", "b": "two words"}, {"c": "3"})
    assert unit.facts["auto-update"] == "registry"


# ------------------------------------------------------------------------------------- bad input


def problem(name: str):
    [one] = from_data(name).problems
    return one


def test_a_line_without_equals_is_told_and_the_rest_is_read():
    told = problem("line-without-equals.container")
    assert (told.line, told.path, told.severe) == (3, "line-without-equals.container", True)
    assert "this line says nothing" in told.message
    assert from_data("line-without-equals.container").nouns[0].containers[0].read_only_root is True


def test_a_key_before_the_first_section_is_told():
    told = from_data("key-before-section.container").problems[0]
    assert (told.line, "Image=docker.io/library/nginx" in told.message) == (1, True)


def test_a_port_that_is_no_number_is_told_with_its_line():
    told = problem("port-is-no-number.container")
    assert told.line == 3
    assert "eighty:80" in told.message


def test_a_word_that_podman_takes_for_the_image_is_told():
    text = "[Container]\nImage=a\nPodmanArgs=--tty \\\n  SYS_ADMIN ${EXTRA} %i\n"
    [told] = read("a.container", {"a.container": text}).problems
    assert (told.line, told.severe, "“SYS_ADMIN”" in told.message) == (4, True, True)


def test_lists_with_commas_are_lists_everywhere():
    assert container("AddCapability=CHOWN,KILL\nUlimit=core=0,nofile=5").capabilities.add == ("CHOWN", "KILL")
    assert [one.name for one in container("Ulimit=core=0,nofile=5").ulimits] == ["core", "nofile"]


def test_bytes_that_are_no_text_are_refused():
    file = File("not-utf8.container", (DATA / "not-utf8.container").read_bytes())
    with pytest.raises(Unreadable, match="UTF-8"):
        READER.read(file, ReadContext(MemoryFiles({})))


def test_a_template_is_told_once_and_its_values_are_unknown():
    text = "[Container]\nImage={{ image }}\nUser={{ uid }}\n"
    reading = read("a.container", {"a.container": text})
    [told] = reading.problems
    assert (told.line, "template" in told.message) == (2, True)
    assert reading.nouns[0].containers[0].image is UNKNOWN
    assert reading.nouns[0].containers[0].user is UNKNOWN


def test_what_podman_fills_in_itself_is_no_template():
    text = "[Container]\nImage=a\nLogOpt=tag={{.ImageName}}\n"
    text += "[Service]\nExecStartPost=podman inspect --format '{{ json .State.Status }}' a\n"
    assert read("a.container", {"a.container": text}).problems == []
    charted = read("a.container", {"a.container": "[Container]\nImage=a\nLogOpt=tag={{ .Values.tag }}\n"})
    assert [problem.line for problem in charted.problems] == [3]


def test_a_broken_drop_in_does_not_hide_the_unit():
    texts = {"a.container": "[Container]\nImage=a\n", "a.container.d/x.conf": "nonsense"}
    reading = read("a.container", texts)
    assert reading.problems[0].path == "a.container.d/x.conf"
    assert len(reading.nouns) == 1


def test_a_file_without_its_section_is_told_where_it_can_only_be_a_unit():
    for text in ("[Unit]\nDescription=x\n", "", "# later\n"):
        assert READER.wants(File("a.container", text.encode()))
        [problem] = read("a.container", {"a.container": text}).problems
        assert problem.line == 1
        assert problem.message == (
            "expected a section [Container] in a .container unit, found none: was the file cut off?"
        )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.volume", ""),
        ("a.pod", "=head1 NAME\n"),
        ("a.kube", "apiVersion: v1\n"),
        ("a.image", "\x7fELF"),
        ("a.build", ""),
    ],
)
def test_files_of_the_same_ending_that_are_no_cut_unit_are_not_ours(path, text):
    assert not READER.wants(File(path, text.encode())) or not read(path, {path: text}).recognised


@pytest.mark.parametrize(
    ("path", "text", "line", "message"),
    [
        (
            "a.container",
            "[Container]\nImage=a\nExec=sleep \\\n",
            3,
            "expected the continued line, found the end of the file: was it cut off?",
        ),
        (
            "a.container",
            "[Container]\nImage=a\nVolume=",
            3,
            "expected a value of Volume=, found the end of the file: was it cut off?",
        ),
        (
            "a.container",
            "[Unit]\n[Container]\n",
            2,
            "expected Image= (or Rootfs=) in [Container], found none: Podman refuses such a unit",
        ),
        ("a.kube", "[Kube]\n", 1, "expected Yaml= in [Kube], found none: Podman refuses such a unit"),
        ("a.image", "[Image]\n", 1, "expected Image= in [Image], found none: Podman refuses such a unit"),
        ("a.build", "[Build]\nFile=a\n", 1, "expected ImageTag= in [Build], found none: Podman refuses such a unit"),
    ],
)
def test_a_unit_that_is_cut_off_is_told(path, text, line, message):
    assert read(path, {path: text}).problems == [Problem(path, message, line)]


UNIT = "[Unit]\nDescription=a\n[Container]\nImage=a\nVolume=/a:/b \\\n  :ro\nEnvironment=A=b\n[Service]\nRestart=no\n"


@pytest.mark.parametrize("size", range(len(UNIT)))
def test_one_cut_is_one_line_at_most(size):
    problems = read("a.container", {"a.container": UNIT[:size]}).problems
    assert len(problems) <= 1
    if "Image=a" not in UNIT[:size]:
        assert problems


def test_a_unit_from_standard_input_is_known_by_its_section():
    file = File("-", b"[Unit]\nX=1\n[Container]\nImage=a\n")
    assert READER.wants(file)
    assert READER.read(file, ReadContext(MemoryFiles({}))).nouns[0].kind == "Container"


def test_a_variable_keeps_its_place():
    app = container("Environment=A=1 B=2")
    assert app.environment[1] == EnvVar("B", "2", pointer=("Container", "Environment", 0, 1))
    place = app.at(app.environment[1]).location()
    assert (place.line, place.column, place.end_column) == (3, 17, 20)


def test_a_container_without_an_image_is_a_problem():
    (problem,) = read("a.container", {"a.container": "[Container]\nUser=5\n"}).problems
    assert problem.message == "expected Image= (or Rootfs=) in [Container], found none: Podman refuses such a unit"
    assert problem.severe
    assert read("a.container", {"a.container": "[Container]\nRootfs=/srv/a\n"}).problems == []


def test_what_a_drop_in_says_is_placed_in_the_drop_in():
    files = {"a.container": "[Container]\nImage=x\n", "a.container.d/u.conf": "# note\n\n[Container]\nUser=0\n"}
    (app,) = read("a.container", files).nouns[0].containers
    place = app.where("user").written()
    assert place.document.file.path == "a.container.d/u.conf"
    assert (place.location().path, place.location().line) == ("a.container.d/u.conf", 4)
    assert app.where("image").written().document.file.path == "a.container"
