"""Files that say what an environment needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from imjoy.envs.spec import EnvSpec
from imjoy.envs.spec_files import read_spec_file
from imjoy.errors import EnvError


def spec_of(path: Path) -> EnvSpec:
    return EnvSpec.parse(*read_spec_file(path))


def test_lists_may_name_further_lists(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "requirements.txt").write_text("six  # old\n-r sub/more.txt\n")
    (tmp_path / "sub/more.txt").write_text("tqdm\n--requirement=last.txt\n")
    (tmp_path / "sub/last.txt").write_text("attrs==23.1 --hash=sha256:12\n")
    assert spec_of(tmp_path / "requirements.txt").packages == ("six", "tqdm", "attrs==23.1")
    environment = "dependencies:\n- python=3.9\n- pip:\n  - zarr\n  - -r requirements.txt\n"
    (tmp_path / "environment.yml").write_text(environment)
    spec = spec_of(tmp_path / "environment.yml")
    assert spec.packages == ("zarr", "six", "tqdm", "attrs==23.1")
    assert spec.python == "3.9"


@pytest.mark.parametrize("name", ["requirements.txt", "/etc/hostname", "../other.txt", "no.txt"])
def test_lists_elsewhere_or_in_a_circle_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"-r {name}\n")
    with pytest.raises(EnvError) as caught:
        spec_of(tmp_path / "requirements.txt")
    assert ".txt" in caught.value.cause


def test_a_project_and_a_script(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\nrequires-python = ">=3.9"\ndependencies = ["six"]\n'
    )
    (tmp_path / "s.py").write_text('# /// script\n# dependencies = ["six"]\n# ///\n')
    project, script = spec_of(tmp_path / "pyproject.toml"), spec_of(tmp_path / "s.py")
    assert (project.python, project.packages) == (">=3.9", ("six",))
    assert (script.python, script.packages) == (None, ("six",))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yml", "dependencies: 5", "no list of dependencies"),
        ("a.yml", "a: [", "cannot be read"),
        ("pyproject.toml", "[tool.x]\n", "[project]"),
        ("a.txt", "-e .", "line 1"),
        ("a.doc", "six", "known kinds"),
    ],
)
def test_other_files_are_refused_with_the_reason(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(EnvError) as caught:
        spec_of(tmp_path / name)
    assert says in caught.value.cause and caught.value.remedy


def test_no_more_is_read_than_such_files_have(tmp_path: Path) -> None:
    endless = tmp_path / "endless.txt"
    endless.symlink_to("/dev/zero")
    with pytest.raises(EnvError, match="too large"):
        read_spec_file(endless)
