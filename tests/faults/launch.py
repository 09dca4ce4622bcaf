"""Start a command under limits, and write how it ended: `python -IS launch.py RESULT SECONDS BYTES COMMAND...`.

It is a small process between the test and the command, since the memory that a process is said to have taken includes
that of the one which started it.
"""

import os
import resource
import sys


def main(result: str, seconds: str, memory: str, *command: str) -> None:
    """Run the command, and write its exit code and the bytes that it took at most."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_DATA, (int(memory), int(memory)))  # for the machine's sake
    _, status, usage = os.wait4(os.posix_spawn(command[0], command, os.environ), 0)
    with open(result, "w") as file:  # noqa: PTH123
        file.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss << 10}")


if __name__ == "__main__":
    main(*sys.argv[1:])
