"""Plugins that want out: each is run in a real page with a real engine, and reaches nothing."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator

import pytest
from journey_engine import EngineProcess
from journey_page import Workbench
from malicious import FOLDER, Listeners, Prison, listeners
from playwright.sync_api import Page, expect

ORIGIN = [
    "storage",
    "parent-dom",
    "siblings",
    "opener",
    "workers",
    "top-navigation",
    "engine-routes",
]
MESSAGES = [
    "prototypes",
    "methods",
    "forged-messages",
    "raw-port",
    "payloads",
    "huge",
    "other-plugins",
]
NETWORK = ["local-ports", "web-rtc", "network-none", "libraries", "downloads", "paths"]
LOOKS = ["addresses", "devices", "click-jacking"]
APART = {
    "self-navigation",
    "data-navigation",
    "markup",
    "sign-in",
    "keystrokes",
    "permission-dodger",
}
FLOODS = {"victim"} | {path.name.split(".")[0] for path in FOLDER.glob("flood-*")}
NOISE = (".",)  # the console tells of everything that was refused


@pytest.fixture
def reached() -> Iterator[Listeners]:
    with listeners() as noted:
        yield noted


@pytest.fixture
def prison(
    new_page: Callable[..., Page], engine: EngineProcess, reached: Listeners, trouble
) -> Iterator[Prison]:
    trouble.allow(*NOISE)
    workbench = Workbench(new_page())
    workbench.open(engine.link())
    workbench.expect_engine("Engine connected")
    held = Prison(workbench, engine.address, reached)
    held.install("victim")
    yield held
    held.expect_untouched()
    # The victim is as it was, and the page still runs plugins.
    held.page.evaluate("window.refusing = true")
    workbench.run("Victim")
    expect(workbench.expect_window("Victim")).to_contain_text("victim ran")


def test_every_file_is_run() -> None:
    files = {path.name.removesuffix(".imjoy.html") for path in FOLDER.glob("*.imjoy.html")}
    assert files == {*ORIGIN, *MESSAGES, *NETWORK, *LOOKS} | APART | FLOODS
    assert len(files) >= 30


def test_nothing_of_the_page_or_the_engine_is_reached(prison: Prison) -> None:
    assert {file: got for file in ORIGIN if (got := prison.run(file))} == {}
    assert prison.reached.requests == []


@pytest.mark.slow
def test_no_message_is_more_than_a_message(prison: Prison) -> None:
    assert {file: got for file in MESSAGES if (got := prison.run(file))} == {}


@pytest.mark.slow
def test_nothing_is_sent_that_may_not_be(prison: Prison) -> None:
    found = {file: got for file in NETWORK if (got := prison.run(file))}
    prison.page.wait_for_timeout(500)
    assert found == {}
    assert prison.reached.requests == []
    assert prison.reached.packets == []
    # The listener would have heard it: the page itself may send so.
    prison.page.evaluate(
        """async (port) => {
          const one = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] });
          one.createDataChannel("x");
          await one.setLocalDescription(await one.createOffer());
          await new Promise((go) => setTimeout(go, 1500));
          one.close();
        }""",
        prison.reached.udp,
    )
    assert prison.reached.packets != []


def test_no_address_and_no_device_leads_out(prison: Prison) -> None:
    assert {file: got for file in LOOKS if (got := prison.run(file))} == {}
    assert prison.reached.requests == []


@pytest.mark.slow
def test_a_frame_cannot_leave_with_what_it_knows(prison: Prison) -> None:
    for file in ("self-navigation", "data-navigation", "data-navigation"):
        name = prison.install(file)
        prison.workbench.run(name)
        prison.wait_for(name, 30)
        prison.page.wait_for_timeout(1500)
        prison.page.get_by_role("button", name=f"Stop {name}", exact=True).click()
    prison.page.evaluate("window.refusing = false")
    assert prison.reached.requests == []
    assert prison.reached.packets == []


@pytest.mark.slow
def test_no_text_of_a_plugin_is_markup_of_the_page(prison: Prison) -> None:
    page, workbench = prison.page, prison.workbench
    name = prison.install("markup")
    workbench.run(name)
    prison.wait_for(name, 30)
    for action in ("Log of", "About", "Permissions of"):
        page.get_by_role("button", name=f"{action} {name}", exact=True).click()
        page.wait_for_timeout(300)
    workbench.tab("Jobs")
    workbench.tab("Data")
    workbench.tab("Plugins")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Action").fill("img")
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")
    prison.expect_untouched()
    assert any(f"From the plugin {name}" in text for text in prison.questions)
    page.get_by_role("button", name=f"Remove {name}", exact=True).click()
    workbench.dismiss_all()


@pytest.mark.slow
def test_a_question_says_which_plugin_asks(prison: Prison) -> None:
    name = prison.install("sign-in")
    prison.page.evaluate("window.refusing = false")
    prison.workbench.run(name)
    dialog = prison.page.get_by_role("dialog", name="Sign in")
    expect(dialog).to_contain_text(f"From the plugin {name}")
    dialog.get_by_role("button", name=f"Stop {name}").click()
    expect(dialog).to_have_count(0)
    prison.workbench.expect_state(name, "not started")
    expect(prison.workbench.window(name)).to_have_count(0)


@pytest.mark.slow
def test_a_refusal_is_not_asked_away(prison: Prison) -> None:
    assert prison.run("permission-dodger") == []
    asked = [text for text in prison.questions if "Camera?" in text]
    assert len(asked) == 1


@pytest.mark.slow
def test_the_keyboard_stays_where_the_person_types(prison: Prison) -> None:
    page = prison.page
    name = prison.install("keystrokes")
    with page.expect_console_message(lambda message: message.text == "stealing"):
        prison.workbench.run(name)
    page.evaluate("window.refusing = false")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Action")
    field.press_sequentially("secret token", delay=200)
    expect(field).to_have_value("secret token")
    prison.wait_for(name, 10)
    assert prison.reports[name] == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Stop {name}", exact=True).click()


def bomb() -> bytes:
    """A workspace of a few megabytes that would be many gigabytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("workspace.json", b" " * (512 << 20))
        for number in range(3):
            archive.writestr(f"../../{number}", b"0" * (256 << 20))
    return file.getvalue()


