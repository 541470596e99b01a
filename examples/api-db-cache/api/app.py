"""An API as tutorials write it: connect to the database and the cache at start, then serve.

It speaks just enough of both protocols to know that a server answers, and it asks only once: who
is not there yet ends it, as a driver without retries would.
"""

import json
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


def ask(host, port, question, answers):
    with socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(question)
        answer = connection.recv(64)
    if not answer.startswith(answers):
        raise ConnectionError(f"unexpected answer {answer!r}")


def connect(kind, host, port, question, answers):
    try:
        ask(host, port, question, answers)
    except OSError as error:
        sys.exit(f"api: cannot reach the {kind} at {host}:{port}: {error}")
    print(f"api: connected to the {kind} at {host}:{port}", flush=True)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/health"
        body = json.dumps({"status": "ok" if found else "not found"}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # PostgreSQL's SSLRequest: a length of 8 and the code 80877103; a server says "S" or "N".
    connect("database", "db", 5432, b"\x00\x00\x00\x08\x04\xd2\x16\x2f", (b"S", b"N"))
    connect("cache", "cache", 6379, b"PING\r\n", (b"+PONG",))
    HTTPServer(("", 8000), Handler).serve_forever()


main()
