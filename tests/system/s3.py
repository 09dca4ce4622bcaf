"""An S3 server on loopback: seaweedfs from an environment of its own, on free ports, with a folder of its own."""

import json
import os
import random
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from s3fs import S3FileSystem

WEED = Path(__file__).parents[2] / ".venv/system/bin/weed"
PORTS = [f"{part}.port{kind}" for part in ("master", "volume", "filer", "s3") for kind in ("", ".grpc")]
OPTIONS = (
    *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-volume.preStopSeconds=0", "-filer"),
    *("-master.volumeSizeLimitMB=256", "-volume.max=200"),  # each bucket takes seven volumes
    "-master.electionTimeout=500ms",  # it waits so long, alone as it is, before it starts again
    *("-s3", "-s3.autoCreateBucket=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
)
KEY, SECRET = "somebody", "hidden"
PATIENCE = 60  # seconds after which a server that does not answer is taken to be broken
PAUSE = 0.1  # seconds between two questions


class S3Server:
    """A context manager. What it stores survives `crash` and `start`, and goes with the context."""

    def __init__(self) -> None:
        self._ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        self.endpoint = f"http://127.0.0.1:{self._ports['s3.port']}"
        self.environment = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "S3Server":
        if not WEED.is_file():
            raise FileNotFoundError(f"{WEED} is missing: `make test-system` installs it and runs these tests")
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bonepick-s3-")))
            stack.callback(self._remove_sockets)
            stack.callback(self.crash)
            identity = {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
            (self._folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
            self.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def start(self) -> None:
        """Start it, and wait until it stores an object; again on the same ports and folder after a crash."""
        ports = [f"-{name}={port}" for name, port in self._ports.items()]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [WEED, "server", f"-dir={self._folder}", f"-s3.config={self._folder / 's3.json'}", *OPTIONS, *ports],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"GOMEMLIMIT": "400MiB"},
            )
        start = time.monotonic()
        while not self._stores():
            if self._process.poll() is not None or time.monotonic() - start > PATIENCE:
                raise RuntimeError(f"the S3 server does not answer:\n{(self._folder / 'log').read_text()[-3000:]}")
            time.sleep(PAUSE)

    def crash(self) -> None:
        """Kill it without a warning (asked politely, it would take 15 seconds)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def files(self) -> S3FileSystem:
        """Return a view of what it stores, with nothing remembered from an earlier one."""
        return S3FileSystem(
            endpoint_url=self.endpoint, key=KEY, secret=SECRET, skip_instance_cache=True, use_listings_cache=False
        )

    def _stores(self) -> bool:
        """Say whether it does: it lists buckets well before it can store anything."""
        files = self.files()
        try:
            files.makedirs("answers", exist_ok=True)
            files.pipe_file("answers/one", b"1")
        except (OSError, TimeoutError):
            return False
        return True

    def _remove_sockets(self) -> None:
        for port in self._ports.values():  # weed puts them there, wherever it is told to work
            for socket_file in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                socket_file.unlink()


def _free_ports(count: int) -> list[int]:
    """Return ports that nobody uses, outside those that are given to outgoing connections.

    Such a one could be taken by a client's connection, while the server is down.
    """
    found: list[int] = []
    for port in random.sample(range(20_000, 32_000), 1_000):
        with socket.socket() as probe:
            if len(found) < count and probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
    return found
