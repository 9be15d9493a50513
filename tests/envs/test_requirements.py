"""Requirements as plugins write them."""

from __future__ import annotations

import pytest

from imjoy.envs.requirements import read_pip_words
from imjoy.errors import EnvError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numpy", ["numpy"]),
        ("numpy scipy==1.10", ["numpy", "scipy==1.10"]),
        ("numpy >= 1.20", ["numpy>=1.20"]),
        ("numpy >= 1.20, <2 six", ["numpy>=1.20,<2", "six"]),
        ("'tensorflow<2' -U keras", ["tensorflow<2", "keras"]),
        ("dask[array]", ["dask[array]"]),
        ('six; python_version < "3.12"', ['six; python_version < "3.12"']),
        ("git+https://github.com/a/b.git@v1#egg=b", ["b @ git+https://github.com/a/b.git@v1"]),
        ("git+https://github.com/a/b.git", ["git+https://github.com/a/b.git"]),
        ("https://host/a-1-py3-none-any.whl", ["https://host/a-1-py3-none-any.whl"]),
        ("b @ https://host/b-1.tar.gz", ["b @ https://host/b-1.tar.gz"]),
    ],
)
def test_forms(text: str, expected: list[str]) -> None:
    assert read_pip_words(text, text) == (expected, False)


def test_prereleases_are_asked_for() -> None:
    assert read_pip_words("--pre six", "") == (["six"], True)


@pytest.mark.parametrize(
    "text",
    [
        "-r /etc/passwd",
        "--index-url=https://evil.example/simple six",
        "six\n--index-url x",
        "https://evil.example/${UV_INDEX_PASSWORD}",
        "numpy=1.2",
        "./folder",
        "/etc/passwd",
        "six; rm -rf /tmp/$HOME",
        "'six",
        "-e .",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(EnvError) as caught:
        read_pip_words(text, text)
    assert caught.value.code == "env.requirement"
    assert caught.value.remedy
