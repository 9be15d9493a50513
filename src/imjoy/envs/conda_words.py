"""Reads conda commands of old plugins: the Python version and packages that PyPI has as well."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

from imjoy.envs.failures import requirement_error

# fmt: off
SAME_ON_PYPI = frozenset({
    "dask", "h5py", "imageio", "imagecodecs", "joblib", "keras", "matplotlib", "networkx",
    "numba", "numexpr", "numpy", "pandas", "pillow", "psutil", "pyyaml", "requests", "scikit-image",
    "scikit-learn", "scipy", "seaborn", "six", "sympy", "tensorflow", "tifffile",
    "tqdm", "xarray", "zarr",
})
# fmt: on
OTHER_ON_PYPI = {
    "matplotlib-base": "matplotlib",
    "opencv": "opencv-python-headless",
    "py-opencv": "opencv-python-headless",
    "pytorch": "torch",
}
LEFT_OUT = frozenset({"pip", "setuptools", "wheel"})
FLAGS = frozenset({"-y", "--yes", "-q", "--quiet", "--force", "--override-channels"})
OLDEST = (3, 7)
PACKAGE = re.compile(
    r"(?:(?P<channel>[\w./-]+)::)?(?P<name>[A-Za-z0-9_.-]+)(?P<version>[ =<>!~].*)?"
)
REMEDY = 'Ask for packages from PyPI instead, for example "pip: numpy".'


@dataclass
class CondaWords:
    """What a conda command asks for: a Python version, packages (as written) and their PyPI form."""

    python: str | None = None
    packages: list[str] = field(default_factory=list)
    conda: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_conda_words(text: str, written: str) -> CondaWords:
    """Read the words after `conda create`, `conda install` or `conda:`. Raises EnvError."""
    try:
        words = iter(shlex.split(text))
    except ValueError as exc:
        raise requirement_error(written, "A quotation mark is not closed.", REMEDY) from exc
    result = CondaWords()
    for word in words:
        if word in ("-n", "--name", "-c", "--channel", "-p", "--prefix"):
            next(words, None)
        elif word.startswith("-"):
            if word not in FLAGS:
                cause = f'The option "{word}" of conda is not supported.'
                raise requirement_error(written, cause, "Remove it.")
        else:
            _read_package(word, written, result)
    return result


def _read_package(word: str, written: str, result: CondaWords) -> None:
    match = PACKAGE.fullmatch(word)
    if match is None:
        raise requirement_error(written, f'"{word}" is not a conda package.', REMEDY)
    name, version = match["name"].lower(), (match["version"] or "").replace(" ", "")
    if name == "python":
        result.python, notes = read_python_version(version, written)
        result.notes += notes
        return
    if name in LEFT_OUT:
        return
    pypi = OTHER_ON_PYPI.get(name, name if name in SAME_ON_PYPI else None)
    if pypi is None or match["channel"] not in (None, "conda-forge", "defaults", "anaconda"):
        cause = f'"{word}" is a conda package, and conda packages are not available yet.'
        raise requirement_error(written, cause, REMEDY)
    result.conda.append(word)
    result.packages.append(pypi + _pip_version(version))
    result.notes.append(f'The conda package "{name}" is taken from PyPI as "{pypi}".')


def _pip_version(version: str) -> str:
    """Turn conda's `=1.2` (any 1.2) and `=1.2=build` into pip's `==1.2.*`."""
    fuzzy = re.fullmatch(r"=([^=<>!~*,|]+?)(?:\.?\*)?(?:=[^=]+)?", version)
    if fuzzy:
        return f"=={fuzzy[1]}.*"
    return "" if version in ("", "=*", "==*") else version


def read_python_version(version: str, written: str) -> tuple[str | None, list[str]]:
    """Check a Python version such as `=3.9`, `3.9.*` or `>=3.8`; raises EnvError for Python 2."""
    plain = version.lstrip("=").split("=")[0].removesuffix(".*").removesuffix("*").rstrip(".")
    if not plain:
        return None, []
    if re.fullmatch(r"\d+(\.\d+){0,2}", plain):
        parts = tuple(int(part) for part in plain.split("."))
        if parts[0] < 3:
            raise requirement_error(
                written,
                f"It asks for Python {plain}, which no longer exists for plugins.",
                "Ask the author for a version for Python 3.",
                code="env.python",
            )
        if len(parts) > 1 and parts < OLDEST:
            note = f"Python {plain} was asked for; 3.7, the oldest that plugins run in, is used."
            return "3.7", [note]
        return plain, []
    if not re.fullmatch(r"(?:[<>]=?|[!=]=|~=)\d[\d.]*(?:,(?:[<>]=?|[!=]=|~=)\d[\d.]*)*", version):
        cause = f'The Python version "{version}" is not understood.'
        raise requirement_error(written, cause, 'Write it like "python=3.9".')
    return version, []
