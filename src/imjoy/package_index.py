"""What all who deal with Python packages share: where they come from, and how names are compared."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

PYPI = "https://pypi.org/simple"
FILES_OF_PYPI = "files.pythonhosted.org"
# Those of uv first, as it makes the environments.
VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")


def configured_index(environment: Mapping[str, str] = os.environ) -> str:
    """The address of the package index, which may have a password in it."""
    return next((environment[name] for name in VARIABLES if environment.get(name)), PYPI)


def plain_name(name: str) -> str:
    """A name of a package in the form in which equal ones are equal, `scikit-image` (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
