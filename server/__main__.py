"""Runs the server: `python -m server`, as `hantsmap serve` does."""

from __future__ import annotations

import os
import sys

import click


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", default=8000, type=int)
@click.option("--workers", default=1, type=int)
def main(host: str, port: int, workers: int) -> None:
    """Serve with granian, and say where."""
    from granian import Granian
    from granian.constants import Interfaces

    address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104 - not bound to here
    click.echo(f"\n  Open in a browser      {address}/\n  Paste into QGIS        {address}   "
               "(Layer > Add Layer > Add WFS / OGC API Features Layer)\n  Stop with              Ctrl+C\n")
    sys.stdout.flush()
    Granian("server:create_app", factory=True, interface=Interfaces.WSGI, address=host, port=port, workers=workers,
            blocking_threads=os.cpu_count() or 1, respawn_failed_workers=True, log_level="warning").serve()


if __name__ == "__main__":
    main()
