"""How many examples are tried: few, always the same, or many."""

import os

from hypothesis import HealthCheck, settings

COMMON = dict(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.register_profile('few', max_examples=15, **COMMON)
settings.register_profile('many', max_examples=300, **COMMON)
settings.load_profile(os.environ.get('PROPERTIES', 'few'))
