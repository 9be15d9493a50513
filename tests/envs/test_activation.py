"""Variables of conda packages, from scripts that end and scripts that do not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from imjoy.envs import activation


def test_a_script_that_does_not_end_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / activation.SCRIPTS / "slow.sh"
    script.parent.mkdir(parents=True)
    script.write_text("export LATE=1\nsleep 600\n")
    monkeypatch.setattr(activation, "SECONDS", 0.2)
    assert asyncio.run(activation.activation_variables(tmp_path, tmp_path)) == {}
    assert "slow.sh" in caplog.text and "variables" in caplog.text
