"""Repositories of images in a cloud's registry."""

from __future__ import annotations

from batten.engine.check import Context, check
from batten.engine.mend import edit
from batten.model.cloud import AccessPolicy, ImageRepository, RegistryScanning
from batten.model.edits import Set
from batten.model.source import Place
from batten.model.values import Absent
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Verdict, fail


@check("CLD004", "Tags of images can be moved", severity=MEDIUM, platforms=("aws",))
def mutable_tags(repository: ImageRepository) -> Verdict:
    """Whoever may push can put another image behind a tag that is deployed, and the next start of a task runs it.

    Fix:
        aws: set `ImageTagMutability` (Terraform: `image_tag_mutability`) to IMMUTABLE and give every build a tag of
            its own.
    References:
        https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
    """
    if isinstance(repository.mutable_tags, Absent):
        return NOT_APPLICABLE
    if not repository.mutable_tags:
        return PASS
    place = repository.where("ImageTagMutability")
    fix = edit("review", "make tags immutable", repository.document, Set(place.pointer, "IMMUTABLE"))
    return fail(
        place,
        "a tag can be moved to another image",
        fix=None if repository.exceptions else fix,
        no_fix="which tags are to be left out of it is for its owner to say",
    )


@check("CLD005", "Images are not scanned when they are pushed", severity=LOW, platforms=("aws",))
def not_scanned(repository: ImageRepository, context: Context) -> Verdict:
    """Nobody hears of known vulnerabilities in what is pushed, unless the pipeline looks for them, or the registry's
    own settings do, which are not part of the repository.

    Fix:
        aws: set `ScanOnPush` (Terraform: `scan_on_push`) to true, or give the registry a scanning configuration.
    References:
        https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
    """
    if isinstance(repository.scan_on_push, Absent):
        return NOT_APPLICABLE
    if repository.scan_on_push:
        return PASS
    if any(one.rules is not False for one in context.inventory.of(RegistryScanning)):
        return PASS
    place = repository.where("ImageScanningConfiguration")
    return fail(
        place,
        "images are not scanned on push",
        confidence="medium",
        fix=edit(
            "safe",
            "scan on push",
            repository.document,
            Set((*place.pointer, "ScanOnPush"), True),
        ),
    )


@check(
    "CLD008", "Images are encrypted with a key of the registry", severity=LOW, platforms=("aws",), persona="pedantic"
)
def key_of_the_registry(repository: ImageRepository) -> Verdict:
    """Images are always encrypted at rest. With a key of one's own in AWS KMS, its policy says besides who may read
    them, its use is logged, and it can be taken away; the default key, which the registry keeps, has none of that.

    Fix:
        aws: set `EncryptionConfiguration.EncryptionType` (Terraform: `encryption_configuration`) to KMS. It can be
            chosen only when a repository is made: changing it makes a new one, and its images have to be pushed again.
    References:
        https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
    """
    if isinstance(repository.own_key, Absent):
        return NOT_APPLICABLE
    if repository.own_key:
        return PASS
    return fail(
        repository.where("EncryptionConfiguration"),
        "images are encrypted with a key that the registry keeps",
        no_fix="a repository with another key is a new one, without the images of this one",
    )


@check("CLD006", "Anybody may use the repository of images", severity=HIGH, platforms=("aws",))
def open_repository(policy: AccessPolicy) -> Verdict:
    """The repository's policy names everybody: any AWS account can pull its images, and push where it says so.

    Fix:
        aws: name the accounts or roles that need it as principals, or add the condition `aws:PrincipalOrgID`.
    References:
        https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
    """
    if policy.kind != "resource":
        return NOT_APPLICABLE
    return [
        fail(
            Place(policy.document, one.pointer),
            "any AWS account may use the repository",
            no_fix="who needs the images is not written",
        )
        for one in policy.statements
        if one.effect == "Allow" and not one.conditions and "*" in one.principals
    ] or PASS
