"""The limit of arrays on this machine: TCP with blocking sockets."""

from __future__ import annotations

import socket
import threading
import time

MB = 1 << 20


def loopback(size: int) -> float:
    """MB/s of an array there and back through TCP with blocking sockets and warm memory."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        memory = memoryview(bytearray(size))
        with connection:
            while _fill(connection, memory):
                connection.sendall(memory)

    thread = threading.Thread(target=serve)
    thread.start()
    data, back = bytearray(size), memoryview(bytearray(size))
    speeds = []
    with socket.create_connection(listener.getsockname()) as connection:
        for _ in range(6):
            began = time.perf_counter()
            connection.sendall(data)
            assert _fill(connection, back)
            speeds.append(size / MB / (time.perf_counter() - began))
    thread.join()
    listener.close()
    return max(speeds)


def _fill(connection: socket.socket, memory: memoryview) -> bool:
    position = 0
    while position < len(memory):
        count = connection.recv_into(memory[position:])
        if not count:
            return False
        position += count
    return True
