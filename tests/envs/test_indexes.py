"""The index of the files of a lock."""

from __future__ import annotations

import pytest
import tomllib

from imjoy.envs.failures import FILES_OF_PYPI
from imjoy.envs.indexes import with_indexes

LOCK = """lock-version = "1.0"

[[packages]]
name = "tool"
version = "1.0"
{files}
"""
WHEELS = 'wheels = [{{ url = "{}" }}]'


@pytest.mark.parametrize(
    ("url", "chosen", "index"),
    [
        (f"https://{FILES_OF_PYPI}/a/t.whl", {}, "https://pypi.org/simple"),
        (
            "https://h.example:8/files/t.whl",
            {"UV_DEFAULT_INDEX": "https://user:secret@h.example:8/all/+simple"},
            "https://h.example:8/all/+simple",
        ),
        (
            f"https://{FILES_OF_PYPI}/a/t.whl",
            {"UV_INDEX_URL": "https://h.example/simple"},
            f"https://{FILES_OF_PYPI}/simple",
        ),
        ("https://user:secret@other.example/t.whl", {}, "https://other.example/simple"),
        ("file:///folder/t.whl", {}, None),
    ],
)
def test_the_index_of_a_wheel(url: str, chosen: dict[str, str], index: str | None) -> None:
    text = with_indexes(LOCK.format(files=WHEELS.format(url)), chosen)
    assert tomllib.loads(text)["packages"][0].get("index") == index


def test_packages_of_git_have_none() -> None:
    files = 'vcs = { type = "git", url = "https://h/t.git", commit-id = "12" }'
    text = LOCK.format(files=files)
    assert with_indexes(text, {}) == text
