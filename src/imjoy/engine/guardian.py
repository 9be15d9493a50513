"""A small process that outlives a killed engine for a moment, to end all its workers' processes.

A worker leads a process group. What has left the group is known by a mark in its environment, which
programs hand on to those that they start (Linux).
"""

from __future__ import annotations

import logging
import secrets
import subprocess

logger = logging.getLogger(__name__)

# Each line it reads is the list of process groups that run now; the end of its input is the
# engine's end, and then the groups of the last line are killed, and after them what bears the mark.
# That is looked for several times, because it may be starting others meanwhile.
SCRIPT = """
trap '' INT TERM HUP
while read -r line; do groups=$line; done
[ -n "$groups" ] || exit 0
for group in $groups; do kill -s KILL -- "-$group"; done
for turn in 1 2 3; do
  for file in $(grep -l -- "$1" /proc/[0-9]*/environ 2>/dev/null); do
    pid=${file#/proc/}
    kill -s KILL "${pid%/environ}"
  done
  sleep 0.3
done
"""
SHELL = "/bin/sh"
CLOSE_SECONDS = 2.0


class Guardian:
    """Knows the process groups of the workers. Started when the first one is told.

    `mark` begins the marks of all workers of this engine.
    """

    def __init__(self) -> None:
        self.mark = secrets.token_hex(8)
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def add(self, group: int) -> None:
        """End this process group when the engine is killed."""
        self._groups.add(group)
        if self._process is None:
            self._start()
        self._tell()

    def remove(self, group: int) -> None:
        """The group has ended; its number may be given to other processes now."""
        self._groups.discard(group)
        self._tell()

    def close(self) -> None:
        """End without killing anything."""
        self._groups.clear()
        self._tell()
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.close()
            except OSError:
                pass
            try:
                self._process.wait(CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(
                [SHELL, "-c", SCRIPT, "guardian", self.mark],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
            )
        except OSError as exc:
            logger.warning("The guardian of the workers could not be started: %s", exc)

    def _tell(self) -> None:
        if self._process is None or self._process.stdin is None:
            return
        line = " ".join(map(str, sorted(self._groups))) + "\n"
        try:
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
        except OSError:
            logger.debug("The guardian of the workers has gone.")
