"""Servers of files on this machine, as the web has them."""

import hashlib
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Dict, Iterator, List


class Server(ThreadingHTTPServer):
    """Serves ``files``, counts requests, and fails as it is told to.

    Attributes:
        files (dict): Contents by their paths.
        cuts (list): Bytes after which the next answers break off.
        redirects (dict): Addresses by paths.
        headers (dict): Sent with every file.
        asked (list): Path and ``Range`` of every request for content.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(('127.0.0.1', 0), _Handler)
        self.files: Dict[str, bytes] = {}
        self.cuts: List[int] = []
        self.redirects: Dict[str, str] = {}
        self.headers: Dict[str, str] = {}
        self.asked: List[tuple] = []

    @property
    def root(self) -> str:
        """Its address."""
        return f'http://127.0.0.1:{self.server_port}'

    def add(self, path: str, content: bytes) -> str:
        """Serve one more file; returns its address."""
        self.files[path] = content
        return f'{self.root}{path}'


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        server, path = self.server, self.path.partition('?')[0]
        if self.command == 'GET':
            server.asked.append((path, self.headers.get('Range')))
        if path in server.redirects:
            self._start(302, 0, Location=server.redirects[path])
        elif path not in server.files:
            self._start(404, 0)
        else:
            self._send(server.files[path])

    def _start(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        self.send_header('Content-Length', str(length))
        for name, value in {**self.server.headers, **headers}.items():
            self.send_header(name.replace('_', '-'), value)
        self.end_headers()

    def _send(self, content: bytes) -> None:
        tag = f'"{hashlib.sha256(content).hexdigest()}"'
        begin, status, more = 0, 200, {'ETag': tag}
        asked = self.headers.get('Range')
        if asked and self.headers.get('If-Range', tag) == tag:
            begin = int(asked.removeprefix('bytes=').partition('-')[0])
            last = len(content) - 1
            if begin > last:
                self._start(416, 0)
                return
            status = 206
            more['Content_Range'] = f'bytes {begin}-{last}/{len(content)}'
        self._start(status, len(content) - begin, **more)
        if self.command == 'HEAD':
            return
        rest = content[begin:]
        if self.server.cuts:
            rest = rest[: self.server.cuts.pop(0)]
            self.close_connection = True
        self.wfile.write(rest)


@contextmanager
def serving() -> Iterator[Server]:
    """A server that runs inside the block."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
