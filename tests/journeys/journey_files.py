"""Files that the journeys open: images made here, and plugins of a few lines."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image


def png(width: int = 200, height: int = 120) -> bytes:
    """A colour picture: a red half and a blue half."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = 200
    pixels[:, width // 2 :, 2] = 200
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def tiff(array: npt.NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


def plugin(
    name: str, script: str, kind: str = "native-python", requirements: tuple[str, ...] = ()
) -> str:
    """The text of a plugin file."""
    config = {
        "name": name,
        "type": kind,
        "version": "0.1.0",
        "api_version": "0.1.8",
        "description": "Made by a test.",
        "ui": "",
        "requirements": list(requirements),
    }
    lines = json.dumps(config, indent=1, ensure_ascii=False)
    language = "python" if kind == "native-python" else "javascript"
    block = f'<script lang="{language}">\n{script}\n</script>\n'
    return f'<config lang="json">\n{lines}\n</config>\n{block}'


def line_of(text: str, words: str) -> int:
    """The line, from 1, on which these words stand first."""
    return text[: text.index(words)].count("\n") + 1


PYTHON = """from imjoy import api


class ImJoyPlugin:
    def setup(self):
        pass

    def run(self, ctx):
{body}


api.export(ImJoyPlugin())
"""

JAVASCRIPT = """class ImJoyPlugin {{
  setup() {{}}
  async run(ctx) {{
{body}
  }}
}}
api.export(new ImJoyPlugin());
"""


def python_plugin(name: str, body: str, requirements: tuple[str, ...] = ()) -> str:
    indented = "\n".join(" " * 8 + line for line in body.splitlines())
    return plugin(name, PYTHON.format(body=indented), requirements=requirements)


def javascript_plugin(name: str, body: str, kind: str = "web-worker") -> str:
    return plugin(name, JAVASCRIPT.format(body=body), kind=kind)
