"""Starts a worker: `python -u boot.py --fd N`, with N a connected socket of the engine."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Make the rooms of ImJoy that workers use importable, and nothing else of the engine's."""
    descriptor = int(sys.argv[sys.argv.index("--fd") + 1])
    limits = sys.argv[sys.argv.index("--limits") + 1] if "--limits" in sys.argv else ""
    sys.argv = [""]
    here = os.path.dirname(os.path.abspath(__file__))
    # Python put this folder first, where its files would hide modules of the same names.
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]
    _die_with_engine()
    _be_the_first_to_go()
    _set_limits(limits)
    _install_package(os.path.dirname(here))
    from imjoy.worker.main import run

    run(descriptor)


def _install_package(folder: str) -> None:
    # Not imported as usual: `imjoy` is what plugins import, and the engine's folder of packages
    # must stay unreachable.
    import types

    package = types.ModuleType("imjoy", "The ImJoy API for plugins: `from imjoy import api`.")
    package.__path__ = [folder]
    package.__package__ = "imjoy"
    sys.modules["imjoy"] = package


def _die_with_engine() -> None:
    """Have the system end this process when the engine is killed (Linux; elsewhere see main)."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
    except (ImportError, OSError, AttributeError):
        return
    if os.getppid() != parent:
        os._exit(1)


def _be_the_first_to_go() -> None:
    """When memory runs out, the system is to end a plugin rather than the engine (Linux)."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("500")
    except OSError:
        pass


def _set_limits(text: str) -> None:
    """Have the system keep limits such as "RLIMIT_CPU=60,RLIMIT_NOFILE=100" of this process."""
    for name, value in (part.split("=") for part in text.split(",") if part):
        import resource

        kind, wanted = getattr(resource, name), int(value)
        hard = resource.getrlimit(kind)[1]
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        resource.setrlimit(kind, (wanted, hard))


if __name__ == "__main__":
    main()
