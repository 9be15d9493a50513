"""Setup says in plain words why it stopped and what helps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import node_tools
import setup_env

SCRIPTS = Path(setup_env.__file__).parent


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("npm error code ENOSPC", "disk is full"),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN", "NODE_EXTRA_CA_CERTS"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))", "PIP_CERT"),
        ("npm error code EAI_AGAIN", "network connection"),
        ("Temporary failure in name resolution, failed to resolve", "network connection"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one"),
    ],
)
def test_the_reason_is_plain(output: str, words: str) -> None:
    assert words in setup_env.explain(output)


def test_an_unknown_reason_is_shown_whole() -> None:
    assert setup_env.explain("first\nsomething odd\n").endswith("first\nsomething odd")


def test_a_python_without_ensurepip_names_debians_package(tmp_path: Path) -> None:
    """As on Debian and Ubuntu without the package that holds it, for a user who is not root."""
    (tmp_path / "ensurepip.py").write_text("raise ImportError('not here')\n", "utf-8")
    code = (
        "import os, setup_env\n"
        "from pathlib import Path\n"
        "os.geteuid = lambda: 1000\n"
        f"setup_env.VENV = Path({str(tmp_path / 'venv')!r})\n"
        "try:\n"
        "    setup_env.create_environment()\n"
        "except setup_env.SetupProblem as problem:\n"
        "    print(problem)\n"
    )
    paths = os.pathsep.join([str(tmp_path), str(SCRIPTS)])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    name = "python{}.{}-venv".format(*sys.version_info[:2])
    assert f"sudo apt-get install {name}" in done.stdout, done.stderr


def test_node_trusts_what_the_machine_trusts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODE_USE_SYSTEM_CA", raising=False)
    tools = node_tools.NodeTools("/somewhere/bin/node", ("npm",))
    assert tools.environment()["NODE_USE_SYSTEM_CA"] == "1"
    monkeypatch.setenv("NODE_USE_SYSTEM_CA", "0")
    assert tools.environment()["NODE_USE_SYSTEM_CA"] == "0"