HOSTILE = {
    "redos.imjoy.html": b'<config lang="json">{"name": "x", "type": "iframe", "ui": "'
    + b"{id:'" * 20_000
    + b'", "network": ["'
    + b"a-" * 50_000
    + b'!"]}</config><script>0</script>',
    "yaml.imjoy.html": b'<config lang="yaml">\n'
    b"a: &a [x]\n"
    + b"".join(b"b%d: &b%d [*a, *a, *a, *a, *a, *a]\n" % (n, n) for n in range(2000))
    + b"</config>",
    "deep.imjoy.html": b"<config>" + b"[" * 200_000 + b"</config><script>0</script>",
    "tags.imjoy.html": b"<config>{}</config>" + b"<script <script " * 50_000,
    "name.imjoy.html": json.dumps({"name": "../../x", "type": "iframe"})
    .join(["<config>", "</config><script>0</script>"])
    .encode(),
    "comment.imjoy.html": b"<!--" * 100_000 + b"<config>{" + b"/*" * 100_000,
}


@pytest.mark.slow
def test_hostile_files_are_answered_at_once(prison: Prison) -> None:
    page, workbench = prison.page, prison.workbench
    late = {}
    for name, data in {**HOSTILE, "bomb.imjoy.zip": bomb()}.items():
        began = time.monotonic()
        workbench.drop(name, data)
        shown = page.get_by_role("dialog").or_(page.get_by_label("Notices").get_by_role("alert"))
        expect(shown.first).to_be_visible(timeout=30_000)
        late[name] = round(time.monotonic() - began, 1)
        if page.get_by_role("dialog").count():
            page.keyboard.press("Escape")
        workbench.dismiss_all()
    assert {name: seconds for name, seconds in late.items() if seconds > 6} == {}
    assert re.search("ImJoy", page.title())
