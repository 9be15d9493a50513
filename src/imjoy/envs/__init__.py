"""Environments: what a plugin needs, and the making and keeping of it."""

from __future__ import annotations

from imjoy.envs.manager import EnvManager
from imjoy.envs.spec import EnvSpec
from imjoy.envs.store import Environment, EnvStore

__all__ = ["EnvManager", "EnvSpec", "EnvStore", "Environment"]
