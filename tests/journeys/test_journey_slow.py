"""What a person with a slow network gains: arrays that shrink take less of it."""

from __future__ import annotations

from collections.abc import Callable

from chaos_proxy import ChaosProxy
from journey_engine import EngineProcess
from journey_files import plugin
from journey_page import Workbench
from journey_servers import free_port
from playwright.sync_api import Page, expect

SIZE = 8_000_000
ECHO = """from imjoy import api
api.export({"setup": lambda: None, "run": lambda ctx: None, "echo": lambda array: array})"""
SENDER = """api.export({ setup() {}, async run() {
  const bytes = Uint8Array.from({ length: 8_000_000 }, (_, i) => 40 + (Math.imul(i, 2654435761) >>> 29));
  const back = await (await api.getPlugin("Echo")).echo(bytes);
  return { same: back.length === bytes.length && back.every((byte, i) => byte === bytes[i]) };
} });"""


def test_arrays_shrink_on_a_slow_network_and_on_no_other(
    start_engine: Callable[..., EngineProcess], page: Page
) -> None:
    port = free_port()
    proxy = ChaosProxy(port)
    engine = start_engine("--base-url", f"http://127.0.0.1:{proxy.port}/", port=port)
    workbench = Workbench(page)
    workbench.open(engine.first_link)
    workbench.expect_engine("Engine connected")
    workbench.install_text(plugin("Echo", ECHO), "Echo")
    workbench.install_text(plugin("Sender", SENDER, "web-worker"), "Sender")

    def bytes_moved(rate: int) -> int:
        proxy.rate = rate
        before = proxy.passed
        workbench.run("Sender")
        expect(workbench.expect_window("Sender", seconds=120)).to_contain_text("true")
        moved = proxy.passed - before
        proxy.rate = 0
        workbench.close("Sender")
        return moved

    assert bytes_moved(0) > 2 * SIZE
    assert bytes_moved(3_000_000) < 1.8 * SIZE
    proxy.close()
