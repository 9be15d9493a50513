"""The output of a plugin: kept, forwarded, bounded."""

from __future__ import annotations

from imjoy.engine import log as log_module
from imjoy.engine.log import BATCH_LINES, KEPT_BYTES, OutputLog


def make() -> OutputLog:
    return OutputLog(now=lambda: 5.0)


def texts(lines: list[dict[str, object]]) -> list[object]:
    return [line["text"] for line in lines]


def test_lines_are_cut_wherever_the_bytes_are() -> None:
    log = make()
    for byte in "one\ntwö\n\nthree".encode():
        log.feed("stdout", bytes([byte]))
    assert texts(log.take()) == ["one", "twö", ""]
    log.feed("stderr", b"other\n")
    log.end()
    assert texts(log.take()) == ["other", "three"]
    assert not log.has_batch
    assert texts(log.kept()) == ["one", "twö", "", "other", "three"]
    assert log.kept()[0] == {"time": 5.0, "stream": "stdout", "level": "info", "text": "one"}


def test_a_carriage_return_begins_the_line_again() -> None:
    log = make()
    log.feed("stderr", b"10%\r50%\r100%\r\nnext\n")
    assert texts(log.take()) == ["100%", "next"]


def test_bad_bytes_and_endless_lines() -> None:
    log = make()
    log.feed("stdout", b"\xff\n")
    assert texts(log.take()) == ["\ufffd"]
    for _ in range(100):
        log.feed("stdout", b"x" * 10_000)
    assert sum(map(len, log._parts.values())) <= log_module.LINE_BYTES
    log.take()
    log.feed("stdout", b"\nend\n")
    assert texts(log.take())[-1] == "end"


def test_what_is_left_out_is_counted_and_the_last_lines_are_shown() -> None:
    log = make()
    for number in range(5000):
        log.feed("stdout", b"line %d\n" % number)
    shown = log.take()
    assert texts(shown)[:BATCH_LINES] == [f"line {n}" for n in range(BATCH_LINES)]
    mark = shown[BATCH_LINES]
    assert (mark["stream"], mark["level"]) == ("engine", "warning")
    last = texts(shown)[BATCH_LINES + 1 :]
    assert last[-1] == "line 4999"
    left_out = 5000 - BATCH_LINES - len(last)
    assert mark["text"] == f"{left_out:,} lines were left out here."
    log.feed("stdout", b"after\n")
    assert texts(log.take()) == ["after"]


def test_a_burst_in_one_piece() -> None:
    log = make()
    log.feed("stdout", b"".join(b"%d\n" % n for n in range(100_000)))
    shown = log.take()
    assert shown[-1]["text"] == "99999"
    assert len(shown) < 2000
    assert sum(len(str(text)) for text in texts(shown)) < 64 * 1024


def test_memory_is_bounded() -> None:
    log = make()
    piece = b"The quick brown fox jumps over the lazy dog\n" * 3000
    for _ in range(200_000_000 // len(piece)):
        log.feed("stdout", piece)
    assert log._size <= KEPT_BYTES
    assert 900_000 < sum(len(str(text)) + 1 for text in texts(log.kept())) <= KEPT_BYTES
    assert sum(len(block.data) for block in log._batch) <= log_module.BATCH_BYTES


def test_the_tail_is_the_plugins_own() -> None:
    log = make()
    log.feed("stdout", b"a\nb\n")
    log.say("error", "It ended.")
    assert log.tail() == ["a", "b"]
    assert log.tail(1) == ["b"]


def test_levels_of_error_output() -> None:
    text = """\
plain words
WARNING:root:careful
2026-01-01 12:00:00,000 - skimage - ERROR - it broke
DEBUG: details
[INFO] fine
/x/y.py:3: DeprecationWarning: old
Traceback (most recent call last):
  File "x.py", line 1, in <module>
ValueError: no
after it
"""
    log = OutputLog()
    log.feed("stderr", text.encode())
    levels = [line["level"] for line in log.kept()]
    assert levels == [
        *("info", "warning", "error", "debug", "info", "warning"),
        *("error", "error", "error", "info"),
    ]
    log = OutputLog()
    log.feed("stdout", b"ERROR: in a table\n")
    assert log.kept()[0]["level"] == "info"
