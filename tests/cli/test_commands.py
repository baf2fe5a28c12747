"""The command: what each says, on which channel, and with which exit code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from workbench import Workbench, tree

from hantsmap import __version__
from hantsmap.cli import main
from hantsmap.registry.checks import there_are


def run(bench: Workbench, *words: str) -> Result:
    """The command in this process, with what it wrote to each channel."""
    return CliRunner().invoke(main, [*bench.options, *words])


def test_help() -> None:
    """`--help` names every command and every exit code; so does `-h`."""
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0 and result.output == CliRunner().invoke(main, ["-h"]).output
    words = ("check publish list history restore verify serve explain exposure forget keys usage licences downloads "
             "backup prune pull HANTSMAP_REGISTRY")
    assert [word for word in words.split() if word not in result.output] == []
    assert re.findall(r"^    (\d)  ", result.output, re.MULTILINE) == [str(code) for code in range(10)]


def test_version() -> None:
    """`--version` says the version and nothing else."""
    result = CliRunner().invoke(main, ["--version"])
    assert (result.exit_code, result.output) == (0, f"hantsmap {__version__}\n")


@pytest.mark.parametrize("words", [["publish", "ponds"], ["restore", "ponds", "x"], ["shine"], ["publish", "--loud"],
                                   ["history"], ["serve", "--port", "x"]])
def test_not_understood(published: Workbench, words: list[str]) -> None:
    """A command, option or layer that there is not: exit code 2, and a sentence on stderr."""
    result = run(published, *words)
    assert result.exit_code == 2 and "Error: " in result.stderr and result.stdout == ""
    if "ponds" in words:
        assert "no layer ponds in the registry; there are trees, benches" in result.stderr


def test_check(bench: Workbench) -> None:
    """`check` says that a registry is valid, or everything that is not, with exit code 3 and nothing on stdout."""
    result = run(bench, "check")
    assert (result.exit_code, result.stdout) == (0, f"{bench.registry} is valid: 2 layers, 2 audiences.\n")
    bench.say("licence: ogl", "licence: cc")
    result = run(bench, "check")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.splitlines() == ["layers.yaml:18: `cc` is not a licence; there are ogl.",
                                          "layers.yaml:44: `cc` is not a licence; there are ogl."]


@pytest.mark.parametrize("words", [["publish"], ["restore", "trees", "x"], ["check"]])
def test_broken_registry(bench: Workbench, words: list[str]) -> None:
    """Every command that reads the registry ends with exit code 3 where it is broken, and touches no store."""
    bench.registry.write_text("title: [")
    result = run(bench, *words)
    assert result.exit_code == 3 and result.stderr.startswith("layers.yaml:") and not bench.store.root.exists()


def test_publish(bench: Workbench) -> None:
    """`publish` prints one calm line a layer on stderr, then a table without blanks at the ends of its lines."""
    result = run(bench, "publish")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == ["trees: published, 30 rows", "benches: published, 5 rows"]
    assert result.stdout.splitlines() == ["layer               rows  findings",
                                          "trees    published    30",
                                          "benches  published     5"]
    again = run(bench, "publish", "trees")
    assert again.stdout.splitlines() == ["layer             rows  findings", "trees  unchanged    30"]


def test_publish_shows_findings(bench: Workbench) -> None:
    """Findings are counted in the table; the first two of each kind are shown, with -v all; no line is wrapped."""
    bench.trees([tree(number, name=f" {'long ' * 40}{number}") for number in range(1, 6)])
    lines = run(bench, "publish", "trees").stdout.splitlines()
    assert lines[1].endswith("5 trailing-space (repaired)")
    assert [line.split(":")[1] for line in lines[2:4]] == [" t0001 [name]", " t0002 [name]"]
    assert lines[4] == "  and 3 more of the same kinds: publish -v shows them, history -v later"
    assert all(line.endswith("(repaired, trailing-space)") for line in lines[2:4])
    bench.say("title: Name}", "title: Called}")
    assert len(run(bench, "publish", "-v", "trees").stdout.splitlines()) == 7


def test_exit_codes_of_publish(published: Workbench) -> None:
    """Blocked is 5, a source that is gone is 4; of several layers the largest code counts, and each is told."""
    published.trees([tree(1), tree(1, name="x")])
    result = run(published, "publish")
    assert result.exit_code == 5
    assert "trees: t0001 [code]: stands on two different rows: a key names one feature, for good." in result.stdout
    (published.data / "benches.csv").unlink()
    result = run(published, "publish")
    assert result.exit_code == 5 and "benches: Layer `" in result.stdout
    assert run(published, "publish", "benches").exit_code == 4


def test_busy(published: Workbench) -> None:
    """While another publishes: exit code 6 and a sentence, for `publish` and for `restore`."""
    with published.store.publishing():
        for words in (["publish"], ["restore", "trees", published.edition("trees")]):
            result = run(published, *words)
            assert (result.exit_code, result.stdout) == (6, "")
            assert result.stderr == (f"Somebody else is publishing to {published.store.root}. "
                                     "Try again when that has ended.\n")


def test_list(published: Workbench) -> None:
    """`list` shows each layer with its edition, rows, since when and for whom; withdrawn layers too."""
    result = run(published, "list")
    assert result.exit_code == 0
    heading, benches, trees = (re.split(r"  +", line) for line in result.stdout.splitlines())
    assert heading == ["layer", "edition", "rows", "since", "audiences"]
    assert benches[:3] == ["benches", published.edition("benches"), "5"]
    assert trees[0:3] == ["trees", published.edition("trees"), "30"] and trees[4] == "public, staff"
    text = published.registry.read_text()
    published.registry.write_text(text[: text.index("  benches:")])
    published.publish()
    assert re.search(r"^benches  withdrawn ", run(published, "list").stdout, re.MULTILINE)


def test_history(published: Workbench) -> None:
    """`history` shows what was current, newest first; -v adds the findings of the newest edition."""
    old = published.edition("trees")
    published.trees([tree(1, kind="Q"), tree(2)])
    published.publish()
    lines = run(published, "history", "trees").stdout.splitlines()
    assert [re.split(r"  +", line)[0] for line in lines] == ["number", "2", "1"]
    assert lines[1].endswith("     2") and lines[2].endswith("    30") and old in lines[2]
    verbose = run(published, "history", "-v", "trees").stdout.splitlines()
    assert verbose[:3] == lines
    assert verbose[3:] == ["  trees: t0001 [kind]: 'Q' is not in the code list kind: left empty. "
                           "(repaired, unknown-code)"]


def test_restore(published: Workbench) -> None:
    """`restore` takes the beginning of an edition's id, and says what became of it; one it does not know is code 6."""
    old = published.edition("trees")
    published.trees([tree(1)])
    published.publish()
    result = run(published, "restore", "trees", old[:10])
    assert result.exit_code == 0 and re.search(r"^trees  restored +30$", result.stdout, re.MULTILINE)
    result = run(published, "restore", "trees", "0000")
    assert result.exit_code == 6 and "trees has 0 editions that begin with `0000`. It has: " in result.stderr


