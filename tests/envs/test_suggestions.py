"""Which package was probably meant."""

from __future__ import annotations

import pytest

from imjoy.envs.suggestions import suggestion


@pytest.mark.parametrize(
    ("name", "meant"),
    [("skimage", "scikit-image"), ("cv2", "opencv-python-headless"), ("PIL", "pillow"),
     ("numpyy", "numpy"), ("tiffile", "tifffile"), ("scikit_imgae", "scikit-image")],
)  # fmt: skip
def test_near_names(name: str, meant: str) -> None:
    assert suggestion(name) == f'Did you mean "{meant}"? '


@pytest.mark.parametrize("name", ["numpy", "something-else-entirely", "x"])
def test_nothing_is_guessed_without_reason(name: str) -> None:
    assert suggestion(name) == ""
