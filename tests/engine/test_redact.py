"""Excerpts never show a secret, wherever in the file it was found."""

from pathlib import Path

from engine.support import scan


def test_a_neighbouring_finding_does_not_show_the_secret(tmp_path: Path) -> None:
    secret = "S3cr3t" + "Passw0rd"
    text = "services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: "
    text += f"{secret}\n    privileged: true\n"
    done = scan(tmp_path, {"compose.yaml": text})
    near = [one for one in done.report.findings if one.check == "PRV001"]
    assert near
    for one in done.report.findings:
        assert one.excerpt is None or secret not in "\n".join(one.excerpt.lines)


def test_several_lines_of_a_key_are_masked(tmp_path: Path) -> None:
    body = "\n".join(["    " + "MIIEpAIBAAKCAQEA" * 4] * 5)
    text = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: tls}\nstringData:\n  key: |\n"
        f"    -----BEGIN RSA PRIVATE {'KEY'}-----\n{body}\n    -----END RSA PRIVATE {'KEY'}-----\n"
    )
    done = scan(tmp_path, {"secret.yaml": text})
    assert done.report.findings
    for one in done.report.findings:
        assert one.excerpt is None or "MIIEpAIBAAKCAQEA" not in "\n".join(one.excerpt.lines)
