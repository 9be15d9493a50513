"""What environment a manifest asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imjoy.envs.repositories import Repository
from imjoy.envs.spec import EnvSpec
from imjoy.errors import EnvError


@pytest.mark.parametrize(
    ("requirements", "packages"),
    [
        (None, ()),
        ("", ()),
        ("numpy", ("numpy",)),
        (["numpy", "pip: six  h5py", "pip:tifffile"], ("numpy", "six", "h5py", "tifffile")),
        (["conda:numpy -c conda-forge"], ("numpy",)),
        (["git+https://host/a.git#egg=a"], ("a @ git+https://host/a.git",)),
        (["cmd: pip install -U six"], ("six",)),
        (["numpy", "numpy"], ("numpy",)),
        (["python>=3.8 six", "python"], ("six",)),
        (["a @ https://host/a.whl"], ("a @ https://host/a.whl",)),
    ],
)
def test_requirements(requirements: Any, packages: tuple[str, ...]) -> None:
    assert EnvSpec.parse(None, requirements).packages == packages


@pytest.mark.parametrize(
    ("requirement", "says"),
    [
        ("repo: https://github.com/a/b ../up", "folder"),
        ("repo: ext::sh -c x", "address"),
        ("repo: --upload-pack=x https://h/b", "address"),
        ("cmd: pip install six | sh", "shell"),
        ("cmd: make > /etc/passwd", "shell"),
        ("cmd: echo $HOME", "shell"),
        ("cmd: CC=gcc make", "variable"),
        ("cmd: pip install -r ../../etc/passwd", "inside"),
        ("npm: left-pad", "npm:"),
        (5, "text"),
    ],
)
def test_refused_requirements_name_form_and_remedy(requirement: Any, says: str) -> None:
    with pytest.raises(EnvError, match=r".") as caught:
        EnvSpec.parse(None, [requirement])
    assert caught.value.code == "env.requirement"
    assert says in str(caught.value)
    assert str(requirement)[:10] in caught.value.cause and caught.value.remedy


def test_repositories_and_commands() -> None:
    spec = EnvSpec.parse(
        None,
        [
            "repo: https://host/a/b.git",
            "repo:git@host:a/c.git tools/c -b main",
            "cmd: pip install -r b/requirements.txt six",
            "cmd: cd b && python setup.py install",
            "cmd: pip install -e b",
            "cmd: pip uninstall -y numpy",
        ],
    )
    assert spec.repositories == (
        Repository("https://host/a/b.git", "b"),
        Repository("git@host:a/c.git", "tools/c", "main"),
    )
    assert spec.files == ("b/requirements.txt",)
    assert spec.packages == ("six",)
    assert [command.text for command in spec.commands] == [
        "cd b && python setup.py install",
        "pip install -e b",
    ]
    assert spec.commands[0].steps == (("cd", "b"), ("python", "setup.py", "install"))
    assert len(spec.notes) == 2


def test_two_repositories_in_one_folder_contradict() -> None:
    with pytest.raises(EnvError) as caught:
        EnvSpec.parse(None, ["repo: https://host/a/b", "repo: https://other/x/b"])
    assert caught.value.code == "env.conflict"


def test_conda_packages_come_from_pypi_where_they_are_the_same() -> None:
    assert EnvSpec.parse(None, "conda: numpy=1.2").packages == ("numpy==1.2.*",)
    only = EnvSpec.parse("conda create -n x python=3.9 openjdk=8 numpy -c bioconda", "pip: six")
    assert (only.conda, only.channels) == (("openjdk=8", "numpy"), ("bioconda",))
    assert (only.packages, only.python, only.twins) == (("six",), "3.9", ())
    chosen = EnvSpec.parse(None, "conda: numpy", prefer_conda=True)
    assert (chosen.conda, chosen.packages) == (("numpy",), ())
    assert chosen.without_conda().packages == ("numpy",)
    named = EnvSpec.parse(None, "conda: pytorch=1.0 -c pytorch")
    assert (named.conda, named.twins) == (("pytorch=1.0",), ("torch==1.0.*",))


def test_the_lists_of_projects_scripts_and_environments() -> None:
    project = {"requires-python": ">=3.9", "dependencies": ["numpy>=1.20; python_version<'4'"]}
    spec = EnvSpec.parse(None, project)
    assert (spec.python, spec.packages) == (">=3.9", ("numpy>=1.20; python_version<'4'",))
    script = "# /// script\n# requires-python = '>=3.10'\n# dependencies = ['six']\n# ///\nx = 1\n"
    spec = EnvSpec.parse(None, ["tqdm"], script=script)
    assert (spec.python, spec.packages) == (">=3.10", ("tqdm", "six"))
    environment = {
        "name": "x", "channels": ["conda-forge"], "variables": {"A": 1},
        "dependencies": ["python=3.8", "openjdk", {"pip": ["six==1.15"]}],
    }  # fmt: skip
    spec = EnvSpec.parse(environment, None)
    assert (spec.python, spec.conda, spec.packages) == ("3.8", ("openjdk",), ("six==1.15",))
    assert (spec.channels, spec.variables) == (("conda-forge",), (("A", "1"),))


def test_wishes_for_python_are_combined_or_contradict() -> None:
    assert EnvSpec.parse("conda create -n a python=3.9", "conda: python=3.9.1").python == "3.9.1"
    spec = EnvSpec.parse("conda create -n a python=3.9", {"requires-python": ">=3.8"})
    assert spec.python == ">=3.8,==3.9"
    for other in ("python=3.10", "python>=3.10"):
        with pytest.raises(EnvError) as caught:
            EnvSpec.parse("conda create -n a python=3.9", f"conda: '{other}'")
        assert caught.value.code == "env.conflict" and "3.9" in caught.value.cause


def test_files_of_repositories_are_added(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "requirements.txt").write_text("# a list\nsix==1.15  # old\n\ntqdm\n")
    (tmp_path / "b" / "environment.yml").write_text("dependencies: [python=3.9, {pip: [attrs]}]\n")
    spec = EnvSpec.parse(
        "conda env create -f b/environment.yml", "cmd: pip install -r b/requirements.txt"
    )
    assert spec.files == ("b/environment.yml", "b/requirements.txt")
    whole = spec.with_files(tmp_path)
    assert (whole.python, whole.packages) == ("3.9", ("attrs", "six==1.15", "tqdm"))
    (tmp_path / "b" / "requirements.txt").unlink()
    with pytest.raises(EnvError) as caught:
        spec.with_files(tmp_path)
    assert caught.value.code == "env.not_found"


def test_env_strings_and_settings() -> None:
    spec = EnvSpec.parse(
        [
            "conda config --add channels conda-forge",
            "conda create -n x python=3.9 numpy",
            {"type": "variable", "options": {"OMP_NUM_THREADS": 1}},
            {"type": "gputil", "options": {}},
            {"type": "binder", "spec": "a/b"},
        ],
        "six",
    )
    assert spec.python == "3.9"
    assert spec.packages == ("numpy", "six")
    assert spec.variables == (("OMP_NUM_THREADS", "1"),)
    assert len(spec.notes) == 2


@pytest.mark.parametrize("env", ["conda env create -f /x.yml", "curl evil | sh", {"type": "x"}, 3])
def test_refused_env(env: Any) -> None:
    with pytest.raises(EnvError):
        EnvSpec.parse(env, None)


def test_fields_by_tag() -> None:
    env = {"GPU": "conda create -n x python=3.8", "CPU": "conda create -n x python=3.9"}
    requirements = {"GPU": ["a"], "CPU": ["b"]}
    assert EnvSpec.parse(env, requirements, "CPU").python == "3.9"
    assert EnvSpec.parse(env, requirements, "GPU").packages == ("a",)
    assert EnvSpec.parse(env, requirements).packages == ("a",)


def test_the_digest_tells_content_only() -> None:
    one = EnvSpec(packages=("a", "b"), notes=("x",), variables=(("A", "1"),))
    same = EnvSpec(packages=("b", "a"))
    assert one.digest("py") == same.digest("py")
    others = [EnvSpec(packages=("a",)), EnvSpec(python="3.9", packages=("a", "b"))]
    assert len({one.digest("py"), one.digest("other"), *(o.digest("py") for o in others)}) == 4
