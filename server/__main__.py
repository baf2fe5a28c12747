"""Runs the server: `python -m server`, as `hantsmap serve` does."""

from __future__ import annotations

import os
import socket
import sys
import tempfile

import click

from server import metrics

# How long answers on their way may take when the server is stopped.
SHUTDOWN_S = 10
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", default=8000, type=int)
@click.option("--workers", default=1, type=int)
def main(host: str, port: int, workers: int) -> None:
    """Serve, and say where. Exit code 6 when the store cannot be read."""
    from hantsmap import logs

    try:
        logs.configure()
        metered = metrics.Address.from_environment()
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None
    _check_free(host, port)
    if metered is not None:
        _check_free(metered.host, metered.port, "Choose another: HANTSMAP_METRICS_PORT")
    _check_store()
    address = f"http://{'127.0.0.1' if host in ANYWHERE else host}:{port}"
    click.echo(f"\n  Open in a browser      {address}/\n  Paste into QGIS        {address}   "
               "(Layer > Add Layer > Add WFS / OGC API - Features Layer)\n  Stop with              Ctrl+C\n")
    sys.stdout.flush()
    with tempfile.NamedTemporaryFile(prefix="hantsmap-runs-") as runs:
        os.environ["HANTSMAP_RUNS"] = runs.name
        _serve(host, port, workers, metered)


def _serve(host: str, port: int, workers: int, metered: metrics.Address | None) -> None:
    from uvicorn import Config

    from server.workers import Workers

    # Even one worker has somebody who starts it again.
    config = Config("server.front:create", factory=True, host=host, port=port, workers=workers, http="server.wire:Wire",
                    interface="asgi3", ws="none", lifespan="on", proxy_headers=False, log_level="warning",
                    access_log=False, log_config=None, timeout_graceful_shutdown=SHUTDOWN_S)
    if metered is None:
        Workers(config, [config.bind_socket()]).run()
        return
    with metrics.served(metered):
        Workers(config, [config.bind_socket()], metrics.Ended()).run()


def _check_store() -> None:
    """Say plainly why the store cannot be read, before workers start that could not read it either.

    A store that an older version wrote is served by nobody until it is published again, so it is no reason to stop.
    """
    from hantsmap.errors import OutdatedError, StoreError
    from hantsmap.store import Store
    from server.settings import Settings

    try:
        Store(Settings.from_environment().store).check_readable()
    except OutdatedError as fault:
        click.echo(f"Nothing is served yet. {fault}\n", err=True)
    except StoreError as fault:
        click.echo(str(fault), err=True)
        sys.exit(fault.exit_code)


def _check_free(host: str, port: int, advice: str = "Choose another: --port, or make serve PORT=8001") -> None:
    """Say plainly what is wrong with the port, before anything is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise click.ClickException(
                f"{host} port {port} cannot be used ({fault.strerror}). {advice}"
            ) from None


if __name__ == "__main__":
    main()
