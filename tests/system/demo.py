"""`make remote-demo`: a small copy of the pipeline goes to S3 on loopback, and comes back in a fresh clone."""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from tests.repository import commit_all, copy_repository, few_rows, made_up_rows, ran
from tests.system.s3 import S3Server

EVALUATIONS = {"eval@model2vec", "eval@contrastive", "eval@fasttext"}
OUTS = ("data", "models", "evals", "reports")
NOBODY = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
}


class Shell:
    """Runs command lines as if the environment were activated, with the server's credentials and nobody else's."""

    def __init__(self, server: S3Server, shown: bool = False) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DVC_", "MAKE"))}
        self.shown = shown
        self.environment = own | {
            "PATH": f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "BONEPICK_NUM_PROC": "1",
            **NOBODY,
            **server.environment,
        }

    def __call__(self, folder: Path, line: str, code: int = 0, **variables: str) -> str:
        """Run a line in a folder; return what it printed."""
        if self.shown:
            print(f"$ {line}", flush=True)
        done = subprocess.run(
            ["bash", "-euc", line],
            cwd=folder,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == code, f"{line} ended with {done.returncode}, not {code}:\n{done.stdout[-5000:]}"
        return done.stdout


def small_copy(folder: Path) -> None:
    """Copy the repository, with one dataset of a few rows and short trainings, and commit it."""
    copy_repository(folder)
    few_rows(folder, made_up_rows)
    yaml = YAML()
    params = yaml.load(folder / "params.yaml")
    del params["datasets"]["unseen"]
    params["train"]["fasttext"]["epoch"] = 5
    yaml.dump(params, folder / "params.yaml")
    commit_all(folder)


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of each file that the pipeline made."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for out in OUTS
        for path in sorted((folder / out).rglob("*"))
        if path.is_file()
    }


@dataclass(frozen=True)
class RoundTrip:
    """What was seen on the way."""

    made: dict[str, str]
    pulled: dict[str, str]
    restored: dict[str, str]
    in_sync: bool
    ran_after_pull: set[str]
    ran_without_lock: set[str]


def round_trip(shell: Shell, here: Path, clone: Path, url: str) -> RoundTrip:
    """Push what lies `here`, lose its cache, pull in a fresh clone; then restore from the run cache alone."""
    made = digests(here)
    shell(here, f"dvc remote add -d storage {url}")
    shell(here, "git commit -qam 'Name the bucket'")
    shell(here, "dvc push")
    shell(here, "dvc push --run-cache")
    shell(here, "rm -r .dvc/cache")
    shell(here, f"git clone -q . '{clone}'")
    shell(clone, "dvc pull")
    pulled = digests(clone)
    in_sync = shell(clone, "dvc status") == "Data and pipelines are up to date.\n"
    in_sync &= shell(clone, "dvc status -c") == "Cache and remote 'storage' are in sync.\n"
    ran_after_pull = ran(shell(clone, "dvc repro"))
    shell(clone, f"rm -r dvc.lock .dvc/cache {' '.join(OUTS)}")
    ran_without_lock = ran(shell(clone, "dvc repro --pull"))
    return RoundTrip(made, pulled, digests(clone), in_sync, ran_after_pull, ran_without_lock)


def main() -> None:
    """Show the round trip, and what it proves."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # else nothing would be cleaned up
    with tempfile.TemporaryDirectory(prefix="bonepick-demo-") as folder, S3Server() as server:
        here, shell = Path(folder) / "here", Shell(server, shown=True)
        here.mkdir()
        small_copy(here)
        print(f"an S3 server at {server.endpoint}, and a copy of this repository on a few rows", flush=True)
        shell(here, "dvc repro")
        shell(here, "git add -A && git commit -qm results")
        server.files().mkdir("demo")
        trip = round_trip(shell, here, Path(folder) / "clone", "s3://demo/bonepick")
        proven = claims(trip, server, "demo")
    print("\nproven:" if all(proven.values()) else "\nNOT proven:")
    for what, holds in proven.items():
        print(f"  {'yes' if holds else 'NO '}  {what}")
    sys.exit(not all(proven.values()))


def claims(trip: RoundTrip, server: S3Server, bucket: str) -> dict[str, bool]:
    """Return what a round trip shall prove, and whether it did."""
    sizes = [entry["size"] for entry in server.files().find(bucket, detail=True).values()]
    return {
        f"{len(sizes)} objects pushed, {sum(sizes) / 1e6:.1f} MB": bool(sizes),
        f"{len(trip.made)} files pulled into a fresh clone, byte for byte the same": trip.pulled == trip.made,
        "`dvc status` and `dvc status -c` in sync": trip.in_sync,
        f"{len(trip.ran_after_pull)} stages run by `dvc repro` after the pull": not trip.ran_after_pull,
        "without dvc.lock and cache, the run cache gives all back but metrics.json, which only git has: "
        f"{len(trip.ran_without_lock)} evaluations run, no training, same bytes": (
            trip.ran_without_lock == EVALUATIONS and trip.restored == trip.made
        ),
    }


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("error: interrupted: nothing was left behind")
