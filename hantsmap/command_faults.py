"""How commands report faults: the sentence on stderr and the exit code of `hantsmap.errors`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from hantsmap.errors import HantsMapError


def saying_faults(command: Callable[..., Any]) -> Callable[..., Any]:
    """Faults become their sentence on stderr and their exit code; no traceback for what was foreseen."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except HantsMapError as fault:
            click.echo(str(fault), err=True)
            sys.exit(fault.exit_code)

    return run
