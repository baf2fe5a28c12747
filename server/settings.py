"""Settings of a server, from the environment: where the store is, whom it serves, and under which address."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hantsmap.access import PUBLIC

ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?(/[\w.\-/]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """`audience` is whom everybody who reaches this server counts as. `public_url` is the address behind a proxy."""

    store: Path
    audience: str = PUBLIC
    public_url: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read HANTSMAP_STORE, HANTSMAP_AUDIENCE and HANTSMAP_PUBLIC_URL. Raises ValueError for an unusable address."""
        url = environment.get("HANTSMAP_PUBLIC_URL", "").rstrip("/") or None
        if url and not ADDRESS.fullmatch(url):
            raise ValueError(f"HANTSMAP_PUBLIC_URL `{url}` is not an http or https address.")
        return cls(Path(environment.get("HANTSMAP_STORE", "var/store")),
                   environment.get("HANTSMAP_AUDIENCE") or PUBLIC, url)
