"""A Hypha server, and a Python program with a service on it; prints the id of the service."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys

SIZE = 16_000_000


async def main(port: int) -> None:
    # Its default limits of messages would close the connection while it is measured.
    limits = {"HYPHA_WS_MSG_RATE_LIMIT": "1000000"}
    command = [sys.executable, "-m", "hypha.server", "--host=127.0.0.1", f"--port={port}"]
    server = subprocess.Popen(
        command, env={**os.environ, **limits}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.terminate)
    try:
        service = await join(f"http://127.0.0.1:{port}")
        print(service, flush=True)
        await asyncio.to_thread(server.wait)
    finally:
        server.terminate()


async def join(url: str) -> str:
    from hypha_rpc import connect_to_server

    logging.disable()  # it would write where the id is read

    zeros = bytes(SIZE)
    service = {
        "id": "measured",
        "config": {"visibility": "public"},
        "noop": lambda *_: None,
        "echo": lambda value, *_: value,
        "take": lambda value, *_: len(value),
        "give": lambda *_: zeros,
    }
    for _ in range(120):
        with contextlib.suppress(OSError, ConnectionError, TimeoutError):
            server = await connect_to_server({"server_url": url})
            return str((await server.register_service(service))["id"])
        await asyncio.sleep(0.5)
    raise TimeoutError("The Hypha server did not start.")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
