"""Which conda channels are searched."""

from __future__ import annotations

from pathlib import Path

from imjoy.envs.channels import all_channels, configured_channels


def test_the_variable() -> None:
    assert configured_channels({}) == ()
    text = "file:///lab bioconda,conda-forge"
    assert configured_channels({"IMJOY_CONDA_CHANNELS": text}) == (
        "file:///lab", "bioconda", "conda-forge",
    )  # fmt: skip


def test_those_named_come_first(tmp_path: Path) -> None:
    assert all_channels((), (), tmp_path) == ("conda-forge",)
    assert all_channels(("pytorch", "defaults"), (), tmp_path) == ("pytorch", "conda-forge")
    (tmp_path / ".condarc").write_text("channels: [https://conda.lab/own, bioconda]\n")
    assert all_channels((), (), tmp_path) == ("https://conda.lab/own", "bioconda")
    assert all_channels(("bioconda",), ("mine",), tmp_path) == ("bioconda", "mine")
    (tmp_path / ".condarc").write_text("channels: [")
    assert all_channels((), (), tmp_path) == ("conda-forge",)
