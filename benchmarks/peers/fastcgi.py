"""A FastCGI program with one process, behind nginx, which keeps connections open for it and compresses for it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks import programs
from benchmarks.errors import BenchError
from benchmarks.peers.nginx import nginx
from benchmarks.processes import Part, answers, running

SERVER = """
    gzip on; gzip_types application/geo+json application/json application/vnd.geo+json; gzip_comp_level 1;
    location = /alive {{ return 200; }}
    location / {{
      fastcgi_pass bench_fastcgi;
      fastcgi_keep_conn on;
      fastcgi_buffers 16 1m;
      fastcgi_buffer_size 64k;
      fastcgi_busy_buffers_size 2m;
      fastcgi_read_timeout 300;
      fastcgi_param GATEWAY_INTERFACE CGI/1.1;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param SCRIPT_NAME "";
      fastcgi_param PATH_INFO $uri;
      fastcgi_param SERVER_NAME 127.0.0.1;
      fastcgi_param SERVER_PORT $server_port;
      fastcgi_param HTTP_HOST $http_host;
    }}
"""
UPSTREAM = "upstream bench_fastcgi {{ server unix:{socket}; keepalive 1; }}"


@contextmanager
def behind_nginx(program: str, folder: Path, environment: Mapping[str, str], path: str) -> Iterator[int]:
    """Run a program and nginx before it; gives the port. `path` has to answer."""
    socket, log = folder / "fastcgi.sock", folder / "program.log"
    socket.unlink(missing_ok=True)
    command: list[Part] = [programs.path("spawn-fcgi"), "-n", "-s", socket, "--", programs.path(program)]
    with running(command, log, environment) as process:
        until = time.monotonic() + 30
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise BenchError(f"{program} does not start: {log.read_text(errors='replace')[-1_000:]}")
            time.sleep(0.05)
        with nginx(folder, SERVER.format(), UPSTREAM.format(socket=socket)) as port:
            answers(port, path, process, log)
            yield port
