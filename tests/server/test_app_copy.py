"""Writing a copy of the web app: complete, checked, and whole at every moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from server_harness import make_app

import imjoy
from imjoy.server import app_copy
from imjoy.server.app_copy import CopyError, write_copy
from imjoy.server.app_files import COPY_NAME, LIST_NAME, check_copy, files_below


def test_all_files_arrive_and_progress_is_told(tmp_path: Path) -> None:
    app = make_app(tmp_path / "app")
    told: list[tuple[int, int, int, int]] = []
    copy = write_copy(app, tmp_path, lambda *numbers: told.append(numbers))
    check_copy(copy)
    names = files_below(app)
    assert files_below(copy) == sorted([*names, LIST_NAME])
    total = sum((app / name).stat().st_size for name in names)
    assert told[-1] == (len(names), len(names), total, total)
    assert told == sorted(told, key=lambda numbers: numbers[2])


def test_a_second_copy_replaces_the_first_and_leaves_nothing(tmp_path: Path) -> None:
    app = make_app(tmp_path / "app")
    write_copy(app, tmp_path, lambda *_: None)
    (app / "sw.js").write_text("// newer")
    copy = write_copy(app, tmp_path, lambda *_: None)
    check_copy(copy)
    assert (copy / "sw.js").read_text() == "// newer"
    assert sorted(path.name for path in tmp_path.iterdir()) == [COPY_NAME, "app"]


def test_replacing_works_without_a_swap_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_copy, "_exchange", lambda *_: False)
    test_a_second_copy_replaces_the_first_and_leaves_nothing(tmp_path)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / COPY_NAME).mkdir()
    (tmp_path / COPY_NAME / "thesis.txt").write_text("precious")
    with pytest.raises(CopyError, match="in the way"):
        write_copy(make_app(tmp_path / "app"), tmp_path, lambda *_: None)
    assert (tmp_path / COPY_NAME / "thesis.txt").read_text() == "precious"


def test_a_damaged_package_is_not_copied(tmp_path: Path) -> None:
    app = write_copy(make_app(tmp_path / "app"), tmp_path, lambda *_: None)
    (app / "sw.js").write_text("other")
    (tmp_path / "here").mkdir()
    with pytest.raises(CopyError, match="sw.js is damaged"):
        write_copy(app, tmp_path / "here", lambda *_: None)
    assert list((tmp_path / "here").iterdir()) == []


def test_a_full_disk_is_a_plain_error_and_keeps_the_old_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(tmp_path / "app")
    copy = write_copy(app, tmp_path, lambda *_: None)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(CopyError, match="No space left on device.*try again"):
            write_copy(app, tmp_path, lambda *_: None)
    check_copy(copy)
    assert sorted(path.name for path in tmp_path.iterdir()) == [COPY_NAME, "app"]


SOURCES = str(Path(imjoy.__file__).parents[1])
SLOW_COPY = """
import sys, time
from pathlib import Path
from imjoy.server import app_copy
app_copy._CHUNK = 4096
def slowly(*numbers):
    print(*numbers, flush=True)
    time.sleep(0.002)
while True:
    app_copy.write_copy(Path(sys.argv[1]), Path(sys.argv[2]), slowly)
"""


def test_killed_at_any_moment_there_is_the_old_or_the_new_copy(tmp_path: Path) -> None:
    app = make_app(tmp_path / "app")
    (app / "large.bin").write_bytes(os.urandom(100_000))
    here = tmp_path / "here"
    here.mkdir()
    write_copy(app, here, lambda *_: None)
    for number in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", SLOW_COPY, str(app), str(here)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": SOURCES},
        )
        assert child.stdout is not None and child.stdout.readline()
        time.sleep(0.013 * number)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        check_copy(here / COPY_NAME)


def test_what_a_killed_run_left_is_taken_away_later(tmp_path: Path) -> None:
    left = tmp_path / f".{COPY_NAME}.abc"
    left.mkdir()
    app = make_app(tmp_path / "app")
    write_copy(app, tmp_path, lambda *_: None)
    assert left.exists()  # it may belong to a run that is under way
    os.utime(left, (1, 1))
    write_copy(app, tmp_path, lambda *_: None)
    assert not left.exists()
