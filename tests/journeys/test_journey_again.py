"""A person tries one value after another: every run works on the same image until another window is chosen."""

from __future__ import annotations

import re

from journey_page import Workbench
from playwright.sync_api import expect


def test_a_second_run_works_on_the_same_image(workbench: Workbench) -> None:
    page = workbench.page
    workbench.install("Gaussian blur")
    workbench.dismiss_all()
    workbench.open_sample("Synthetic coins")
    result = page.get_by_role("tab", name=re.compile("^Synthetic coins, blurred( .2.)?$"))
    works_on = workbench.plugin("Gaussian blur").get_by_text("Works on")
    for count in (1, 2):
        workbench.run("Gaussian blur")
        expect(result).to_have_count(count)
        expect(works_on).to_have_text("Works on Synthetic coins")
    expect(page.get_by_role("tab", name="Synthetic coins, blurred, blurred")).to_have_count(0)
    page.get_by_role("tab", name="Synthetic coins, blurred", exact=True).click()
    expect(works_on).to_have_text("Works on Synthetic coins, blurred")
    workbench.run("Gaussian blur")
    workbench.expect_window("Synthetic coins, blurred, blurred")
    page.keyboard.press("Alt+T")
    page.wait_for_function(
        """() => [...document.querySelectorAll(".dock-tab span:first-child")]
            .every((title) => title.scrollWidth <= title.clientWidth
                && title.scrollHeight <= title.clientHeight + 1)"""
    )
