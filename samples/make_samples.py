"""Writes the sample images of the workbench: invented, and the same on every run.

Run with numpy, tifffile and Pillow: `python samples/make_samples.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image

HERE = Path(__file__).parent
OME = """<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
<Image ID="Image:0" Name="Synthetic cells">
<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16"
 SizeX="256" SizeY="256" SizeZ="5" SizeC="3" SizeT="1"
 PhysicalSizeX="0.2" PhysicalSizeXUnit="µm" PhysicalSizeY="0.2" PhysicalSizeYUnit="µm"
 PhysicalSizeZ="0.8" PhysicalSizeZUnit="µm">
<Channel ID="Channel:0:0" Name="Nuclei" SamplesPerPixel="1"/>
<Channel ID="Channel:0:1" Name="Fibres (green)" SamplesPerPixel="1"/>
<Channel ID="Channel:0:2" Name="Spots (red)" SamplesPerPixel="1"/>
<TiffData IFD="0" PlaneCount="15"/>
</Pixels>
</Image>
</OME>
"""
Floats = npt.NDArray[np.float64]


def grid(height: int, width: int) -> tuple[Floats, Floats]:
    """Row and column of every pixel."""
    y, x = np.mgrid[0:height, 0:width]
    return y.astype(float), x.astype(float)


def blur(image: Floats, sigma: float) -> Floats:
    """Gaussian blur along the last two axes, in pixels; borders wrap round."""
    height, width = image.shape[-2:]
    fy = np.fft.fftfreq(height)[:, None]
    fx = np.fft.rfftfreq(width)[None, :]
    kernel = np.exp(-2 * (np.pi * sigma) ** 2 * (fy**2 + fx**2))
    blurred: Floats = np.fft.irfft2(np.fft.rfft2(image) * kernel, s=(height, width))
    return blurred


def scatter(
    rng: np.random.Generator, height: int, width: int, count: int, gap: float
) -> list[tuple[float, float]]:
    """Up to `count` places that are at least `gap` pixels apart."""
    places: list[tuple[float, float]] = []
    for _ in range(count * 60):
        y, x = rng.uniform(gap * 0.3, height - gap * 0.3), rng.uniform(gap * 0.3, width - gap * 0.3)
        if all((y - py) ** 2 + (x - px) ** 2 > gap**2 for py, px in places):
            places.append((y, x))
        if len(places) == count:
            break
    return places


def blob(
    y: Floats, x: Floats, center: tuple[float, float], radii: tuple[float, float], angle: float
) -> Floats:
    """1 inside an ellipse, 0 outside, with an edge about two pixels soft."""
    dy, dx = y - center[0], x - center[1]
    along = dx * np.cos(angle) + dy * np.sin(angle)
    across = -dx * np.sin(angle) + dy * np.cos(angle)
    distance = np.hypot(along / radii[0], across / radii[1])
    soft = 1.2 / min(radii)
    shape: Floats = 1 / (1 + np.exp(np.clip((distance - 1) / soft * 2, -50, 50)))
    return shape


def nuclei() -> npt.NDArray[np.uint16]:
    """[512, 512] uint16: about 70 nuclei, some touching, uneven light, photon noise."""
    rng = np.random.default_rng(11)
    size = 512
    y, x = grid(size, size)
    texture = blur(rng.normal(size=(size, size)), 2.5)
    texture /= texture.std()
    cells = np.zeros((size, size))
    for center in scatter(rng, size, size, 70, 34):
        radii = (rng.uniform(15, 23), rng.uniform(12, 17))
        shape = blob(y, x, center, radii, rng.uniform(0, np.pi))
        cells = np.maximum(cells, shape * rng.uniform(0.55, 1.0))
    cells *= 1 + 0.16 * texture
    light = 0.65 + 0.5 * np.exp(-((y - 200) ** 2 + (x - 300) ** 2) / (2 * 260.0**2))
    haze = 0.10 + 0.10 * blur(cells, 30) / 0.3
    photons = rng.poisson(np.clip(blur(cells, 1.0) + haze, 0, None) * light * 160)
    return np.clip(photons * 24 + 400, 0, 65535).astype(np.uint16)


def cells() -> npt.NDArray[np.uint16]:
    """[5, 3, 256, 256] uint16 in the order Z C Y X: nuclei, a network of fibres, small spots."""
    rng = np.random.default_rng(23)
    depth, size = 5, 256
    y, x = grid(size, size)
    fibres = np.zeros((size, size))
    nuclei_ = np.zeros((depth, size, size))
    spots = np.zeros((depth, size, size))
    for center in scatter(rng, size, size, 15, 56):
        angle = rng.uniform(0, np.pi)
        radii = (rng.uniform(15, 19), rng.uniform(11, 14))
        middle = rng.uniform(1.2, 2.8)
        for z in range(depth):
            part = max(0.0, 1 - ((z - middle) / 2.6) ** 2) ** 0.5
            if part > 0.2:
                shape = blob(y, x, center, (radii[0] * part, radii[1] * part), angle)
                nuclei_[z] = np.maximum(nuclei_[z], shape * (0.5 + 0.5 * part))
        for _ in range(26):
            fibres = np.maximum(fibres, fibre(rng, y, x, center))
        for _ in range(14):
            away, turn = rng.uniform(17, 32), rng.uniform(0, 2 * np.pi)
            row = int(center[0] + away * np.sin(turn)) % size
            column = int(center[1] + away * np.cos(turn)) % size
            spots[rng.integers(0, depth), row, column] += rng.uniform(14, 30)
    fibres = np.clip(blur(fibres, 0.8), 0, None)
    channels = []
    for z in range(depth):
        focus = 1 + 0.7 * abs(z - 2)
        nucleus = blur(nuclei_[z], 0.8 * focus)
        fibre_plane = blur(fibres, 0.7 * focus) * (1 - 0.12 * abs(z - 2)) * (1 - 0.7 * nucleus)
        spot = blur(spots[z], 1.3) + 0.3 * blur(spots.sum(axis=0), 3)
        channels.append([nucleus, 0.9 * fibre_plane, 0.9 * spot])
    clean = np.clip(np.array(channels), 0, None) + 0.04
    photons: npt.NDArray[np.int64] = rng.poisson(clean * 46)
    return (photons * 60 + 120).astype(np.uint16)


def fibre(rng: np.random.Generator, y: Floats, x: Floats, center: tuple[float, float]) -> Floats:
    """A thin bent line that leaves a cell."""
    turn, bend = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.012)
    dy, dx = y - center[0], x - center[1]
    along = dx * np.cos(turn) + dy * np.sin(turn)
    across = -dx * np.sin(turn) + dy * np.cos(turn) - bend * along**2
    reach = rng.uniform(26, 48)
    near = np.exp(-(across**2) / (2 * 0.9**2)) * (along > 4)
    line: Floats = near * np.clip((reach - along) / 12, 0, 1) * rng.uniform(0.5, 1)
    return line


def coins() -> npt.NDArray[np.uint8]:
    """[300, 400] uint8: 20 discs with a rim and a worn face on a table lit from one side."""
    rng = np.random.default_rng(5)
    height, width = 300, 400
    y, x = grid(height, width)
    table = 60 + 55 * (1 - x / width) + 25 * (1 - y / height)
    table = table + 5 * blur(rng.normal(size=(height, width)), 1.5) / 0.19
    image = table
    for row in range(4):
        for column in range(5):
            center = (42 + row * 72 + rng.uniform(-5, 5), 44 + column * 78 + rng.uniform(-6, 6))
            radius = rng.uniform(20, 31)
            shade = blob(y, x, (center[0] + 3, center[1] + 3), (radius + 2, radius + 2), 0)
            image = image * (1 - 0.35 * shade)
            image = coin(rng, image, y, x, center, radius)
    return np.clip(image + rng.normal(0, 4, image.shape), 0, 255).astype(np.uint8)


def coin(
    rng: np.random.Generator,
    image: Floats,
    y: Floats,
    x: Floats,
    center: tuple[float, float],
    radius: float,
) -> Floats:
    """Lay one coin on the image."""
    disc = blob(y, x, center, (radius, radius), 0)
    dy, dx = y - center[0], x - center[1]
    distance = np.hypot(dy, dx) / radius
    light = 0.12 * (-dx - dy) / radius
    rim = np.exp(-((distance - 0.88) ** 2) / (2 * 0.05**2))
    relief = blur(rng.normal(size=image.shape), 2.2)
    face = 165 + rng.uniform(-18, 18) + 18 * relief / relief.std() * (distance < 0.75)
    laid: Floats = image * (1 - disc) + disc * np.clip(face * (1 + light) + 34 * rim, 0, 250)
    return laid


def pattern() -> npt.NDArray[np.uint8]:
    """[256, 384, 3] uint8: a test card with colours, a ramp, stripes and a chessboard."""
    height, width = 256, 384
    card = np.full((height, width, 3), 40, np.uint8)
    y, x = np.mgrid[0:height, 0:width]
    hues = np.clip(np.abs((x[:64] / width * 6)[..., None] - np.array([3, 2, 4])) - 1, 0, 1)
    hues[..., 1:] = 1 - np.clip(
        np.abs((x[:64] / width * 6)[..., None] - np.array([2, 4])) - 1, 0, 1
    )
    card[:64] = (hues * 255).astype(np.uint8)
    card[64:112] = ((x[64:112] / (width - 1)) * 255).astype(np.uint8)[..., None]
    start = 0
    for step in (1, 2, 3, 4, 6, 8):
        piece = x[112:176, start : start + 64]
        card[112:176, start : start + 64] = np.where((piece // step) % 2, 255, 0)[..., None]
        start += 64
    board = ((y[176:] // 16 + x[176:] // 16) % 2) * 200 + 27
    card[176:] = board[..., None]
    circle = np.hypot(y - 128, x - 192)
    card[np.abs(circle - 118) < 1.2] = (255, 200, 0)
    return card


def main() -> None:
    tifffile.imwrite(
        HERE / "nuclei.tif",
        nuclei(),
        compression="zlib",
        compressionargs={"level": 9},
        imagej=False,
        metadata=None,
        description="Synthetic nuclei, made by a program; no real cells were photographed.",
    )
    packed = {"compression": "zlib", "compressionargs": {"level": 9}, "metadata": None}
    with tifffile.TiffWriter(HERE / "cells-3channel.tif") as writer:
        for number, plane in enumerate(cells().reshape(-1, 256, 256)):
            # Written by hand, as tifffile puts a new random id into every description.
            writer.write(plane, description=OME.encode() if number == 0 else None, **packed)
    Image.fromarray(coins()).save(HERE / "coins.png", optimize=True)
    Image.fromarray(pattern()).save(HERE / "pattern.png", optimize=True)


if __name__ == "__main__":
    main()
