"""Every kind of address that old plugins name leads to a file of a package, or to a reason."""

from __future__ import annotations

import pytest

from imjoy.vendor.addresses import NpmFile, npm_files, read_address, why_unknown


def first(text: str) -> NpmFile:
    address = read_address(text)
    assert address is not None
    return npm_files(address)[0]


@pytest.mark.parametrize(
    ("text", "package", "version", "path"),
    [
        ("https://cdn.jsdelivr.net/npm/vue@2.6.10/dist/vue.min.js", "vue", "2.6.10", "dist/vue.min.js"),
        ("https://cdn.jsdelivr.net/npm/apexcharts", "apexcharts", "latest", None),
        ("//unpkg.com/@tensorflow/tfjs@0.14.1", "@tensorflow/tfjs", "0.14.1", None),
        ("https://unpkg.io/x@9/dist/a.js?module", "x", "9", "dist/a.js"),
        ("https://cdnjs.cloudflare.com/ajax/libs/Chart.js/2.4.0/Chart.min.js", "chart.js", "2.4.0", "Chart.min.js"),
        ("https://cdnjs.cloudflare.com/ajax/libs/three.js/r49/Three.min.js", "three", "r49", "Three.min.js"),
        ("https://cdn.plot.ly/plotly-latest.min.js", "plotly.js-dist-min", "1.58.5", "plotly.min.js"),
        ("https://cdn.plot.ly/plotly-1.44.4.js", "plotly.js-dist-min", "1.44.4", "plotly.min.js"),
        ("https://code.jquery.com/jquery-3.3.1.slim.min.js", "jquery", "3.3.1", "dist/jquery.slim.min.js"),
        ("https://d3js.org/d3.v5.min.js", "d3", "5", "dist/d3.min.js"),
        ("https://static.imjoy.io/js/UTIF.js", "utif", "3.1.0", "UTIF.js"),
        ("https://rawgit.com/Stuk/jszip/9fb481ac/dist/jszip.min.js", "jszip", "9fb481ac", "dist/jszip.min.js"),
        ("https://raw.githubusercontent.com/photopea/UTIF.js/master/UTIF.js", "utif", "latest", "UTIF.js"),
        ("https://cdn.jsdelivr.net/gh/a/b.js@1.2/x/y.js", "b.js", "1.2", "x/y.js"),
        ("https://someone.github.io/tool/css/a.css", "tool", "latest", "css/a.css"),
        ("https://cdn.jsdelivr.net/pyodide/v0.21.3/full/pyodide.js", "pyodide", "0.21.3", "pyodide.js"),
        ("https://fonts.googleapis.com/css?family=Roboto:300", "@fontsource/roboto", "latest", "index.css"),
        ("https://maxcdn.bootstrapcdn.com/bootstrap/4.1.3/css/a.css", "bootstrap", "4.1.3", "dist/css/a.css"),
    ],
)  # fmt: skip
def test_an_address_means_a_file_of_a_package(
    text: str, package: str, version: str, path: str | None
) -> None:
    found = first(text)
    assert (found.package, found.version, found.path) == (package, version, path)


def test_a_guess_from_the_name_of_a_repository_must_be_checked() -> None:
    assert first("https://cdn.jsdelivr.net/gh/a/b@1/x.js").repository == "a/b"
    assert first("https://cdn.jsdelivr.net/gh/photopea/UTIF.js@1/UTIF.js").repository is None


@pytest.mark.parametrize(
    "text",
    [
        "", "https://", "ftp://unpkg.com/x", "file:///etc/passwd", "https://unpkg.com/",
        "https://unpkg.com/a/../../b", "https://unpkg.com/%2e%2e/b", "https://unpkg.com/a%00b",
        "https://unpkg.com/a%5Cb", "https://unp_kg.com/x", "https://unpkg.com/" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_library_is_refused(text: str) -> None:
    assert read_address(text) is None


@pytest.mark.parametrize(
    "text",
    ["https://169.254.169.254/latest/meta-data", "https://localhost/x", "https://a.org/x.js"],
)
def test_no_other_host_is_ever_asked(text: str) -> None:
    address = read_address(text)
    assert address is not None and npm_files(address) == []
    assert address.host in why_unknown(address)


def test_a_query_counts_only_where_it_names_the_file() -> None:
    assert str(read_address("https://unpkg.com/a.js?v=3")) == "unpkg.com/a.js"
    fonts = "fonts.googleapis.com/css?family=Lato"
    assert str(read_address("https://" + fonts)) == fonts


def test_a_known_host_without_the_file_says_why() -> None:
    address = read_address("https://static.imjoy.io/img/cat.jpg")
    assert address is not None and "in no npm package" in why_unknown(address)
