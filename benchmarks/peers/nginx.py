"""The limit: nginx with one worker, which serves our own answers, byte for byte, from static files."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import blake2b
from pathlib import Path

from benchmarks import programs
from benchmarks.folders import made
from benchmarks.habits import Habits
from benchmarks.load import Request
from benchmarks.peers.ours import Ours
from benchmarks.peers.peer import GZIP
from benchmarks.processes import answers, free_port, running
from benchmarks.questions import Question

# Files are older than any bench: nginx's ETag is made of time and size.
OLD = 1_600_000_000
CONFIGURATION = """
worker_processes 1;
daemon off;
worker_rlimit_nofile 10000;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 65;
  keepalive_requests 100000000;
  open_file_cache max=8000 inactive=1h;
  open_file_cache_valid 1h;
  open_file_cache_min_uses 1;
  types {{ application/geo+json json; }}
  {temporary}
  {before}
  server {{
    listen 127.0.0.1:{port};
    {server}
  }}
}}
"""
STATIC = "root {files}; gzip_static on; location = /alive {{ return 200; }}"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@contextmanager
def nginx(folder: Path, server: str, before: str = "") -> Iterator[int]:
    """Run nginx, one worker, with the directives of a server (and some before it); gives its port. `/alive` answers."""
    port, log = free_port(), folder / "nginx.log"
    temporary = "\n  ".join(f"{name}_temp_path {folder}/{name}_temp;" for name in TEMPORARY)
    user = "user root;\n" if _is_root() else ""
    written = folder / "nginx.conf"
    written.write_text(user + CONFIGURATION.format(folder=folder, port=port, server=server, temporary=temporary,
                                                  before=before))
    with running([programs.path("nginx"), "-p", folder, "-e", folder / "error.log", "-c", written], log) as process:
        answers(port, "/alive", process, log)
        yield port


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


class Static:
    """Our answers as files. They are saved when a question is asked for the first time."""

    name, title = "nginx", "nginx, same bytes as files"
    programs = ("nginx",)
    habits: Habits | None = None
    notes: tuple[str, ...] = ()

    def __init__(self, ours: Ours) -> None:
        self.ours = ours
        self.folder = made("nginx")
        self.files = made("nginx", "files")
        self._saved: dict[str, str] = {}

    @contextmanager
    def running(self) -> Iterator[int]:
        """Serve the files; gives the port."""
        for old in self.files.iterdir():
            old.unlink()
        self._saved.clear()
        with nginx(self.folder, STATIC.format(files=self.files)) as port:
            yield port

    def ask(self, question: Question) -> Request:
        """The address of the file with our answer; nginx's own ETag where only a changed one is wanted."""
        request = self.ours.ask(question)
        kept = self._saved.get(request.path) or self._save(request.path)
        headers = dict(GZIP) if question.gzip else {}
        if question.unless:
            headers["If-Modified-Since"] = formatdate(OLD, usegmt=True)
        return Request(f"/{kept}", headers)

    def _save(self, path: str) -> str:
        """Fetch our answer, plain and compressed, and keep both: nginx sends the one that is asked for."""
        name = blake2b(path.encode(), digest_size=8).hexdigest() + ".json"
        for suffix, headers in (("", {}), (".gz", GZIP)):
            asked = urllib.request.Request(f"http://127.0.0.1:{self.ours.port}{path}", headers=dict(headers))
            file = self.files / (name + suffix)
            with urllib.request.urlopen(asked) as answer:
                if suffix and answer.headers.get("Content-Encoding") != "gzip":
                    continue
                file.write_bytes(answer.read())
            os.utime(file, (OLD, OLD))
        self._saved[path] = name
        return name

    def version(self) -> str:
        """Version of Debian's nginx."""
        return programs.version("nginx")


def save_all(static: Static, questions: Iterable[Question]) -> None:
    """Have every answer on disk before anything is timed."""
    for question in questions:
        static.ask(question)
