"""Reads conda commands of plugins: the Python version, the packages, and what PyPI has as well."""

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
COMMON_CHANNELS = frozenset({"conda-forge", "defaults", "anaconda", "main"})
OLDEST = (3, 7)
PACKAGE = re.compile(
    r"(?:(?P<channel>[\w.:/-]+?)::)?(?P<name>[A-Za-z0-9_.-]+)(?P<version>[ =<>!~\[].*)?"
)
CHANNEL = re.compile(r"(?:(?:https?|file)://[^\s$`\"'<>;\\|&]+|[A-Za-z0-9][\w./-]*)")
REMEDY = 'Write it like "conda: numpy=1.26 openjdk -c conda-forge".'


@dataclass(frozen=True)
class CondaPackage:
    """A package as conda takes it, and the pip requirement for the same thing where there is one."""

    spec: str
    pip: str | None = None


@dataclass
class CondaWords:
    """What a conda command asks for."""

    python: str | None = None
    packages: list[CondaPackage] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_conda_words(text: str, written: str) -> CondaWords:
    """Read the words after `conda create`, `conda install` or `conda:`. Raises EnvError."""
    try:
        words = iter(shlex.split(text))
    except ValueError as exc:
        raise requirement_error(written, "A quotation mark is not closed.", REMEDY) from exc
    result = CondaWords()
    for word in words:
        if word in ("-n", "--name", "-p", "--prefix"):
            next(words, None)  # a label: environments are told apart by what is in them
        elif word in ("-c", "--channel"):
            result.channels.append(read_channel(next(words, ""), written))
        elif word.startswith("-"):
            if word not in FLAGS:
                cause = f'The option "{word}" of conda is not supported.'
                raise requirement_error(written, cause, "Remove it.")
        else:
            read_conda_package(word, written, result)
    return result


def read_channel(name: str, written: str) -> str:
    """Check the name or address of a conda channel. Raises EnvError."""
    if CHANNEL.fullmatch(name) is None:
        cause = f'"{name}" is not a conda channel.'
        raise requirement_error(written, cause, 'Name one like "conda-forge" or its address.')
    return name


def read_conda_package(word: str, written: str, result: CondaWords) -> None:
    """Add one package such as `numpy=1.21` to what was read. Raises EnvError."""
    match = PACKAGE.fullmatch(word.strip())
    if match is None:
        raise requirement_error(written, f'"{word}" is not a conda package.', REMEDY)
    name, version = match["name"].lower(), (match["version"] or "").strip()
    channel = match["channel"]
    if name == "python":
        result.python, notes = read_python_version(version.replace(" ", ""), written)
        result.notes += notes
    elif name not in LEFT_OUT:
        if channel is not None:
            result.channels.append(read_channel(channel, written))
        spaced = f" {version}" if version[:1].isdigit() or version[:1] == "*" else version
        result.packages.append(CondaPackage(f"{name}{spaced}", _on_pypi(name, spaced.strip())))


def _on_pypi(name: str, version: str) -> str | None:
    """The pip requirement for a conda package that PyPI has in the same way."""
    pypi = OTHER_ON_PYPI.get(name, name if name in SAME_ON_PYPI else None)
    if pypi is None or "[" in version or "|" in version:
        return None
    version = re.sub(r"\s+", "", version)
    version = f"={version}" if version[:1].isdigit() else version
    fuzzy = re.fullmatch(r"=([^=<>!~*,|]+?)(?:\.?\*)?(?:=[^=]+)?", version)
    if fuzzy:
        return f"{pypi}=={fuzzy[1]}.*"
    return pypi if version in ("", "=*", "==*", "*") else pypi + version


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
    if not re.fullmatch(r"(?:[<>]=?|[!=]=|~=)\d[\d.*]*(?:,(?:[<>]=?|[!=]=|~=)\d[\d.*]*)*", version):
        cause = f'The Python version "{version}" is not understood.'
        raise requirement_error(written, cause, 'Write it like "python=3.9".')
    return version.replace(".*", ""), []
