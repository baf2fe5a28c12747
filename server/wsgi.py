"""From the server's core to Flask's interface (PEP 3333): what is not on the fast way is answered by Flask as ever."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import IO, Any, cast

from flask import Flask
from werkzeug.wsgi import FileWrapper

from server.answer import Answer, Unsent
from server.bridge import ENTERED, Part
from server.request import Request
from server.visit import Visit


class Sent(FileWrapper):
    """What PEP 3333 calls a file wrapper: a part of a file that is sent by other means than reading it here."""

    def __init__(self, file: Part, size: int = 0) -> None:
        super().__init__(cast("IO[bytes]", file))
        self.part = file.part


def _wrapped(file: Any, size: int = 8192) -> FileWrapper:
    return Sent(file) if isinstance(file, Part) else FileWrapper(file, size)


def run(app: Flask, request: Request, body: bytes, visit: Visit | None = None) -> Answer:
    """The application's answer, whole, to a visit that was let in before, where there is one."""
    answer = Answer(500)

    def start(status: str, told: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
        answer.status = int(status.split(" ", 1)[0])
        answer.headers = [(name.lower(), value) for name, value in told]
        return written.append

    written: list[bytes] = []
    said = app.wsgi_app({**_environ(request, body), ENTERED: visit}, start)
    try:
        # A file of ours is not read here: the wire sends it, as fast as its reader takes it.
        if isinstance(said, Sent):
            answer.body = said.part
        else:
            answer.body = b"".join([*written, *said])
            if request.method == "HEAD" and all(name != "content-length" for name, _ in answer.headers):
                answer.body = Unsent()
    finally:
        close = getattr(said, "close", None)
        if close is not None:
            close()
    return answer


def _environ(request: Request, body: bytes) -> dict[str, Any]:
    """The request as PEP 3333 has it: texts are bytes told in Latin-1."""
    host, _, port = request.host.partition(":") if not request.host.startswith("[") else (request.host, "", "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method, "SCRIPT_NAME": "", "PATH_INFO": _wide(request.path),
        "QUERY_STRING": _wide(request.query), "SERVER_NAME": host or "localhost", "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": request.peer, "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0), "wsgi.url_scheme": request.scheme, "wsgi.input": io.BytesIO(body),
        "wsgi.file_wrapper": _wrapped, "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        called = name.upper().replace("-", "_")
        if called != "CONTENT_LENGTH":
            environ["CONTENT_TYPE" if called == "CONTENT_TYPE" else f"HTTP_{called}"] = _wide(value)
    environ.setdefault("HTTP_HOST", request.host)
    return environ


def _wide(text: str) -> str:
    return text.encode("utf-8", "replace").decode("latin-1")
