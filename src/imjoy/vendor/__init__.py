"""A mirror of the libraries that browser plugins name by web address, filled from npm packages."""

from __future__ import annotations

from imjoy.vendor.addresses import Address, read_address
from imjoy.vendor.mirror import Mirror, MirrorFile, NotMirrored
from imjoy.vendor.wheels import NoWheel, WheelMirror

__all__ = [
    "Address",
    "Mirror",
    "MirrorFile",
    "NoWheel",
    "NotMirrored",
    "WheelMirror",
    "read_address",
]
