"""One measured number, the table of them, and the file they are kept in."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results" / "latest.json"


@dataclass
class Record:
    """`ratio` says how many times better than the peer ours is; for times that is peer / ours."""

    name: str
    ours: float
    peer: float | None
    peer_name: str
    unit: str
    target: float | None
    runs: int
    load: float = field(default_factory=lambda: round(os.getloadavg()[0], 2))
    ratio: float | None = None

    def __post_init__(self) -> None:
        self.ours = round(self.ours, 4)
        if self.peer is not None:
            self.peer = round(self.peer, 4)
            self.ratio = round(self.peer / self.ours, 2) if self.ours else None


def show(records: list[Record]) -> str:
    """The records as a table of text."""
    lines = [f"{'what':38}{'ours':>10}{'peer':>10} unit{'ratio':>8}{'target':>8}  peer is"]
    for record in records:
        peer = "" if record.peer is None else f"{record.peer:.2f}"
        ratio = "" if record.ratio is None else f"{record.ratio:.2f}"
        target = "" if record.target is None else f"{record.target:g}"
        lines.append(
            f"{record.name:38}{record.ours:10.2f}{peer:>10} {record.unit:4}{ratio:>8}{target:>8}"
            f"  {record.peer_name}"
        )
    return "\n".join(lines)


def write(records: list[Record], path: Path = RESULTS, keep: bool = False) -> None:
    """Write the rows; with `keep` those of other measurements that are in the file stay."""
    names = ("name", "ours", "peer", "peer_name", "unit", "ratio", "target", "load", "runs")
    rows = [{name: asdict(record)[name] for name in names} for record in records]
    if keep and path.is_file():
        measured = {row["name"] for row in rows}
        before = json.loads(path.read_text("utf-8"))
        rows = [row for row in before if row["name"] not in measured] + rows
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
