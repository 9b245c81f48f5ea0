"""Ciphertext that is made to be committed, and names of places, are no secrets."""

from __future__ import annotations

import json

import pytest

from batten.detect.secret_elsewhere import is_inside
from batten.detect.secret_elsewhere import sealed as sealed_spans
from batten.detect.secrets import find, is_elsewhere

SEALED = "AgCk5Xv0mW9hTqG1LZ2u7rR8pN3yB6dE4sJ0fKxQ2cVwYtUiOpAzSxDcFvGbHnJm" + "KlQwErTyUiOpLkJhGfDsAzXcVbNm12=="
REAL = "Zx81kd" + "93kdKd"

DOCUMENT = f"""\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
spec:
  encryptedData:
    # of production
    password: {SEALED}
    other: {SEALED}
  template:
    data:
      password: {REAL}
"""


def test_a_sealed_secret_in_yaml_and_its_template() -> None:
    assert [DOCUMENT[hit.start : hit.end] for hit in find(DOCUMENT)] == [REAL]


def test_a_sealed_secret_in_json() -> None:
    sealed = {"kind": "SealedSecret", "spec": {"encryptedData": {"password": SEALED, "api_token": SEALED}}}
    assert find(json.dumps(sealed)) == []
    assert find(json.dumps(sealed, indent=2)) == []


def test_only_the_document_of_a_sealed_secret_counts() -> None:
    text = f"kind: SealedSecret\n---\nkind: ConfigMap\nencryptedData:\n  password: {REAL}\n"
    assert len(find(text)) == 1


def test_the_key_of_an_external_secret_is_a_name() -> None:
    external = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  data:\n"
    external += "  - secretKey: dbPassw0rd1\n    remoteRef: {key: prod/db}\n"
    assert find(external) == []
    assert len(find(f"{external}---\nsecretKey: {REAL}\n")) == 1


@pytest.mark.parametrize(
    "value",
    [
        "ENC[AES256_GCM,data:Tr7o1kx4Zg==,iv:1h,tag:Q9==,type:str]",
        "vault:secret/data/db#password",
        "ref+awssecrets://prod/db#/password",
        "ref+vault://secret/db#/password",
        "op://vault/db/password",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x",
        "<path:secret/data/db#password>",
        "projects/p/secrets/db/versions/1",
    ],
)
def test_what_lies_elsewhere(value: str) -> None:
    assert is_elsewhere(value)
    assert find(f"password: {value}\n") == []


@pytest.mark.parametrize("value", [REAL, "vaulted-1", "encore[1]", "refused+1", "operator1"])
def test_a_value_that_only_begins_like_one(value: str) -> None:
    assert not is_elsewhere(value)


def test_where_sealed_data_stands() -> None:
    sealed = "kind: SealedSecret\nspec:\n  encryptedData:\n    a: one\n    # b: two\n\n    c: three\n  template: {}\n"
    text = (
        f"kind: Secret\nencryptedData: no\n---\n{sealed}---\n"
        '{"kind": "SealedSecret", "encryptedData": {"a": 1}, "b": 2}'
    )
    found = [text[slice(*span)] for span in sealed_spans(text)]
    assert found == [sealed[sealed.index("encrypted") : sealed.index("  template")], 'encryptedData": {"a": 1']


def test_a_position_in_spans() -> None:
    spans = [(2, 4), (6, 9)]
    assert [one for one in range(11) if is_inside(spans, one)] == [2, 3, 6, 7, 8]
