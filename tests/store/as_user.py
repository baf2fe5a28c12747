"""Run as root: becomes another user, in one group beside its own, and works on a store as that user.

    as_user.py UID GROUP UMASK publish|serve|prune FOLDER

Everything is done once as root in another folder first: the user may not be allowed to read the Python that runs it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import date
from pathlib import Path

import shops
from workbench import Workbench

from hantsmap.accounts import Accounts, default_url
from hantsmap.downloads import Kept, default_folder
from hantsmap.prune import prune
from hantsmap.publish import publish


def become(user: int, group: int) -> None:
    """Give up root: the user's own group first, the shared one beside it."""
    os.setgroups([group])
    os.setgid(user)
    os.setuid(user)


def serve(bench: Workbench) -> dict[str, int]:
    """Status of features, a download, a change set and a keyed request, by what they are; and who the server is."""
    root = bench.store.root
    with Accounts(default_url(root)) as accounts:
        issued = accounts.issue("staff", "Testers", "users", date(2099, 1, 1), "tests")
    app = shops.application(root)
    client = app.test_client()
    found = {address: client.get(address).status_code for address in (
        "/collections/trees/items", "/collections/trees/downloads/trees.csv", "/collections/trees/changes?since=0",
        "/health")}
    found["key"] = client.get("/collections/trees/items", headers={"X-API-Key": issued.secret}).status_code
    return found


def work(bench: Workbench, what: str) -> object:
    """Do one thing, and what there is to say of it."""
    if what == "publish":
        return {outcome.layer: outcome.state for outcome in publish(bench.workshop)}
    if what == "prune":
        prune(bench.store, 1)
        kept = Kept(default_folder(bench.store.root))
        return kept.forget("trees", [path.name for path in (kept.folder / "trees").iterdir()]) > 0
    return serve(bench)


def main() -> None:
    """Warm up as root, then do it as the user."""
    user, group, umask, what, folder = sys.argv[1:]
    with tempfile.TemporaryDirectory() as warm:
        bench = Workbench(Path(warm) / "bench")
        for each in dict.fromkeys(("publish", "serve", what)):
            work(bench, each)
    os.umask(int(umask, 8))
    become(int(user), int(group))
    print(json.dumps(work(Workbench(Path(folder), fresh=False), what)))


if __name__ == "__main__":
    main()
