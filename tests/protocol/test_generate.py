"""The generated files are those of the model, and `--check` notices when they are not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "protocol/generate.py"


@pytest.fixture
def generate():
    spec = importlib.util.spec_from_file_location("generate", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_files_are_up_to_date(generate):
    assert generate.main(["--check"]) == 0


def test_check_notices_a_change_and_writes_nothing(generate, tmp_path, monkeypatch, capsys):
    path = tmp_path / "messages.py"
    path.write_text(generate.PYTHON.read_text().replace("1_000_000", "1_000_001"))
    before = path.read_text()
    monkeypatch.setattr(generate, "PYTHON", path)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    (tmp_path / "protocol").mkdir()
    for name in ("model.json", "manifest.schema.json"):
        (tmp_path / "protocol" / name).write_text((SCRIPT.parent / name).read_text())
    assert generate.main(["--check"]) == 1
    assert "messages.py differs" in capsys.readouterr().err
    assert path.read_text() == before


def test_a_missing_file_differs(generate, tmp_path):
    assert not generate.same(tmp_path / "none.py", "")
