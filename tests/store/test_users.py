"""Publisher and server are different users of one group; nobody else can read a file of the store."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from workbench import ROOT, Workbench, tree

from hantsmap.cli import main
from hantsmap.downloads.queue import Queue
from hantsmap.errors import StoreError
from hantsmap.store import Store, modes
from hantsmap.verify import verify

PUBLISHER, SERVER, GROUP = 64_001, 64_002, 64_003


def need_root() -> None:
    """Skip a test of two users for those who may not become other users; fail it where the environment says CI."""
    if os.geteuid():
        why = "only root may become other users"
        if os.environ.get("CI"):
            pytest.fail(f"{why}: run the tests as root in CI")
        pytest.skip(why)


@pytest.fixture
def shared() -> Iterator[Workbench]:
    """A workbench in a folder that belongs to the publisher and the shared group, as docs/operations.md says."""
    need_root()
    folder = Path(tempfile.mkdtemp(prefix="hantsmap-users-"))
    try:
        folder.chmod(0o755)
        bench = Workbench(folder / "bench")
        for path in (bench.root, bench.data, bench.registry, *bench.data.iterdir()):
            os.chown(path, PUBLISHER, GROUP)
        bench.root.chmod(0o2770)
        yield bench
    finally:
        shutil.rmtree(folder)


def by(user: int, bench: Workbench, what: str, umask: str = "077") -> Any:
    """What another user's process says after it has published, served or pruned."""
    tests = ROOT / "tests"
    done = subprocess.run([sys.executable, str(tests / "store" / "as_user.py"), str(user), str(GROUP), umask, what,
                           str(bench.root)], capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
                          env={**os.environ, "PYTHONPATH": f"{ROOT}:{tests}:{tests / 'store'}", "HOME": "/nonexistent"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def modes_of(root: Path) -> dict[str, set[int]]:
    """Modes of the folders and files of a store, by its first folder."""
    found: dict[str, set[int]] = {}
    for path in root.rglob("*"):
        first = path.relative_to(root).parts[0]
        found.setdefault(f"{first}/" if path.is_dir() else first, set()).add(path.stat().st_mode & 0o7777)
    return found


def test_server_reads_what_another_user_published(shared: Workbench) -> None:
    """Published by one user under umask 077, served by another under 077: features, a file that the server makes in
    the store, changes and accounts; and the publisher takes up, and prunes, what the server wrote."""
    assert set(by(PUBLISHER, shared, "publish").values()) == {"published"}
    assert by(SERVER, shared, "serve") == {
        "/collections/trees/items": 200, "/collections/trees/downloads/trees.csv": 200,
        "/collections/trees/changes?since=0": 200, "/health": 200, "key": 200}
    made = list((shared.store.root / "downloads" / "trees").rglob("trees*.csv"))
    assert len(made) == 1 and made[0].stat().st_uid == SERVER
    shared.trees([tree(number) for number in range(1, 9)])
    assert by(PUBLISHER, shared, "publish")["trees"] == "published"
    assert by(PUBLISHER, shared, "prune") is True
    for path in shared.store.root.rglob("*"):
        assert (path.stat().st_gid, path.stat().st_mode & 0o007) == (GROUP, 0), path


def test_two_users_are_tested_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a user who is not root, the test of two users is skipped; where the environment says CI it fails."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="only root"):
        need_root()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="run the tests as root"):
        need_root()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_modes_follow_no_umask(bench: Workbench, umask: int) -> None:
    """Under any umask: folders 2750 and files 640; 2770 and 660 where the server writes too."""
    before = os.umask(umask)
    try:
        bench.publish()
        bench.trees([tree(number) for number in range(1, 29)])
        bench.publish()
        queue = Queue(bench.store.root / "downloads")
        with queue.place() as number:
            assert number == 0
    finally:
        os.umask(before)
    root = bench.store.root
    found = modes_of(root)
    assert root.stat().st_mode & 0o7777 == modes.FOLDER
    for name in ("editions", "renditions", "promotions"):
        assert (found[f"{name}/"], found[name]) == ({0o2750}, {0o640}), name
    assert found["format"] == found["site.json"] == {0o640} and found["lock"] == {0o660}
    assert found["changes/"] == found["temporary/"] == found["downloads/"] == {0o2770}
    assert found["changes"] == found["downloads"] == {0o660}


def test_older_store_gets_the_modes(published: Workbench) -> None:
    """The first publication after an upgrade corrects the modes of everything that an older version wrote."""
    root = published.store.root
    for path in [root, *root.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o644)
    (root / "format").write_text("hantsmap store 1\n")
    published.publish()
    assert not [path for path in root.rglob("*") if path.stat().st_mode & 0o007]
    assert modes_of(root)["editions/"] == {0o2750} and root.stat().st_mode & 0o7777 == 0o2750


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_file_system_without_locks_is_a_sentence(bench: Workbench, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Where flock does not work, publishing and making downloads end with exit code 6 and what to do."""
    def flock(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(StoreError, match=r"cannot be locked .* Keep the store and its downloads") as said:
        bench.publish()
    assert said.value.exit_code == 6
    with pytest.raises(StoreError, match="cannot be locked"), Queue(bench.root / "downloads").place():
        pass


def test_serve_says_why_a_store_cannot_be_read(published: Workbench) -> None:
    """`hantsmap serve` over a store of a newer version, or a folder that is none: exit code 6 and a sentence, no
    worker."""
    for content, said in (("hantsmap store 99\n", "by a newer version"), ("something else", "is not the format file")):
        (published.store.root / "format").write_text(content)
        done = published.command("serve", "--port", "0")
        assert done.returncode == 6 and said in done.stderr and "Traceback" not in done.stderr


def test_unreadable_store_at_the_start(published: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `serve` asks before it starts workers: promotions that may not be listed are a StoreError."""
    names = Store.promotion_names
    assert names(published.store, "trees")
    scandir = os.scandir

    def refuse(path: Any = ".") -> Any:
        if not isinstance(path, int) and Path(path).name == "promotions":
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("hantsmap.store.files.os.scandir", refuse)
    with pytest.raises(StoreError, match=r"promotions cannot be read \(Permission denied\)"):
        published.store.check_readable()


def test_list_and_verify_name_what_cannot_be_read(published: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be listed is named by `verify`, everything else is checked; `list` shows the other layers;
    a missing site.json and a damaged record of what may be seen are named too."""
    scandir, closed = os.scandir, {published.store.root / "promotions" / "trees"}

    def refuse(path: Any = ".") -> Any:
        if not isinstance(path, int) and Path(path) in closed:
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("hantsmap.store.files.os.scandir", refuse)
    before, damage = verify(published.store)
    assert [next(iter(closed)).name in each and "Permission denied" in each for each in damage] == [True]
    listed = CliRunner().invoke(main, [*published.options, "list"])
    assert listed.exit_code == 0 and "benches" in listed.stdout and "unreadable: publish it again" in listed.stdout
    closed.clear()
    assert verify(published.store) == (before + 1, [])
    visibility = next((published.store.root / "visibility" / "trees").iterdir())
    visibility.write_bytes(b"{}")
    (published.store.root / "site.json").unlink()
    assert [path.name in each for path, each in zip(
        (visibility, Path("site.json")), verify(published.store)[1], strict=True)] == [True, True]
