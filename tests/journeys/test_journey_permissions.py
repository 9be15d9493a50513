"""A person sees what a plugin may do, takes some of it away, and it holds."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator

import pytest
from journey_page import Workbench
from playwright.sync_api import Locator, expect

NETWORK = """class ImJoyPlugin {
  setup() {}
  async run() {
    const tries = { fetch: () => fetch("https://HOST/", { mode: "no-cors" }), picture: () =>
      new Promise((done, fail) => {
        const image = new Image();
        image.onload = done;
        image.onerror = () => fail(new Error("no picture"));
        image.src = "https://HOST/a.png";
      }) };
    for (const run of Object.values(tries)) await run().catch(() => 0);
    return { tried: Object.keys(tries) };
  }
}
api.export(new ImJoyPlugin());"""

COUNTER = """class ImJoyPlugin {
  setup() {
    const count = Number(localStorage.getItem("count") ?? 0) + 1;
    localStorage.count = count;
    document.body.innerHTML = `<p>Opened ${count} times, ${localStorage.length} key</p>`;
  }
  run() {}
}
api.export(new ImJoyPlugin());"""

CAMERA = """class ImJoyPlugin {
  async setup() {}
  async run() { setTimeout(() => this.look()); }
  async look() {
    const tell = (text) => { document.body.textContent = text; };
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320 } });
      const video = document.createElement("video");
      video.muted = true;
      video.srcObject = stream;
      await video.play();
      const canvas = document.createElement("canvas");
      canvas.width = 32; canvas.height = 32;
      const drawing = canvas.getContext("2d");
      const look = () => {
        drawing.drawImage(video, 0, 0, 32, 32);
        return [...drawing.getImageData(0, 0, 32, 32).data].join();
      };
      const first = look();
      let frames = 0;
      while (look() === first && frames++ < 200) await new Promise((go) => setTimeout(go, 50));
      tell(`Camera ${video.videoWidth > 0 ? "moves" : "is empty"} after ${frames < 200}`);
      stream.getTracks()[0].stop();
    } catch (error) { tell(`${error.name}: ${error.message}`); }
  }
}
api.export(new ImJoyPlugin());"""


PYTHON = """from js import Object, document, localStorage, navigator
from pyodide.ffi import to_js


class ImJoyPlugin:
    async def setup(self):
        count = int(localStorage.getItem("count") or 0) + 1
        localStorage.setItem("count", str(count))
        document.body.textContent = f"Opened {count} times"

    async def look(self):
        wanted = to_js({"video": True}, dict_converter=Object.fromEntries)
        try:
            stream = await navigator.mediaDevices.getUserMedia(wanted)
            track = stream.getVideoTracks()[0]
            document.body.textContent += f", {track.readyState} camera"
            track.stop()
        except Exception as error:
            document.body.textContent += f", {error}"

    async def run(self, my):
        # The person is asked while the window is open.
        import asyncio
        self.looking = asyncio.ensure_future(self.look())


