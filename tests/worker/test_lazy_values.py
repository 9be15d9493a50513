"""Tables of pandas and pyarrow and arrays of zarr cross by the part that is asked for."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from imjoy.errors import RemoteError

from .harness import RunningWorker, with_worker

SCRIPT = """
    import datetime, decimal
    import numpy as np, pandas as pd, pyarrow as pa, zarr

    count = 1_000_000
    frame = pd.DataFrame({
        "label": np.arange(count),
        "area": np.linspace(0, 1, count, dtype="f4"),
        "name": ["cell %d" % (i % 7) for i in range(count)],
        "seen": pd.Timestamp("2026-01-02 03:04", tz="UTC"),
    })
    frame.loc[1, "name"] = None
    table = pa.table({"a": [1, 2, None], "b": [True, False, True], "c": ["x", "y", "z"]})
    odd = pd.DataFrame({
        "id": pd.array([1, None, 2**60], dtype="Int64"),
        "ratio": [1.0, np.nan, 2.0],
        "took": pd.to_timedelta([1, None, 90], unit="s"),
        "price": [decimal.Decimal("1.10"), None, decimal.Decimal(3)],
    })
    odd = pd.concat([odd, odd[["ratio"]] * 2], axis=1)
    odd["rare"] = pd.arrays.SparseArray([0.0, 0.0, 5.0], fill_value=0.0)
    odd["kind"] = pd.Categorical(["a", None, "b"])
    array = zarr.create_array(
        store={}, shape=(40, 50, 60), chunks=(16, 16, 16), dtype="u2", fill_value=0)
    array[:] = np.arange(40 * 50 * 60).reshape(40, 50, 60)

    api.export({"frame": lambda: frame, "table": lambda: {"inside": table}, "array": lambda: array,
                "odd": lambda: odd})
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("libraries") / "env"
    uv = Path(sys.executable).with_name("uv")
    chosen = str(folder / "bin" / "python")
    for command in (
        ["venv", "-q", "--python", sys.executable, str(folder)],
        ["pip", "install", "-q", "-p", chosen, "pandas", "pyarrow", "zarr"],
    ):
        subprocess.run([str(uv), *command], check=True)
    return chosen


@pytest.mark.slow
@pytest.mark.registry
@pytest.mark.timeout(300)
def test_parts_of_tables_and_arrays(python: str, tmp_path: Path) -> None:
    async def use(worker: RunningWorker) -> None:
        await worker.load(SCRIPT)
        frame = await worker.call("frame")
        assert [one["name"] for one in frame["columns"]] == ["label", "area", "name", "seen"]
        assert frame["columns"][1]["dtype"] == "float32"
        assert frame["rows"] == 1_000_000
        part = await frame["read"](0, 3)
        assert part["label"].tolist() == [0, 1, 2]
        assert part["area"].dtype == np.float32
        assert part["name"] == ["cell 0", None, "cell 2"]
        assert part["seen"][0] == datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.timezone.utc)
        last = await frame["read"](999_990, None, ["label"])
        assert list(last) == ["label"]
        assert last["label"].tolist() == list(range(999_990, 1_000_000))
        with pytest.raises(RemoteError, match="no column 'size'"):
            await frame["read"](0, 1, ["size"])

        table = (await worker.call("table"))["inside"]
        assert table["rows"] == 3
        assert await table["read"]() == {
            "a": [1, 2, None],
            "b": pytest.approx([True, False, True]),
            "c": ["x", "y", "z"],
        }

        odd = await worker.call("odd")
        assert [one["name"] for one in odd["columns"]] == [
            "id",
            "ratio",
            "took",
            "price",
            "ratio (2)",
            "rare",
            "kind",
        ]
        part = await odd["read"](1)
        assert part["id"] == [None, 2**60]
        assert part["price"] == [None, "3"]
        assert part["took"] == [None, 90.0]
        assert np.array_equal(part["ratio"], [np.nan, 2.0], equal_nan=True)
        assert np.array_equal(part["ratio (2)"], [np.nan, 4.0], equal_nan=True)
        assert (part["rare"], part["kind"]) == ([0.0, 5.0], [None, "b"])
        assert (await odd["read"](2))["id"] == [2**60]  # whatever part is read

        array = await worker.call("array")
        assert (array["shape"], array["chunks"]) == ([40, 50, 60], [16, 16, 16])
        whole = np.arange(40 * 50 * 60, dtype="u2").reshape(40, 50, 60)
        assert (await array["chunk"]([2, 3, 3]) == whole[32:40, 48:50, 48:60]).all()
        assert (await array["read"]([1, 2, 3], [4, 5, 6]) == whole[1:4, 2:5, 3:6]).all()
        assert (await array["read"]() == whole).all()
        for index, words in (([3, 0, 0], "no chunk"), ([-1, 0, 0], "no chunk"), ([0], "3 axes")):
            with pytest.raises(RemoteError, match=words):
                await array["chunk"](index)

    with_worker(tmp_path, use, python)
