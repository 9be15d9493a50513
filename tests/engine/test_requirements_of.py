"""Old plugins find the numpy that every worker had; nothing else is added for anybody."""

from __future__ import annotations

from typing import Any

import pytest

from imjoy.engine.requirements_of import requirements_of

IMPORTS = "import os\nimport numpy as np\n"


@pytest.mark.parametrize(
    ("config", "script", "expected"),
    [
        ({"api_version": "0.1.2"}, IMPORTS, ["numpy"]),
        ({"api_version": "0.1.7", "requirements": []}, "    from numpy import array", ["numpy"]),
        ({"api_version": "0.1.8"}, IMPORTS, None),
        ({"api_version": "0.2.3"}, IMPORTS, None),
        ({}, IMPORTS, None),
        ({"api_version": "0.1.2"}, "import numpy_like", None),
        ({"api_version": "0.1.2"}, "# import numpy", None),
        ({"api_version": "0.1.2", "requirements": ["pillow"]}, IMPORTS, ["pillow"]),
        ({"api_version": "0.1.2", "env": "conda create -n x python=3.7"}, IMPORTS, None),
    ],
)
def test_numpy_is_there_for_old_plugins(
    config: dict[str, Any], script: str, expected: list[str] | None
) -> None:
    assert requirements_of(config, script) == expected
