"""The peer without calls: the package `websockets` sends back what comes, without compression."""

from __future__ import annotations

import asyncio
import sys

import websockets


async def main(port: int) -> None:
    async def echo(connection: websockets.ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with websockets.serve(
        echo, "127.0.0.1", port, max_size=None, compression=None, ping_interval=None
    ) as server:
        await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main(int(sys.argv[1])))
    except KeyboardInterrupt:
        pass
