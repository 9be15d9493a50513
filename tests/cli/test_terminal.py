"""What is printed."""

from __future__ import annotations

import io

import pytest

from imjoy.cli.terminal import Terminal, address, link, size
from imjoy.settings import Settings


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_address_is_alone_on_its_line() -> None:
    out = io.StringIO()
    Terminal(out, out).started(link(address("127.0.0.1", 8080), "imc_x"), False)
    assert "http://127.0.0.1:8080/#code=imc_x" in out.getvalue().splitlines()
    assert "Enter" not in out.getvalue()


def test_the_terminal_says_what_is_safe_and_what_is_not() -> None:
    out = io.StringIO()
    settings = Settings(host="0.0.0.0")
    Terminal(out, out).reachable(settings, ["192.168.1.5"], 8081, "lab")
    text = out.getvalue()
    for part in ("http://192.168.1.5:8081/", "Not safe", "plain http", "ssh -N -L 8081:", "token"):
        assert part in text, part


def test_a_short_token_on_the_network_is_pointed_out() -> None:
    out = io.StringIO()
    settings = Settings(host="0.0.0.0", token="1234")
    Terminal(out, out).reachable(settings, [], 1, "lab")
    assert "can be guessed" in out.getvalue() and "1234" not in out.getvalue()


def test_copying_writes_over_one_line_on_a_screen() -> None:
    screen = Screen()
    terminal = Terminal(screen, screen)
    terminal.copy_progress(1, 2, 500, 1000)
    terminal.copy_progress(1, 2, 501, 1000)
    terminal.copy_progress(2, 2, 1000, 1000)
    assert screen.getvalue().count("\r") == 2
    assert screen.getvalue().endswith("2 of 2 files, 1.0 kB of 1.0 kB\n")


@pytest.mark.parametrize(
    "count,text",
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (999_949, "999.9 kB"),
     (999_960, "1.0 MB"), (3_400_000_000, "3.4 GB"), (5 * 10**15, "5000000.0 GB")],
)  # fmt: skip
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


def test_addresses() -> None:
    assert address("::1", 1) == "http://[::1]:1"
