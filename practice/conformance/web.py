"""A web server on loopback that stands in for the ones that a recorded host downloaded from."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

SIZE = 200_000


class Web:
    """Every path is an ISO of `SIZE` zeros but those in `absent`. `with Web(...) as port: ...`"""

    def __init__(self, absent: frozenset[str]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.lstrip("/") in absent:
                    self.send_error(404, "File not found")
                    return
                self.send_response(200)
                self.send_header("Content-Type", "application/x-iso9660-image")
                self.send_header("Content-Length", str(SIZE))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(bytes(SIZE))

            do_HEAD = do_GET

            def log_message(self, *arguments: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._server.server_address[1])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
