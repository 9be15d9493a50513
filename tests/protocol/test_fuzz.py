"""A fuzzer that sees which lines its bytes reach finds nothing but the errors that are meant."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from imjoy.protocol import messages
from imjoy.protocol.frame import Frame
from imjoy.protocol.stream import pack
from protocol.vectors import load

SCRIPT = Path(__file__).with_name("fuzz_decoders.py")
SECONDS = 20


def seeds(target: str) -> list[bytes]:
    """Bytes to begin with."""
    if target == "values":
        bodies = [str(case["body"]) for case in load("values.json")]
        return [bytes([body.count('"b":') % 4]) + body.encode() for body in bodies]
    if target == "stream":
        frame = Frame(messages.result("0" * 32, "a" * 32, "b" * 32), "[1]", [b"bytes", b""])
        return [b"".join(map(bytes, pack(frame))), b"IMJN" + bytes(12)]
    return [b"\x81\x85\0\0\0\0hello", b"\x02\x82\0\0\0\0ab\x80\x81\0\0\0\0c", b"\x88\x80\0\0\0\0"]


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="there is no atheris")
@pytest.mark.parametrize("target", ["values", "stream", "websocket"])
def test_nothing_but_errors_that_are_meant(target: str, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds(target)):
        (corpus / str(number)).write_bytes(seed)
    command = [sys.executable, str(SCRIPT), target, str(SECONDS)]
    command += [f"-artifact_prefix={tmp_path}/", str(corpus)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = [path.read_bytes() for path in tmp_path.glob("crash-*")]
    assert done.returncode == 0, (found, done.stderr[-3000:])
