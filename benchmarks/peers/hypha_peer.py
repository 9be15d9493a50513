"""Hypha: one client calls another through its server.

Arguments: calls, megabytes of the array, times. Prints seconds of each workload as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MB = 1 << 20
# Its default limit of 200 messages a second would be what is measured.
UNLIMITED = {"HYPHA_WS_MSG_RATE_LIMIT": "100000000", "HYPHA_WS_MSG_BURST_LIMIT": "100000000"}


def serve(port: int) -> None:
    """Its server as it is, but without compression in the WebSocket, which makes arrays slower."""
    import uvicorn
    from hypha.server import create_application, get_argparser

    options = get_argparser().parse_args(["--host=127.0.0.1", f"--port={port}"])
    uvicorn.run(
        create_application(options),
        host="127.0.0.1",
        port=port,
        log_level="error",
        ws_ping_interval=None,
        ws_per_message_deflate=False,
    )


async def connect(url: str, **more: Any) -> Any:
    from hypha_rpc import connect_to_server

    return await connect_to_server({"server_url": url, "method_timeout": 300, **more})


async def provide(url: str) -> None:
    """The client that is called."""
    server = await connect(url)
    token = await server.generate_token()
    service = await server.register_service(
        {"id": "peer", "noop": lambda: None, "echo": lambda value: value}
    )
    print(json.dumps([server.config.workspace, token, service["id"]]), flush=True)
    await server.serve() if hasattr(server, "serve") else await asyncio.Event().wait()


async def measure(url: str, facts: list[str], calls: int, size: int, times: int) -> dict[str, Any]:
    import numpy as np

    workspace, token, service_id = facts
    server = await connect(url, workspace=workspace, token=token)
    peer = await server.get_service(service_id)
    for _ in range(20):
        await peer.noop()
    found: dict[str, Any] = {"noop": []}
    for _ in range(calls):
        began = time.perf_counter()
        await peer.noop()
        found["noop"].append(time.perf_counter() - began)

    async def lane() -> None:
        for _ in range(calls // 64 + 1):
            await peer.noop()

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(64)))
    found["flight"] = [(time.perf_counter() - began) / (calls // 64 + 1) / 64]
    array = np.arange(size * MB // 4, dtype="float32")
    found["echo"] = []
    for _ in range(times):
        began = time.perf_counter()
        back = await peer.echo(array)
        found["echo"].append(time.perf_counter() - began)
        assert back[-1] == array[-1]
    await server.disconnect()
    return found


def main(calls: int, size: int, times: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, **UNLIMITED}
    with tempfile.TemporaryDirectory() as folder:
        run = [sys.executable, str(Path(__file__).resolve())]
        quiet: dict[str, Any] = {"cwd": folder, "env": environment, "stderr": subprocess.DEVNULL}
        server = subprocess.Popen([*run, "serve", str(port)], stdout=subprocess.DEVNULL, **quiet)
        provider = None
        try:
            wait_for(port, 120)
            provider = subprocess.Popen([*run, "provide", url], stdout=subprocess.PIPE, **quiet)
            assert provider.stdout is not None
            line = b""
            while not line.startswith(b"["):
                line = provider.stdout.readline()
                assert line, "The client that is called did not start."
            print(json.dumps(asyncio.run(measure(url, json.loads(line), calls, size, times))))
        finally:
            for process in filter(None, (provider, server)):
                process.kill()
                process.wait()


def wait_for(port: int, seconds: float) -> None:
    began = time.monotonic()
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() - began > seconds:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    elif sys.argv[1] == "provide":
        asyncio.run(provide(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:4]))
