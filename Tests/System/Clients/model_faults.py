"""A model server that fails in every way that one may, each under a path of its own.

    /mute     takes the request and never says a byte
    /drip     begins an answer and says one byte a second
    /busy     429, and to come again in an hour
    /cut      breaks off in the middle of a sentence, the connection with it
    /late     answers well, after ten seconds

Prints its port and serves until it is ended. Speaks both dialects as far as its faults go: streams of server-sent events.
"""

import http.server
import threading
import time

BEGUN = (
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant",'
    b'"model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}}\n\n'
    b'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text",'
    b'"text":""}}\n\n'
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",'
    b'"text":"They are sturdy, and one of them cos'
)


class Faults(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    over = threading.Event()

    def log_message(self, *_):
        pass

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.path.split("/")[1]
        self.close_connection = True
        if kind == "mute":
            self.over.wait(60)
        elif kind == "drip":
            self.stream()
            for byte in BEGUN[:60]:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if self.over.wait(1):
                    break
        elif kind == "busy":
            body = b'{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}'
            self.send_response(429)
            self.send_header("Retry-After", "3600")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        elif kind == "cut":
            self.stream()
            self.wfile.write(BEGUN)
            self.wfile.flush()
        elif kind == "late":
            self.over.wait(10)
            self.stream()
            self.wfile.write(BEGUN)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    # Whom it answers may be gone: that is what it is for.
    def handle_error(self, *_):
        pass


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Faults)
    print(server.server_port, flush=True)
    server.serve_forever()
