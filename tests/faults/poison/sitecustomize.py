"""On the path of a command under test: some texts crash the worker process that comes to them, or never end."""

import os
import signal
import sys
import time

POISON = {
    "abort": os.abort,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "hang": lambda: time.sleep(1000),
    "slow": lambda: time.sleep(1),
    "memory": lambda: bytes(1 << 60),
}

if any("spawn_main" in word for word in sys.orig_argv):  # the parent may go on
    from bonepick.scoring.scorer import Scorer

    ready = Scorer.ready

    def poisoned(scorer: Scorer, text: str) -> str:
        first, _, what = text.partition(" ")
        if first == "poison":
            POISON[what]()
        return ready(scorer, text)

    Scorer.ready = poisoned  # type: ignore[method-assign]
