"""Reads one answer to its end and prints how many bytes of body came in how many seconds."""

from __future__ import annotations

import json
import socket
import sys
import time


def main() -> int:
    port, path = int(sys.argv[1]), sys.argv[2]
    buffer = memoryview(bytearray(1 << 20))
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        begun = time.perf_counter()
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        start = b""
        while b"\r\n\r\n" not in start:
            start += connection.recv(65536)
        received = len(start.partition(b"\r\n\r\n")[2])
        while size := connection.recv_into(buffer):
            received += size
        seconds = time.perf_counter() - begun
    status = int(start.split(maxsplit=2)[1])
    print(json.dumps({"status": status, "bytes": received, "seconds": seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
