"""Reads a Kustomize overlay as what it builds: the objects that are deployed.

Every kustomization of a target is built. One that another builds on gives nothing of its own, since it is `consumed`
there, and so are the files of its resources and patches.
"""

from __future__ import annotations

from batten.formats.interface import ReadContext, Reading
from batten.formats.kubernetes.reader import read_objects
from batten.formats.kustomize.build import build
from batten.formats.kustomize.document import BuiltDocument
from batten.formats.kustomize.errors import BuildError
from batten.formats.kustomize.load import kind_of
from batten.formats.part import as_text
from batten.model.source import File, Problem, Unreadable


def read(file: File, context: ReadContext) -> Reading:
    """The nouns of what it builds; a severe problem where it cannot be built."""
    try:
        kind = kind_of(file)
        if not kind:
            return Reading(recognised=False)  # of another tool
        if kind == "Component":
            return Reading()  # changes the objects of the kustomizations that name it
        built = build(file.directory, context.files, _is_definition)
    except BuildError as error:
        return Reading(problems=[_problem(file, error)])
    except Unreadable as error:
        return Reading(problems=[_problem(file, BuildError(error.message))])
    documents = [BuiltDocument(file, index, one) for index, one in enumerate(built.objects)]
    reading = read_objects(file, documents, context)
    for document in documents:
        if "tekton.dev/" in as_text(document.value.get("apiVersion")):
            from batten.formats.pipelines.tekton import nouns_of

            reading.nouns += nouns_of(document, file, reading.problems)
    reading.problems += built.notes
    reading.consumed = [path for path in built.read if path != file.path]
    return reading


def _is_definition(text: str) -> bool:
    """Definitions of custom resources are most of the bytes of a repository, and nothing in them is judged."""
    return "\nkind: CustomResourceDefinition" in text or text.startswith("kind: CustomResourceDefinition")


def _problem(file: File, error: BuildError) -> Problem:
    """Told where it stands: what a base cannot do is one problem, however many overlays build on it."""
    path, line = file.path, None
    if error.place is not None:
        location = error.place.location()
        path, line = location.path, location.line
    command = f"kustomize build {error.options}. | batten scan -"
    return Problem(path, f"cannot be built: {error.message}; to have it judged, in its folder: {command}", line)
