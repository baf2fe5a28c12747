"""`hantsmap backup`: a copy of a store that is in use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
from shops import application
from workbench import ROOT, Workbench, tree

from hantsmap.accounts import Accounts, default_url
from hantsmap.backup import backup
from hantsmap.errors import StoreError
from hantsmap.store import Store
from hantsmap.verify import verify

PUBLISH = """
import sys
from pathlib import Path
from datetime import timedelta
from workbench import Workbench, tree
from hantsmap.prune import prune
from hantsmap.store import now
bench = Workbench(Path(sys.argv[1]), fresh=False)
for number in range(2, 500):
    bench.trees([tree(each) for each in range(number, number + 40)])
    assert bench.publish()["trees"].state == "published"
    if number % 3 == 0:
        # As if two months had passed: everything that is not current goes.
        prune(bench.store, 1, now() + timedelta(days=62))
    print(number, flush=True)
"""


def test_backups_beside_a_publisher_and_a_pruner_verify(published: Workbench, tmp_path: Path) -> None:
    """Six backups while another process publishes and prunes without a pause: each verifies, is served, and has one of
    the editions that were current meanwhile; sequence numbers never go back from one backup to the next."""
    tests = ROOT / "tests"
    with subprocess.Popen([sys.executable, "-c", PUBLISH, str(published.root)], stdout=subprocess.PIPE, text=True,
                          cwd=ROOT, env={**os.environ, "PYTHONPATH": f"{ROOT}:{tests}:{tests / 'store'}"}) as publisher:
        assert publisher.stdout is not None
        lines: list[str] = []
        reading = threading.Thread(target=lambda: lines.extend(publisher.stdout), daemon=True)
        publisher.stdout.readline()
        reading.start()
        made = [backup(published.store, tmp_path / f"backup{number}") for number in range(6)]
        publisher.kill()
    sequences = []
    for number, each in enumerate(made):
        copy = Store(tmp_path / f"backup{number}")
        checked, damage = verify(copy)
        assert damage == [] and each.damage == () and checked > 20
        current = copy.current("trees")
        assert current is not None
        sequences.append(current.sequence)
    assert sequences == sorted(sequences) and sequences[-1] > sequences[0] > 1
    answer = application(copy.root).test_client().get("/collections/trees/items?limit=1")
    assert answer.json["numberMatched"] == 40
    assert not list(tmp_path.glob("*unfinished*"))


def test_backup_has_the_accounts_and_is_restored_by_copying(published: Workbench, tmp_path: Path) -> None:
    """A key issued a moment before, while the database is open and its WAL is not written back, works in a server over
    the restored copy; the copy has the modes of a store and none of its downloads."""
    accounts = Accounts(default_url(published.store.root))
    issued = accounts.issue("staff", "Testers", "backup", date(2099, 1, 1), "tests")
    (published.store.root / "downloads" / "big").write_bytes(b"x")
    done = published.command("backup", str(tmp_path / "copy"))
    assert (done.returncode, done.stderr) == (0, "") and "MB, checked." in done.stdout
    shutil.rmtree(published.store.root)
    accounts.close()
    restored = tmp_path / "elsewhere" / "store"
    shutil.copytree(tmp_path / "copy", restored)
    (restored / "accounts.sqlite").rename(restored.parent / "accounts.sqlite")
    assert verify(Store(restored))[1] == []
    client = application(restored).test_client()
    answer = client.get("/collections/trees/items", headers={"X-API-Key": issued.secret})
    assert answer.status_code == 200 and answer.json["features"][0]["properties"]["note"].startswith("note ")
    assert not (tmp_path / "copy" / "downloads").exists()
    assert {path.stat().st_mode & 0o007 for path in (tmp_path / "copy").rglob("*")} == {0}


def test_destination_must_not_exist(published: Workbench, tmp_path: Path) -> None:
    """A folder that exists, even an empty one, and a folder in the store itself are refused: exit code 6, nothing
    written."""
    for place in (tmp_path, published.store.root / "backup"):
        done = published.command("backup", str(place))
        assert done.returncode == 6 and str(place) in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bench"]
    with pytest.raises(StoreError, match="is no store"):
        backup(Store(tmp_path / "nowhere"), tmp_path / "copy")


def test_damage_is_said_and_the_rest_is_kept(published: Workbench, tmp_path: Path) -> None:
    """Of a store with a damaged file a backup is made, the file is named by its place in the backup, exit code 6."""
    path = published.rendition("trees", "public") / "ids.npy"
    path.write_bytes(path.read_bytes()[:-1])
    done = published.command("backup", str(tmp_path / "copy"))
    assert done.returncode == 6 and "The backup was made." in done.stderr
    assert str(tmp_path / "copy" / path.relative_to(published.store.root)) in done.stderr
    assert len(verify(Store(tmp_path / "copy"))[1]) == 1


def test_a_copy_made_by_hand_during_a_publication_is_what_backup_replaces(published: Workbench, tmp_path: Path) -> None:
    """Editions and renditions copied, then a publication, then promotions copied: such a copy does not verify, which
    is why `backup` copies the records first."""
    copy = tmp_path / "copy"
    for kind in ("editions", "renditions"):
        shutil.copytree(published.store.root / kind, copy / kind)
    published.trees([tree(number) for number in range(50)])
    published.publish()
    shutil.copytree(published.store.root, copy, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("editions", "renditions"))
    assert verify(Store(copy))[1]
