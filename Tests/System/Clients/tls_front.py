"""A front that speaks TLS for a server that does not, with a certificate of an authority made for it.

usage: tls_front.py PORT FOLDER CUT
Writes FOLDER/ca.pem, prints the port it listens on, and serves "localhost" until it is killed. The first answer is cut
after so many bytes.
"""
import itertools
import os
import socket
import ssl
import subprocess
import sys
import threading

target, folder, cut = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


def make(name, *arguments):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", *arguments],
                   check=True, capture_output=True)


make("ca", "-subj", "/CN=A test's authority")
make("leaf", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
     "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/leaf.pem", f"{folder}/leaf.key")
answers = itertools.count()


def carry(connection):
    try:
        client = context.wrap_socket(connection, server_side=True)
    except (ssl.SSLError, OSError):
        return
    try:
        asked = client.recv(65536)
        if not asked:
            return
        left = cut if next(answers) == 0 else float("inf")
        # One answer a connection: the rest of the client's questions would go past the count.
        asked = asked.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        with socket.create_connection(("127.0.0.1", target)) as server:
            server.sendall(asked)
            while left > 0:
                part = server.recv(int(min(left, 16384)))
                if not part:
                    break
                client.sendall(part)
                left -= len(part)
        if left > 0:
            client.unwrap()
    except OSError:
        pass
    finally:
        client.close()


with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=carry, args=(connection,), daemon=True).start()
