"""Conda commands of old plugins."""

from __future__ import annotations

import pytest

from imjoy.envs.conda_words import read_conda_words, read_python_version
from imjoy.errors import EnvError


def test_python_packages_and_channels() -> None:
    words = read_conda_words(
        "-n cells -y python=3.9 numpy=1.21 pytorch>=1 'six 1.15' bioconda::bedtools=2 -c pytorch pip",
        "",
    )
    assert words.python == "3.9"
    assert [(package.spec, package.pip) for package in words.packages] == [
        ("numpy=1.21", "numpy==1.21.*"),
        ("pytorch>=1", "torch>=1"),
        ("six 1.15", "six==1.15.*"),
        ("bedtools=2", None),
    ]
    assert words.channels == ["bioconda", "pytorch"]
    assert words.notes == []


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("", None),
        ("=3.9", "3.9"),
        ("==3.9.1", "3.9.1"),
        ("=3.9.*", "3.9"),
        ("=3", "3"),
        (">=3.8", ">=3.8"),
        (">=3.8,<3.11", ">=3.8,<3.11"),
        ("=3.6", "3.7"),
        ("=3.6.8", "3.7"),
    ],
)
def test_python_versions(version: str, expected: str | None) -> None:
    assert read_python_version(version, "")[0] == expected


def test_an_old_python_leaves_a_note() -> None:
    assert "3.6" in read_python_version("=3.6", "")[1][0]


def test_python_2_is_refused() -> None:
    with pytest.raises(EnvError) as caught:
        read_conda_words("-n old python=2.7", "conda create -n old python=2.7")
    assert caught.value.code == "env.python"


@pytest.mark.parametrize("text", ["--file x", "'numpy", "python=abc", "-c $(sh)", "numpy;rm", "-c"])
def test_refused(text: str) -> None:
    with pytest.raises(EnvError) as caught:
        read_conda_words(text, text)
    assert caught.value.code == "env.requirement"
