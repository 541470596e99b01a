"""Properties are held against virtual time; how long a machine takes for them says nothing."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("virtual", deadline=None)
settings.load_profile("virtual")
