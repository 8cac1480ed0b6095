"""A client that reads slowly: sends its standard input to a socket, then takes 1 KiB a second from it, and all it can after SIGUSR1.

usage: paced-reader.py PATH | HOST:PORT   (bytes to send on standard input; what was read goes to standard output)
"""

import os
import signal
import socket
import sys
import time

RATE_BYTES = 1024


def connect(target):
    if target.startswith("/"):
        client = socket.socket(socket.AF_UNIX)
        client.connect(target)
        return client
    host, port = target.rsplit(":", 1)
    client = socket.socket(socket.AF_INET)
    # Small, so that the sender feels the slowness soon.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((host, int(port)))
    return client


def main():
    hurry = []
    signal.signal(signal.SIGUSR1, lambda *_: hurry.append(True))
    client = connect(sys.argv[1])
    client.sendall(sys.stdin.buffer.read())
    while True:
        data = client.recv(1 << 20 if hurry else RATE_BYTES)
        if not data:
            return
        os.write(1, data)
        if not hurry:
            time.sleep(1)


main()