def test_verify(published: Workbench) -> None:
    """`verify` counts what it checked; with damage it ends with exit code 6 and names the file."""
    result = run(published, "verify")
    number = len(published.files("editions", "renditions", "promotions", "visibility")) + 2
    assert (result.exit_code, result.stdout) == (0, f"{number} files are, byte for byte, what was written.\n")
    file = published.rendition("trees", "staff") / "features.crs84.json"
    file.write_bytes(file.read_bytes().replace(b"Tree 7", b"Tree 8"))
    result = run(published, "verify")
    assert (result.exit_code, result.stdout) == (6, "")
    assert result.stderr == (f"{file} is not the file that was written. Publish the layer again, or restore a "
                             "backup.\n")


@pytest.mark.parametrize("words", [["list"], ["verify"], ["history", "trees"]])
def test_no_store(bench: Workbench, words: list[str]) -> None:
    """A store that is not there: exit code 6, a sentence, and it is not made by asking for it."""
    result = run(bench, *words)
    assert (result.exit_code, result.stdout) == (6, "")
    assert str(bench.store.root) in result.stderr and "publish" in result.stderr
    assert not bench.store.root.exists()


def test_datum_that_is_off(published: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where coordinates cannot be transformed exactly, publishing ends with exit code 7, and the last edition stays."""
    from hantsmap import crs

    def off(*_: object) -> None:
        from hantsmap.errors import DatumError

        raise DatumError("OSTN15 puts E 442000 N 112000 1.15 m from where it is.")

    monkeypatch.setattr(crs, "datum", off)
    published.trees([tree(1)])
    result = run(published, "publish", "trees")
    assert result.exit_code == 7 and "1.15 m from where it is." in result.stdout
    assert len(published.store.history("trees")) == 1


def test_as_a_module(published: Workbench) -> None:
    """`python -m hantsmap` is the command too, and calls itself hantsmap."""
    done = published.command("list")
    assert done.returncode == 0 and published.edition("trees") in done.stdout
    assert published.command("--help").stdout.startswith("Usage: hantsmap ")


def test_settings_from_the_environment(published: Workbench) -> None:
    """Registry, store and data may come from the environment, so that a service needs no options."""
    result = CliRunner().invoke(main, ["publish"], env={
        "HANTSMAP_REGISTRY": str(published.registry), "HANTSMAP_STORE": str(published.store.root),
        "HANTSMAP_DATA": str(published.data)})
    assert result.exit_code == 0 and "unchanged" in result.stdout


@pytest.mark.parametrize(("words", "environment", "audience"), [
    ([], {}, "public"), ([], {"HANTSMAP_AUDIENCE": "staff"}, "staff"),
    (["--audience", "partners"], {"HANTSMAP_AUDIENCE": "staff"}, "partners")], ids=["neither", "environment", "option"])
def test_whom_a_server_is_for(published: Workbench, monkeypatch: pytest.MonkeyPatch, words: list[str],
                              environment: dict[str, str], audience: str) -> None:
    """Everybody counts as the public; as HANTSMAP_AUDIENCE, where that is set; as what the option says, above all."""
    begun: list[dict[str, str]] = []
    monkeypatch.setattr("os.execve", lambda program, arguments, told: begun.append(told))
    CliRunner().invoke(main, [*published.options, "serve", *words], env=environment)
    assert [told["HANTSMAP_AUDIENCE"] for told in begun] == [audience]


def test_no_command_waits_for_an_answer() -> None:
    """Nothing in the library or the server asks on the terminal: cron and services have nobody there."""
    asking = {"input", "click.prompt", "click.confirm", "click.pause", "getpass.getpass", "Prompt.ask", "Confirm.ask"}
    root = Path(__file__).parents[2]
    files = [path for package in ("hantsmap", "server") for path in (root / package).rglob("*.py")]
    found = [f"{path.name}:{node.lineno}" for path in files
             for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.Call) and ast.unparse(node.func) in asking]
    options = [each for command in main.commands.values() for each in command.params if getattr(each, "prompt", None)]
    assert found == [] and options == []


def test_a_registry_without_names_is_said() -> None:
    """The end of a sentence about an unknown name lists the names that there are, or says that there are none."""
    assert there_are(["ponds", "trees"]) == "there are ponds, trees"
    assert there_are([]) == "the registry has none: add it"
