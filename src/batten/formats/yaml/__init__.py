"""YAML files: documents with positions, read as the platform itself reads them, and edited by splices.

>>> for document in read_documents(file, KUBERNETES):
...     if isinstance(document, YamlDocument):
...         document.value["kind"], document.locate(("kind",)), document.splices([Set(("kind",), "Job")])
"""

from batten.formats.yaml.document import YamlDocument, read_documents
from batten.formats.yaml.schema import COMPOSE, KUBERNETES, Schema
from batten.formats.yaml.split import is_template

__all__ = ["COMPOSE", "KUBERNETES", "Schema", "YamlDocument", "is_template", "read_documents"]
