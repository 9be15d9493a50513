"""Packages and outputs made to do harm while an environment is made."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import psutil
import pytest

from imjoy.envs.children import ERRORS_KEPT, run_by_lines, run_quietly
from imjoy.envs.spec import EnvSpec
from imjoy.envs.store import EnvStore
from imjoy.errors import EnvError

from .conftest import LocalIndex

METADATA = "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"


def wheel(entries: dict[str, tuple[str, int]]) -> bytes:
    """A wheel with these further files, given as content and mode."""
    info = "evil-1.0.dist-info"
    files = {
        "evil.py": ("", 0o100644),
        f"{info}/METADATA": (METADATA, 0o100644),
        f"{info}/WHEEL": (
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            0o100644,
        ),
        f"{info}/RECORD": ("", 0o100644),
        **entries,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, (text, mode) in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, text)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "entries",
    [
        {"../../../../../../escaped": ("x", 0o100644)},
        {"/tmp/imjoy-escaped": ("x", 0o100644)},
        {"evil-1.0.data/scripts/../../../../../escaped": ("x", 0o100755)},
        {"evil-1.0.data/data/../../../../escaped": ("x", 0o100644)},
        {"link": ("/etc", 0o120777), "link/escaped": ("x", 0o100644)},
    ],
    ids=["up", "absolute", "script", "data", "link"],
)
def test_a_wheel_cannot_write_outside_of_its_environment(
    index: LocalIndex, home: Path, entries: dict[str, Any]
) -> None:
    index.add_file("evil", "evil-1.0-py3-none-any.whl", wheel(entries))
    try:
        made = asyncio.run(EnvStore(home).ensure(EnvSpec(packages=("evil",))))
    except EnvError as error:
        assert error.remedy
        assert os.listdir(home / "envs") == []
    else:
        outside = [path for path in home.rglob("escaped") if made.key not in path.parts]
        assert [path for path in outside if "cache" not in path.parts] == []
        assert not (made.python.parents[1] / "bin" / "link").exists()
    assert not Path("/tmp/imjoy-escaped").exists() and not Path("/etc/escaped").exists()
    assert not list(home.parent.glob("escaped")) and not list(home.parent.parent.glob("escaped"))


@pytest.mark.parametrize("kind", ["up", "link"])
def test_a_conda_package_cannot_write_outside_of_its_environment(
    home: Path, tmp_path: Path, kind: str
) -> None:
    from conda_channel import SUBDIR, Package, index

    folder = tmp_path / "channel"
    (folder / "noarch").mkdir(parents=True)
    (folder / SUBDIR).mkdir()
    target = tmp_path / "outside"
    target.mkdir()
    files: dict[str, Any] = {
        "up": {"../../../../outside/escaped": b"x"},
        "link": {"share/link": target, "share/link/escaped": b"x"},
    }[kind]
    Package("python", "3.11.7", files).write(folder)
    index(folder)
    store = EnvStore(home, [folder.as_uri()])
    with pytest.raises(EnvError) as caught:
        asyncio.run(store.ensure(store.parse("conda create python=3.11.7", "conda: python-evil")))
    assert caught.value.remedy
    with pytest.raises(EnvError):
        asyncio.run(store.ensure(EnvSpec(python="3.11.7", conda=("python",))))
    assert list(target.iterdir()) == []
    assert os.listdir(home / "envs") == []


def test_endless_output_is_bounded(tmp_path: Path) -> None:
    code = "import os\nwhile True: os.write({0}, b'x' * 65536)"
    process = psutil.Process()

    async def flood(number: int) -> None:
        command = [sys.executable, "-c", code.format(number)]
        lines: list[int] = []
        work = run_by_lines(
            command, dict(os.environ), tmp_path, "", lambda line: lines.append(len(line)), (), 1000
        )
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(work, 1.5)
        assert all(length <= 1000 + 65536 for length in lines)

    before = process.memory_info().rss
    for number in (1, 2):
        asyncio.run(flood(number))
    assert process.memory_info().rss - before < 60 << 20


def test_the_end_of_what_was_said_is_kept(tmp_path: Path) -> None:
    code = "import sys; sys.stderr.write('x' * 300_000 + 'the end'); sys.exit(3)"
    status, _, errors = asyncio.run(
        run_quietly([sys.executable, "-c", code], dict(os.environ), tmp_path)
    )
    assert status == 3 and errors.endswith("xthe end") and len(errors) <= ERRORS_KEPT


@pytest.mark.parametrize("text", ["a" * 100_000, "pip: " + "a" * 5000, "conda: " + "a-" * 5000])
def test_requirements_of_absurd_length_are_refused_at_once(text: str) -> None:
    with pytest.raises(EnvError) as caught:
        EnvSpec.parse(None, [text])
    assert caught.value.code == "env.requirement"
    assert len(str(caught.value)) < 1000


def test_requirements_of_absurd_number_are_refused_at_once() -> None:
    with pytest.raises(EnvError) as caught:
        EnvSpec.parse(None, ["numpy"] * 100_000)
    assert caught.value.code == "env.requirement" and "1000" in caught.value.cause


def test_what_an_index_says_about_a_long_name_is_understood(index: LocalIndex, home: Path) -> None:
    with pytest.raises(EnvError) as caught:
        asyncio.run(EnvStore(home).ensure(EnvSpec(packages=("a" * 3500,))))
    assert caught.value.code == "env.not_found"
