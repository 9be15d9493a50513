"""Guesses which package was meant by a name that does not exist."""

from __future__ import annotations

from difflib import get_close_matches

from imjoy.envs.conda_words import OTHER_ON_PYPI, SAME_ON_PYPI
from imjoy.package_index import plain_name

# What packages are called in code, where their own name is another one.
IMPORTED = {
    "attr": "attrs",
    "bio": "biopython",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "imblearn": "imbalanced-learn",
    "opencv": "opencv-python-headless",
    "pil": "pillow",
    "pytorch": "torch",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
OTHERS = frozenset({
    "cellpose", "napari", "stardist", "csbdeep", "torchvision", "openslide-python", "aicsimageio",
    "bioio", "ome-zarr", "fsspec", "simpleitk", "itk", "mrcfile", "nd2", "readlif", "plotly", "bokeh",
    "tensorflow", "torch", "transformers", "onnxruntime", "lightgbm", "xgboost", "statsmodels",
    "biopython", "opencv-python-headless", "openjdk", "java-1.8.0-openjdk", "ffmpeg", "bioformats2raw",
})  # fmt: skip
KNOWN = sorted({*SAME_ON_PYPI, *OTHER_ON_PYPI, *OTHERS, *IMPORTED.values()})


def suggestion(name: str) -> str:
    """A sentence with the name that was probably meant, and a space; empty when none is near."""
    plain = plain_name(name)
    near = IMPORTED.get(plain) or next(iter(get_close_matches(plain, KNOWN, 1, 0.75)), None)
    return f'Did you mean "{near}"? ' if near and near != plain else ""
