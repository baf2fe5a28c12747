"""Runs the `hantsmap` command: `python -m hantsmap`."""

from hantsmap.cli import main

if __name__ == "__main__":
    main(prog_name="hantsmap")
