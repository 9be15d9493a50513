"""What uv draws on a terminal."""

from __future__ import annotations

from imjoy.envs.screen import AllDownloaded, Downloaded, Linked, Screen

BAR = "-" * 30
DRAWN = (
    "\x1b[2K\r\u2819 Preparing packages... (0/2)      "
    f"\x1b[2mnumpy                {BAR}\x1b[0m 8.00 MiB/16.00 MiB      "
    f"six                  {BAR}     0 B/320.69 KiB       \r\r"
)


def test_bars_become_fractions() -> None:
    events = Screen().feed(DRAWN)
    assert events == [
        Downloaded("numpy", 0.5, 16 * 1024 * 1024),
        Downloaded("six", 0.0, int(320.69 * 1024)),
    ]


def test_any_cut_gives_the_same_events() -> None:
    expected = Screen().feed(DRAWN)
    for cut in range(len(DRAWN)):
        screen = Screen()
        found = screen.feed(DRAWN[:cut]) + screen.feed(DRAWN[cut:])
        assert [event for event in found if event in expected] == found
        assert set(found) == set(expected), cut


def test_links_and_the_end_of_downloads() -> None:
    text = "Prepared 9 packages in 513ms\r\n\u2588\u2588\u2591 [5/9] networkx==3.6.1    \r"
    assert Screen().feed(text) == [AllDownloaded(), Linked(5, 9, "networkx")]


def test_the_message_has_no_drawing() -> None:
    screen = Screen()
    screen.feed(DRAWN + "\nerror: it failed\r\n  cause: because\r\n")
    assert screen.message() == "error: it failed\n  cause: because"
