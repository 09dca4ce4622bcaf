"""A page in a real browser: Debian's chromium without a window, told what to do through a pipe (DevTools protocol)."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE = 60.0  # seconds
QUIET = 1.0  # seconds without an event, after which a loaded page is at rest
READS, WRITES = 3, 4  # the file descriptors that chromium's pipe has
LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)


@dataclass(frozen=True)
class Seen:
    """What a browser saw of a page.

    Attributes:
        requests: addresses that were asked for, the page's own first.
        errors: what the console shows as an error or warning, and exceptions.
        overflow: pixels that it is wider than the window, with all that is folded opened.
        charts: width and height of each SVG element.
        screenshot: of the first screen, as PNG.
    """

    requests: list[str]
    errors: list[str]
    overflow: int
    charts: list[tuple[float, float]]
    screenshot: bytes


class Browser:
    """Chromium with a profile of its own, until the end of the `with`."""

    def __init__(self, profile: Path, width: int = 1200, height: int = 900) -> None:
        found = shutil.which("chromium")
        if found is None:
            raise AssertionError(
                "chromium is not installed, which these tests open the report in: apt-get install chromium"
            )
        theirs_in, self._out = _high_pipe()
        self._in, theirs_out = _high_pipe()
        command = [found, *FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank"]
        launcher = [sys.executable, "-c", LAUNCH, str(theirs_in), str(theirs_out), *command]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(launcher, pass_fds=(theirs_in, theirs_out), **quiet)
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer, self._number, self._events = b"", 0, list[dict[str, Any]]()
        self._width, self._height = width, height

    def __enter__(self) -> "Browser":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def open(self, page: Path) -> Seen:
        """Open a file, wait until nothing more happens, and say what was seen."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        size = {"width": self._width, "height": self._height, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", session, **size)
        for domain in ("Network", "Log", "Runtime", "Page"):
            self._call(f"{domain}.enable", session)
        self._events.clear()
        self._call("Page.navigate", session, url=page.as_uri())
        self._until_loaded()
        boxes = (
            "[...document.querySelectorAll('svg')].map(e => e.getBoundingClientRect()).map(b => [b.width, b.height])"
        )
        charts = [(width, height) for width, height in self._value(session, boxes)]
        picture = base64.b64decode(self._call("Page.captureScreenshot", session)["data"])
        self._value(session, "document.querySelectorAll('details').forEach(e => { e.open = true })")
        overflow = self._value(session, "document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return Seen(self._requests(), self._errors(), overflow, charts, picture)

    def _requests(self) -> list[str]:
        return [e["params"]["request"]["url"] for e in self._events if e["method"] == "Network.requestWillBeSent"]

    def _errors(self) -> list[str]:
        found = []
        for event in self._events:
            own = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(own["exceptionDetails"]))
            elif event["method"] == "Runtime.consoleAPICalled" and own["type"] in ("error", "warning", "assert"):
                found.append(str(own["args"]))
            elif event["method"] == "Log.entryAdded" and own["entry"]["level"] in ("error", "warning"):
                found.append(own["entry"]["text"])
        return found

    def _value(self, session: str, expression: str) -> Any:
        return self._call("Runtime.evaluate", session, expression=expression, returnByValue=True)["result"].get("value")

    def _until_loaded(self) -> None:
        end = time.monotonic() + PATIENCE
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._events.append(self._message(end - time.monotonic()))
        while (message := self._message(QUIET, must=False)) is not None:
            self._events.append(message)
            if time.monotonic() > end:
                break

    def _call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._out, json.dumps(asked).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while True:
            message = self._message(end - time.monotonic())
            if message.get("id") == self._number:
                assert "error" not in message, message
                return dict(message["result"])
            self._events.append(message)

    def _message(self, seconds: float, must: bool = True) -> Any:
        """Return the next message; None where there is none for some seconds, and none must come."""
        end = time.monotonic() + seconds
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                assert not must, f"chromium says nothing for {seconds:.0f} seconds"
                return None
            read = os.read(self._in, 1 << 20)
            assert read, f"chromium ended, with {self._process.wait()}"
            self._buffer += read
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)


def _high_pipe() -> tuple[int, int]:
    """Return a pipe whose ends have high numbers: they shall not be those that chromium's pipe gets."""
    low = os.pipe()
    high = fcntl.fcntl(low[0], fcntl.F_DUPFD_CLOEXEC, 10), fcntl.fcntl(low[1], fcntl.F_DUPFD_CLOEXEC, 10)
    for end in low:
        os.close(end)
    return high
