"""The bytes of a file tell nothing but the rendition: not when, where or from what it was made."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from files_made import maker, seen
from shops import Shop

from hantsmap.downloads import FORMATS, File, Kept, offered, want
from hantsmap.downloads.making import make
from hantsmap.store import Store

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/security"))
from canary_county import AUDIENCES, Canaries, county, words  # noqa: E402
from lone_store import County  # noqa: E402

SAMPLE = {"public": ("streets", "rights_of_way", "schools", "policy_indicators", "sinc"),
          "contract_north": ("contract_segments", "contract_streets"), "partners": ("winter_routes", "species_squares"),
          "ecologists": ("species_records", "sinc"), "planners": ("housing_sites",)}


def every_file(store: Path, folder: Path, layer: str, audience: str) -> Iterator[File]:
    """All files of a layer, in every format and system, and a cut of each."""
    entry = seen(store, layer, audience)
    kept = Kept(folder)
    field = next(iter(entry.rendition.fields))
    for format_ in offered(entry.rendition.description):
        for asked in ({}, *({"crs": system.uri} for system in format_.systems[1:]), {"filter": f"{field} IS NOT NULL"}):
            download = want(entry.rendition, entry.published, format_, asked)
            making = folder / ".making" / download.key
            making.mkdir(parents=True, exist_ok=True)
            yield kept.find(download) or make(Store(store), kept, download, making)


@pytest.mark.parametrize("format_", FORMATS)
def test_made_twice_it_is_the_same(county_store: Path, tmp_path: Path, format_: str, monkeypatch: pytest.MonkeyPatch
                                   ) -> None:
    """In another folder and another time zone, a file has the same digest."""
    first = maker(county_store, tmp_path / "one")("rights_of_way", format_)
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    second = maker(county_store, tmp_path / "a longer name")("rights_of_way", format_)
    assert first.path != second.path
    assert (first.sha256, first.name) == (second.sha256, second.name)


@pytest.fixture(scope="module")
def full(county_store: Path, county_data: Path, tmp_path_factory: pytest.TempPathFactory) -> County:
    """The village county, and what each audience may have of it."""
    return County(ROOT / "layers.yaml", county_data, Store(county_store), tmp_path_factory.mktemp("lone"))


@pytest.mark.parametrize("audience", SAMPLE)
def test_what_is_hidden_changes_no_file(full: County, tmp_path: Path, audience: str) -> None:
    """From the full county, and from a store that holds only this audience's data: the same bytes in every format."""
    lone = full.store_of(audience)
    for layer in SAMPLE[audience]:
        ours = list(every_file(full.store.root, tmp_path / "ours", layer, audience))
        theirs = list(every_file(lone, tmp_path / "theirs", layer, audience))
        assert [(file.name, file.sha256) for file in ours] == [(file.name, file.sha256) for file in theirs]
        assert len(ours) >= 11 or seen(lone, layer, audience).rendition.geometry_type == "none"


@pytest.fixture(scope="module")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Canaries, Path]:
    """The county in which everything is a canary, and its store."""
    made = county()
    return made, made.publish(tmp_path_factory.mktemp("canaries"))


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_canary_is_in_a_file_of_others(canaries: tuple[Canaries, Path], tmp_path: Path, audience: str) -> None:
    """All that an audience may hear is in its files, and nothing else is, in any format."""
    made, store = canaries
    said: dict[str, bytes] = dict.fromkeys(FORMATS, b"")
    for layer in made.layers:
        try:
            files = list(every_file(store, tmp_path, layer, audience))
        except KeyError:
            continue
        for file in files:
            name = next(each for each in FORMATS if file.name.endswith(f".{each}"))
            said[name] += _unpacked(file.path)
    heard = {text: who for what, text, who in words(made) if not what.startswith("name of")}
    for name, raw in said.items():
        leaked = [text for text, who in heard.items() if audience not in who and text.encode() in raw]
        assert not leaked, name
    texts = said["csv"] + said["geojson"] + said["gpkg"]
    assert not [text for text, who in heard.items() if audience in who and text.encode() not in texts]


def _unpacked(path: Path) -> bytes:
    """All bytes of a file; of one that is compressed, those of what is in it."""
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        return repr((table.schema.names, table.schema.metadata, table.to_pydict())).encode()
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


MADE_ANEW = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
from files_made import maker
from hantsmap.downloads import FORMATS
make = maker(Path({store!r}), Path(sys.argv[1]))
for format_ in FORMATS:
    for asked in ({{}}, {{"filter": "rank > 1"}}):
        print(format_, make("odd", format_, "staff", **asked).sha256)
"""


def test_a_file_that_is_made_again_by_another_process_is_the_same(odd_shop: Shop, tmp_path: Path) -> None:
    """Python orders sets by a seed that differs from process to process: no byte of any format depends on it."""
    script = MADE_ANEW.format(paths=[str(ROOT), str(Path(__file__).parent)], store=str(odd_shop.store))
    # Under these seeds the set in which ezdxf keeps its classes has two different orders.
    running = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path / seed)], stdout=subprocess.PIPE, text=True,
                                env={**os.environ, "PYTHONHASHSEED": seed}) for seed in ("1", "5")]
    first, second = (process.communicate()[0].splitlines() for process in running)
    assert first == second and len(first) == 2 * len(FORMATS)
