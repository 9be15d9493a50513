"""What pages are told of a plugin."""

from __future__ import annotations

import pytest

from imjoy.engine.facts import exit_facts, scripts_of, texts_of
from imjoy.engine.process import OUT_OF_MEMORY, ProcessEnd
from imjoy.errors import LoadFailed


def test_the_cause_of_an_end() -> None:
    killed = ProcessEnd(None, "SIGKILL", "signal")
    facts = exit_facts(killed.reason, killed, False, ["last"])
    assert (facts["cause"], facts["signal"], facts["tail"]) == ("signal", "SIGKILL", ["last"])
    assert exit_facts(OUT_OF_MEMORY, killed, False, [])["cause"] == "memory"
    assert exit_facts("It was stopped.", killed, True, [])["cause"] == "stopped"
    assert exit_facts("", ProcessEnd(None, "SIGKILL", "memory"), False, [])["cause"] == "memory"


def test_scripts_are_those_of_the_page_or_of_the_file() -> None:
    assert scripts_of({"scripts": [{"content": "1"}]}) == [{"content": "1"}]
    code = '<config lang="json">{"name": "A", "type": "native-python"}</config>'
    [script] = scripts_of({"code": code + '\n<script lang="python">x = 1</script>'})
    assert (script["content"].strip(), script["lang"], script["line"]) == ("x = 1", "python", 2)
    with pytest.raises(LoadFailed):
        scripts_of({"scripts": []})


def test_only_texts_are_taken() -> None:
    assert texts_of(["a", 1, None]) == ["a"] and texts_of("a") == [] and texts_of(None) == []
