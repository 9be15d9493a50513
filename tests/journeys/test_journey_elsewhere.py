"""A person goes to another workspace while something runs: its result, and what went wrong, stay where they belong."""

from __future__ import annotations

import re

from journey_page import Workbench
from playwright.sync_api import Page, expect

SLOW = """<config lang="json">
{"name": "Slow", "type": "web-worker", "version": "1.0.0", "api_version": "0.1.8"}
</config>
<script>
class Slow {
  async setup() {
    this.held = new Promise((resolve) => { this.goOn = resolve; });
    await api.register({ name: "Go on", type: "op", run: () => { this.goOn(); return null; } });
  }
  async run(ctx) {
    await this.held;
    if (!ctx.data.image) throw new Error("There is nothing to work on.");
    return { type: "imjoy/image", name: "Late result", data: { image: ctx.data.image, axes: ctx.data.axes } };
  }
}
api.export(new Slow());
</script>
"""


def switch(page: Page, name: str) -> None:
    page.keyboard.press("Control+Shift+o")
    dialog = page.get_by_role("dialog", name="Workspaces")
    dialog.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def jobs(page: Page) -> None:
    page.get_by_role("tab", name=re.compile("^Jobs")).click()


def test_a_result_goes_to_the_workspace_in_which_its_run_began(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install_text(SLOW, "Slow")
    workbench.dismiss_all()
    workbench.open_sample("Synthetic coins")
    workbench.run("Slow")
    workbench.expect_state("Slow", "running")
    workbench.expect_saved()
    switch(page, "New workspace")
    expect(page.get_by_test_id("window")).to_have_count(0)
    # It says where it belongs, and the list of this workspace is empty.
    expect(page.get_by_test_id("running-job")).to_contain_text("Running Slow (My workspace)")
    jobs(page)
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("Nothing is running.")
    panel.get_by_text(re.compile("^In other workspaces: ")).click()
    others = panel.get_by_role("list", name="In other workspaces")
    expect(others).to_contain_text("In the workspace My workspace, where its result will be")
    assert workbench.violations() == []

    page.get_by_role("tab", name="Plugins", exact=True).click()
    page.get_by_role("button", name="Run Go on of Slow", exact=True).click()
    told = page.get_by_label("Notices")
    expect(told).to_contain_text('Its result is in the workspace "My workspace".')
    expect(page.get_by_test_id("window")).to_have_count(0)
    told.get_by_role("button", name="Open it").click()
    workbench.expect_window("Late result")
    workbench.expect_window("Synthetic coins")
    workbench.expect_saved()

    # It is kept there, also for the next visit.
    page.reload()
    workbench.expect_window("Late result")


def test_a_problem_stays_with_its_workspace(workbench: Workbench) -> None:
    page = workbench.page
    workbench.expect_saved()
    problems = page.get_by_role("contentinfo").get_by_role("button", name=re.compile("problem"))
    workbench.drop("broken.png", b"no picture", "image/png")
    workbench.expect_alert("broken.png")
    expect(problems).to_have_text("1 problem")
    switch(page, "New workspace")
    expect(problems).to_have_text("No problems")
    jobs(page)
    panel = page.get_by_role("tabpanel")
    panel.get_by_text(re.compile("^In other workspaces: ")).click()
    expect(panel.get_by_role("list", name="In other workspaces")).to_contain_text("broken.png")
    switch(page, "Open My workspace")
    expect(problems).to_have_text("1 problem")
    expect(panel.get_by_text(re.compile("^In other workspaces: "))).to_have_count(0)
