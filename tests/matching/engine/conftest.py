"""How many random problems are tried: few as a rule, many with HYPOTHESIS_PROFILE=soak."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "engine", max_examples=300, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile(
    "soak", max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "engine"))