api.export(ImJoyPlugin())
"""


def plugin(name: str, script: str, kind: str, **config: object) -> str:
    manifest = {"name": name, "type": kind, "version": "1", "api_version": "0.1.8", **config}
    return f"<config>{json.dumps(manifest)}</config>\n<script>\n{script}\n</script>"


@pytest.fixture
def listener() -> Iterator[tuple[str, list[float]]]:
    """A port that counts who comes, whatever they speak."""
    server = socket.create_server(("127.0.0.1", 0))
    visits: list[float] = []

    def listen() -> None:
        while True:
            try:
                visitor, _ = server.accept()
            except OSError:
                return
            visits.append(1)
            visitor.close()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.getsockname()[1]}", visits
    server.close()


def permissions_of(workbench: Workbench, name: str) -> Locator:
    workbench.tab("Plugins")
    workbench.page.get_by_role("button", name=f"Permissions of {name}", exact=True).click()
    dialog = workbench.page.get_by_role("dialog", name=f"Permissions of {name}")
    expect(dialog).to_be_visible()
    return dialog


def choose(workbench: Workbench, name: str, title: str, choice: str) -> None:
    dialog = permissions_of(workbench, name)
    dialog.get_by_label(title, exact=True).select_option(choice)
    dialog.get_by_role("button", name="Close", exact=True).click()


def test_the_network_is_what_the_person_leaves(
    workbench: Workbench, listener: tuple[str, list[float]], trouble
) -> None:
    trouble.allow("ERR_", "Content Security Policy", "Content-Security-Policy")
    host, visits = listener
    workbench.install_text(plugin("Caller", NETWORK.replace("HOST", host), "iframe"), "Caller")

    def visits_of_a_run() -> int:
        before = len(visits)
        workbench.run("Caller")
        expect(workbench.expect_window("Caller")).to_contain_text("picture")
        workbench.close("Caller")
        return len(visits) - before

    assert visits_of_a_run() >= 2
    choose(workbench, "Caller", "Network", "none")
    assert visits_of_a_run() == 0
    dialog = permissions_of(workbench, "Caller")
    dialog.get_by_label("Network", exact=True).select_option("listed")
    hosts = dialog.get_by_label("Hosts that it may reach")
    hosts.fill("*; script-src *")
    hosts.press("Tab")
    expect(dialog.get_by_role("alert")).to_contain_text("no host")
    hosts.fill(f"https://{host}/")
    hosts.press("Tab")
    dialog.get_by_role("button", name="Close", exact=True).click()
    assert visits_of_a_run() >= 2

    # It holds over a reload, and the same code of another file does not get it back by itself.
    choose(workbench, "Caller", "Network", "none")
    workbench.page.reload()
    workbench.expect_installed("Caller")
    assert visits_of_a_run() == 0
    changed = plugin("Caller", NETWORK.replace("HOST", host) + "\n// new", "iframe")
    workbench.drop("caller.imjoy.html", changed.encode())
    assert "It may not reach the network" in workbench.agree_to_install("Caller")
    assert visits_of_a_run() == 0
    dialog = permissions_of(workbench, "Caller")
    dialog.get_by_role("button", name="As the plugin asks").click()
    expect(dialog.get_by_label("Network", exact=True)).to_have_value("any")
    dialog.get_by_role("button", name="Close", exact=True).click()
    assert visits_of_a_run() >= 2


def test_storage_and_camera_of_windows_go_through_the_page(workbench: Workbench, trouble) -> None:
    trouble.allow("SecurityError", "localStorage")
    workbench.install_text(plugin("Counter", COUNTER, "window"), "Counter")
    for times in (1, 2):
        workbench.run("Counter")
        frame = workbench.expect_window("Counter").frame_locator("iframe")
        expect(frame.locator("p")).to_have_text(f"Opened {times} times, 1 key")
        workbench.close("Counter")
    choose(workbench, "Counter", "Storage", "block")
    workbench.run("Counter")
    workbench.expect_alert("Counter", "sandboxed")
    workbench.dismiss_all()

    wants = {"permissions": ["camera"]}
    workbench.install_text(plugin("Eye", CAMERA, "window", **wants), "Eye")
    workbench.run("Eye")
    question = workbench.page.get_by_role("dialog", name="Let Eye use this: Camera?")
    question.get_by_role("button", name="Allow").click()
    window = workbench.expect_window("Eye")
    body = window.frame_locator("iframe").locator("body")
    expect(body).to_have_text("Camera moves after true", timeout=30_000)
    # Taken away while the window is open: it starts again without.
    choose(workbench, "Eye", "Camera", "block")
    expect(body).to_contain_text("NotAllowedError: You do not let Eye use this", timeout=30_000)
    workbench.close("Eye")


def test_windows_in_python_have_storage_and_camera_too(workbench: Workbench) -> None:
    text = plugin("Snake eye", PYTHON, "web-python-window", permissions=["camera"])
    text = text.replace("<script>", '<script lang="python">')
    workbench.install_text(text, "Snake eye")
    for times, camera in ((1, "live camera"), (2, "live camera"), (3, "You do not let Snake eye")):
        workbench.run("Snake eye")
        if times == 1:
            question = workbench.page.get_by_role("dialog", name="Let Snake eye use this: Camera?")
            expect(question).to_be_visible(timeout=60_000)
            question.get_by_role("button", name="Allow").click()
        body = workbench.expect_window("Snake eye").frame_locator("iframe").locator("body")
        expect(body).to_contain_text(f"Opened {times} times", timeout=60_000)
        expect(body).to_contain_text(camera, timeout=30_000)
        workbench.close("Snake eye")
        if times == 2:
            choose(workbench, "Snake eye", "Camera", "block")


def test_the_card_is_for_everyone(workbench: Workbench) -> None:
    page = workbench.page
    workbench.drop("p.imjoy.html", plugin("Snake", "0", "native-python").encode())
    text = workbench.agree_to_install("Snake")
    assert "It runs as you on the computer of the engine" in text
    workbench.install_text(plugin("Counter", COUNTER, "window"), "Counter")
    found = []
    for scheme, width in (("light", 1280), ("dark", 360)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 740})
        for name in ("Snake", "Counter"):
            if not page.get_by_role("tab", name="Plugins", exact=True).is_visible():
                page.get_by_role("button", name="Side panel").click()
            # The keyboard alone: the palette, then the rows.
            page.keyboard.press("Control+k")
            page.get_by_role("combobox", name="Action").fill(f"Permissions of {name}")
            page.keyboard.press("Enter")
            dialog = page.get_by_role("dialog", name=f"Permissions of {name}")
            expect(dialog).to_be_visible()
            found += workbench.violations()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            box = dialog.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
            page.screenshot(path=f"/tmp/guard-{name}-{scheme}.png")
            page.keyboard.press("Tab")
            expect(dialog.get_by_role("combobox").first).to_be_focused()
            page.keyboard.press("Escape")
            expect(dialog).to_have_count(0)
    assert found == []
    page.set_viewport_size({"width": 1280, "height": 740})
    page.get_by_role("button", name=re.compile("Run Counter")).wait_for()
