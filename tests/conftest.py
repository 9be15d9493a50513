"""What all tests share: property tests take the same examples on every run, at any speed."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "imjoy", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("imjoy")
