"""One link of the chain: takes half a second to warm up, asks the link it needs once, then serves."""

import os
import signal
import sys
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def ask(host):
    urllib.request.urlopen(f"http://{host}:8000/health", timeout=2).close()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    needed = os.environ.get("NEEDS")
    if needed:
        try:
            ask(needed)
        except OSError as error:
            sys.exit(f"cannot reach {needed}: {error}")
        print(f"reached {needed}", flush=True)
    time.sleep(0.5)
    HTTPServer(("", 8000), Handler).serve_forever()


if sys.argv[1:] == ["health"]:
    ask("127.0.0.1")
else:
    main()
