"""Causes and remedies for what uv says (texts as uv 0.13 writes them)."""

from __future__ import annotations

import errno

import pytest

from imjoy.envs.failures import os_failure, redact, without_secrets
from imjoy.envs.uv_failures import uv_failure

NO_SOLUTION = "error: No solution found when resolving dependencies\n  cause: "
END = " and you require x, we can conclude that your requirements are unsatisfiable."


@pytest.mark.parametrize(
    ("output", "code", "words"),
    [
        (
            f"{NO_SOLUTION}Because nosuch was not found in the package registry{END}",
            "env.not_found",
            ['no package named "nosuch"', "spelling"],
        ),
        (
            f"{NO_SOLUTION}Because there is no version of numpy==99{END}",
            "env.not_found",
            ["numpy==99", "another version"],
        ),
        (
            (
                f"{NO_SOLUTION}Because tensorflow==1.15.0 has no wheels with a matching Python ABI tag "
                f"(e.g., `cp311`){END}\nhint: You require CPython 3.11 (`cp311`), but we only found "
                "wheels for `tensorflow` (v1.15.0) with the following Python ABI tags: `cp36m`, `cp37m`"
            ),
            "env.no_wheel",
            ["tensorflow==1.15.0", "Python 3.11", "for Python 3.7: ask"],
        ),
        (
            (
                f"{NO_SOLUTION}Because the current Python version (3.7.16) does not satisfy "
                "Python>=3.10 and scikit-image>=0.25.0 depends on Python>=3.10, we can conclude that "
                "scikit-image>=0.25.0 cannot be used.\n And because you require scikit-image>=0.25, "
                "we can conclude that your requirements are unsatisfiable."
            ),
            "env.no_wheel",
            ["scikit-image", "Python >=3.10"],
        ),
        (
            (
                "error: Git operation failed\n  cause: failed to clone into: /cache/db/8a\n  cause: "
                "process didn't exit successfully: `git fetch` (exit status: 128)\n --- stderr\n"
                " fatal: '/srv/nope' does not appear to be a git repository\n"
                " fatal: Could not read from remote repository."
            ),
            "env.not_found",
            ["'/srv/nope' does not appear to be a git repository.", "branch"],
        ),
        (
            (
                "error: Failed to download and build `six @ git+https://git.example/x.git`\n"
                "  cause: Git operation failed\n --- stderr\n fatal: unable to access "
                "'https://git.example/x.git/': Failed to connect to git.example port 443"
            ),
            "env.network",
            ["host of a git repository", "address"],
        ),
        (
            f"{NO_SOLUTION}Because requests==2.32.0 depends on urllib3>=1.21.1,<3{END}",
            "env.conflict",
            ["contradict", "urllib3"],
        ),
        (
            (
                "error: Request failed after 3 retries in 12.1s\n"
                "  cause: Failed to fetch: http://u:secret@private.example/simple/six/\n"
                "  cause: tcp connect error\n  cause: Connection refused (os error 111)"
            ),
            "env.network",
            ["cannot be reached", "network"],
        ),
        (
            (
                "error: Failed to download `numpy==2`\n  cause: Network connectivity is disabled, but "
                "the requested data wasn't found in the cache: https://private.example/numpy.whl"
            ),
            "env.network",
            ["cannot be reached"],
        ),
        (
            (
                "error: Failed to install: big.whl\n  cause: failed to copy file\n"
                "  cause: No space left on device (os error 28)"
            ),
            "env.disk",
            ["no space", "Free"],
        ),
        (
            "error: Failed to build `bad==1.0`\n  cause: The build backend returned an error",
            "env.build_failed",
            ["bad", "compiler"],
        ),
        (
            "error: Hash mismatch for `six==1.0`",
            "env.checksum",
            ["six==1.0", "not the one that was chosen"],
        ),
        ("something new", "env.build_failed", ["something new"]),
    ],
)
def test_explanations(output: str, code: str, words: list[str]) -> None:
    error = uv_failure("Finding the packages", output, "3.11.7")
    assert error.code == code
    for word in words:
        assert word in str(error)
    assert error.remedy
    assert error.data is not None
    shown = f"{error} {error.data}"
    assert "secret" not in shown
    assert "private.example" not in shown


def test_the_detail_is_the_end_of_the_output() -> None:
    error = uv_failure("x", "\n".join(f"line {n}" for n in range(100)), "3.11")
    assert error.data is not None
    assert error.data["detail"].splitlines() == [f"line {n}" for n in range(80, 100)]


def test_addresses_of_private_indexes_are_hidden() -> None:
    text = "fetch https://me:pw@pypi.corp.example:8443/simple/ at pypi.corp.example now"
    assert redact(text) == "fetch (a private address) at (a private address) now"
    assert redact("https://pypi.org/simple/six/") == "https://pypi.org/simple/six/"


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "env.disk"), (errno.EACCES, "env.folder")]
)
def test_file_errors(number: int, code: str) -> None:
    assert os_failure("x", OSError(number, "text")).code == code


def test_addresses_are_shown_without_their_secrets() -> None:
    text = "fatal: repository 'https://me:p@ss@git.example/a/b.git?token=abc' not found"
    assert without_secrets(text) == "fatal: repository 'https://git.example/a/b.git' not found"
    for plain in ("file:///srv/code", "git@git.example:a/b.git", "Is it there?Yes."):
        assert without_secrets(plain) == plain
