"""A demo company in full life: half a year of it up to today, made by the verbs people use.

Seeded: the same seed and day give the same company. Nothing is proved by the signatures of the
demo, and they say so: their method is "demo".
"""

from registry.demo.maker import make_company

__all__ = ["make_company"]
