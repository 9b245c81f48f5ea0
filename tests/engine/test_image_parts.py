"""What checks of images share."""

from __future__ import annotations

import pytest

from batten.detect.build_steps import secrets_in
from batten.engine.image_parts import amount, containers_of, in_base, listed, origin, packages_of, step
from batten.model.image_content import Image, Layer
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.workload import Resource

TOKEN = "ghp_" + "R4nd0mAb9Xq2Lk7Zw3Vt8Yp5Cs1Df6Gh0JnM"


def picture(reference: str, *layers: str, base: int = 0) -> Image:
    """An image with layers of these digests."""
    return Image(
        document=None,  # type: ignore[arg-type]
        pointer=(),
        resource=Resource("image", "Image", reference),
        scope="",
        name=reference,
        id=f"sha256:{reference}",
        reference=reference,
        layers=tuple(Layer(one, created_by=f"COPY {one} /", in_base=n < base) for n, one in enumerate(layers)),
    )


def package(name: str, layer: str, target: str) -> Package:
    return Package(type="deb", name=name, version="1", layer=layer, target=target)


def names(image: Image, *packages: Package) -> list[str]:
    inventory = Inventory()
    inventory.extend(packages)
    return [one.name for one in packages_of(image, inventory)]


class TestPackages:
    def test_those_of_the_target_of_its_name(self) -> None:
        image = picture("shop/web:1", "a", "b")
        assert names(image, package("mine", "a", "image:shop/web:1"), package("other", "a", "image:shop/api")) == [
            "mine"
        ]

    def test_those_of_its_layers_where_the_target_holds_other_images_too(self) -> None:
        image = picture("shop/web:1", "a", "b")
        assert names(image, package("mine", "a", "image:all.tar"), package("other", "c", "image:all.tar")) == ["mine"]

    def test_those_of_its_own_platform(self) -> None:
        image = picture("shop/web:1", "arm")
        assert names(image, package("mine", "arm", "image:shop/web:1"), package("x", "amd", "image:shop/web:1")) == [
            "mine"
        ]

    def test_all_of_a_directory(self) -> None:
        assert names(picture("/srv/root"), package("mine", "", "rootfs:/srv/root"), package("x", "", "web")) == ["mine"]

    def test_more_that_come_later_are_seen(self) -> None:
        inventory, image = Inventory(), picture("shop/web:1", "a")
        assert packages_of(image, inventory) == []
        inventory.add(package("late", "a", "image:shop/web:1"))
        assert len(packages_of(image, inventory)) == 1


def test_no_container_runs_an_image_that_no_manifest_names() -> None:
    assert containers_of(picture("shop/web:1"), Inventory()) == []


def test_layers_of_the_base_are_called_so() -> None:
    image = picture("shop/web:1", "a", "b", base=1)
    assert [origin(image, number) for number in range(3)] == [
        "layer 1, which comes with the base image",
        "layer 2 (COPY b /)",
        "",
    ]
    assert [in_base(image, number) for number in (-1, 0, 1, 2)] == [False, True, False, False]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('/bin/sh -c #(nop)  CMD ["web"]', 'CMD ["web"]'),
        ("/bin/sh -c apt-get  install\tx", "RUN apt-get install x"),
        ("RUN /bin/sh -c make # buildkit", "RUN make"),
        ("RUN |2 UID=10 MODE=x /bin/sh -c make # buildkit", "RUN make"),
        ("COPY . /app # buildkit", "COPY . /app"),
        ("bazel build", "bazel build"),
        ("", ""),
        ("RUN " + "x" * 80, "RUN " + "x" * 55 + "…"),
    ],
)
def test_a_step_reads_as_in_the_dockerfile(written: str, shown: str) -> None:
    assert step(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        f"RUN |1 NPM_TOKEN={TOKEN} /bin/sh -c npm ci",
        f"RUN curl -H 'Authorization: Bearer {TOKEN}' x",
        f"RUN x {TOKEN} y",
    ],
)
def test_a_step_is_shown_without_its_secrets(written: str) -> None:
    assert [hit.redacted for *_, hit in secrets_in(written)] == ["ghp_… (40 characters)"]
    assert TOKEN[4:12] not in step(written)
    assert step(written).startswith("RUN ")


def test_long_lists_are_cut_with_a_count() -> None:
    assert listed("abc", 3) == "a, b, c"
    assert listed("abcd", 3) == "a, b, c, d"
    assert listed("abcde", 3) == "a, b, c and 2 more"


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (12_345_678, "12 MB"), (1_400_000_000, "1.4 GB")],
)
def test_amounts(size: int, shown: str) -> None:
    assert amount(size) == shown
