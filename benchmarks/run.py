"""`make bench`: measures, prints a table, writes benchmarks/results/latest.json."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

import bench_browser  # noqa: E402
import bench_envs  # noqa: E402
import bench_page  # noqa: E402
import bench_plugins  # noqa: E402
import bench_ports  # noqa: E402
import bench_start  # noqa: E402
import bench_wire  # noqa: E402
import bench_workers  # noqa: E402
import records  # noqa: E402

import build_web  # noqa: E402
import setup_env  # noqa: E402


def main(arguments: list[str]) -> int:
    """Run the parts that are named (start, browser, ports, page, wire, plugins, envs, workers), or all.

    A part that is measured alone replaces its own rows in the file of results.
    """
    build_web.ensure(ROOT)
    browser = setup_env.find_browser()
    assert browser is not None, "There is no Chromium; run `make setup`."
    parts = {
        "start": lambda: bench_start.measure(browser),
        "browser": lambda: bench_browser.measure(browser),
        "ports": lambda: bench_ports.measure(browser),
        "page": lambda: bench_page.measure(browser),
        "wire": bench_wire.measure,
        "plugins": lambda: bench_plugins.measure(browser),
        "envs": bench_envs.measure,
        "workers": bench_workers.measure,
    }
    found: list[records.Record] = []
    for name, measure in parts.items():
        if not arguments or name in arguments:
            print(f"Measuring: {name} ...", flush=True)
            found += measure()
    print(f"\nLoad {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors\n")
    print(records.show(found))
    records.write(found, keep=bool(arguments))
    print(f"\n{records.RESULTS.relative_to(ROOT)} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
