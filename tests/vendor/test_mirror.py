"""The mirror fills itself from npm, holds what it got, and says what it could not get."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from npm_server import NpmServer, pack

from imjoy.vendor.mirror import Mirror, NotMirrored
from imjoy.vendor.registry import Registry

VUE = "https://cdn.jsdelivr.net/npm/vue@2.6.10/dist/vue.min.js"


def test_a_library_is_fetched_once_and_held(npm: NpmServer, mirror: Mirror, tmp_path: Path) -> None:
    npm.add("vue", "2.6.10", {"dist/vue.min.js": "vue()", "dist/style.css": "a{}"})
    file = mirror.get(VUE)
    assert file.data == b"vue()" and file.media_type == "text/javascript; charset=utf-8"
    assert (file.package, file.version, file.path) == ("vue", "2.6.10", "dist/vue.min.js")
    asked = len(npm.asked)
    assert mirror.get("https://cdn.jsdelivr.net/npm/vue@2.6.10/dist/style.css").data == b"a{}"
    assert mirror.get(VUE) == file and len(npm.asked) == asked
    # Without a network, another process still has it, and other files of the same package.
    offline = Mirror(tmp_path / "vendor", Registry("http://127.0.0.1:9/"))
    assert offline.get(VUE) == file


def test_an_address_without_version_stays_what_it_was(
    npm: NpmServer, mirror: Mirror, tmp_path: Path
) -> None:
    npm.add("tool", "1.0.0", {"package.json": '{"main": "a.js"}', "a.js": "one"})
    assert mirror.get("https://unpkg.com/tool").version == "1.0.0"
    npm.add("tool", "2.0.0", {"package.json": '{"main": "a.js"}', "a.js": "two"})
    later = Mirror(tmp_path / "vendor", Registry(npm.address))
    assert later.get("https://unpkg.com/tool").data == b"one"
    lock = json.loads((tmp_path / "vendor" / "vendor-lock.json").read_text())
    entry = lock["files"]["unpkg.com/tool"]
    assert entry["version"] == "1.0.0" and entry["exact"] and len(entry["sha256"]) == 64
    assert lock["packages"]["tool@1.0.0"]["integrity"].startswith("sha512-")


def test_a_nearest_version_is_marked(npm: NpmServer, mirror: Mirror) -> None:
    npm.add("three", "0.54.0", {"three.min.js": "x"})
    url = "https://cdnjs.cloudflare.com/ajax/libs/three.js/r49/Three.min.js"
    assert mirror.get(url).version == "0.54.0"
    entry = mirror.store.entry(url.removeprefix("https://"))
    assert entry is not None and entry["exact"] is False


def test_a_package_with_the_very_version_comes_first(npm: NpmServer, mirror: Mirror) -> None:
    npm.add("plotly.js-dist-min", "1.50.0", {"plotly.min.js": "wrong"})
    npm.add("plotly.js-dist", "1.44.4", {"plotly.js": "right"})
    assert mirror.get("https://cdn.plot.ly/plotly-1.44.4.min.js").data == b"right"


def test_a_package_that_changed_is_refused(npm: NpmServer, mirror: Mirror, tmp_path: Path) -> None:
    npm.add("vue", "2.6.10", {"dist/vue.min.js": "good"})
    mirror.get(VUE)
    npm.packages["vue"]["2.6.10"] = pack({"dist/vue.min.js": "evil"})
    for path in (tmp_path / "vendor").glob("*/*"):
        path.unlink()
    with pytest.raises(NotMirrored, match="not what the lock of the mirror says"):
        Mirror(tmp_path / "vendor", Registry(npm.address)).get(VUE)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://cdn.jsdelivr.net/npm/nothing@1/x.js", "There is no package nothing on npm."),
        ("https://unpkg.com/vue@2.6.10/none.js", "vue 2.6.10 has no file none.js."),
        ("https://a.org/x.js", "a.org is not a host"),
        ("https://static.imjoy.io/img/cat.jpg", "in no npm package"),
        ("nonsense", "no web address"),
    ],
)
def test_what_cannot_be_had_says_why(npm: NpmServer, mirror: Mirror, url: str, why: str) -> None:
    npm.add("vue", "2.6.10", {"dist/vue.min.js": ""})
    with pytest.raises(NotMirrored) as error:
        mirror.get(url)
    assert why in error.value.cause and error.value.remedy
    assert error.value.data is not None and error.value.data["address"]


def test_a_miss_is_not_looked_up_again_at_once(npm: NpmServer, mirror: Mirror) -> None:
    for _ in range(3):
        with pytest.raises(NotMirrored):
            mirror.get("https://unpkg.com/nothing@1/x.js")
    assert len(npm.asked) <= 2


def test_without_a_network_the_remedy_is_to_fill_it_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(NotMirrored, match="cannot be reached") as error:
        Mirror(tmp_path, Registry("http://127.0.0.1:9/")).get(VUE)
    assert "vendor fetch" in error.value.remedy
