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
from malicious import FOLDER, Block, Prison, let_in, listeners
from playwright.sync_api import Browser, Page, expect

# What shows soonest that a wall has a hole, so that these are run before each change.
QUICK = ["storage", "parent-dom", "engine-routes", "self-navigation", "nested-frames", "raw-port"]
# Those that do more than run and report.
APART = {"markup", "sign-in", "keystrokes", "permission-dodger"}
FLOODS = {"victim"} | {path.name.split(".")[0] for path in FOLDER.glob("flood-*")}
FILES = {path.name.removesuffix(".imjoy.html") for path in FOLDER.glob("*.imjoy.html")}
SLOW = sorted(FILES - APART - FLOODS - set(QUICK))
NOISE = (".",)  # the console tells of everything that was refused
# What the page itself can send, to see that the listener would have heard it.
_CALL = """async (port) => {
  const one = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] });
  one.createDataChannel("x");
  await one.setLocalDescription(await one.createOffer());
  await new Promise((go) => setTimeout(go, 1500));
  one.close();
}"""


@pytest.fixture(scope="module")
def block(browser: Browser, engine: EngineProcess) -> Iterator[Block]:
    built = Block(browser, engine)
    yield built
    built.demolish()


@pytest.fixture
def prison(new_page: Callable[..., Page], engine: EngineProcess, trouble) -> Iterator[Prison]:
    """A page of its own."""
    trouble.allow(*NOISE)
    held = let_in(new_page(), engine)
    yield held
    held.expect_untouched()


def test_there_are_thirty_and_more() -> None:
    assert APART | set(QUICK) <= FILES
    assert len(FILES) >= 40


@pytest.mark.parametrize(
    "file", [*QUICK, *(pytest.param(file, marks=pytest.mark.slow) for file in SLOW)]
)
def test_a_plugin_gets_nowhere(block: Block, file: str) -> None:
    cell = block.cell()
    try:
        assert cell.judge(file) == []
        cell.expect_untouched()
    except BaseException:
        block.demolish()
        raise


@pytest.mark.slow
def test_the_listeners_would_have_heard(prison: Prison) -> None:
    with listeners() as reached:
        prison.page.evaluate(_CALL, reached.udp)
        prison.page.evaluate("(at) => fetch(`https://${at}/`).catch(() => 0)", reached.tcp)
        assert reached.packets != []
        assert reached.requests != []


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
    page.evaluate("window.refusing = false")
    page.get_by_role("button", name="Search actions").click()
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
    assert prison.judge("permission-dodger") == []
    asked = [text for text in prison.questions if "Camera?" in text]
    assert len(asked) == 1


@pytest.mark.slow
def test_the_keyboard_stays_where_the_person_types(prison: Prison) -> None:
    page = prison.page
    name = prison.install("keystrokes")
    with page.expect_console_message(lambda message: message.text == "stealing"):
        prison.workbench.run(name)
    page.evaluate("window.refusing = false")
    # A frame that has the keyboard has the keys of the page too, so a person presses the button.
    page.get_by_role("button", name="Search actions").click()
    field = page.get_by_role("combobox", name="Action")
    field.press_sequentially("secret token", delay=200)
    expect(field).to_have_value("secret token")
    page.keyboard.press("Escape")
    prison.expect_ended(name, "took the keyboard")
    assert name not in prison.reports


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
