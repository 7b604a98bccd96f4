"""For all tests: the checkout is the collection, wherever it lies, and no property fails for a machine that is slow."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from tools import collection

collection.register()
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
