"""What every test shares: property tests draw the same examples at each run, and nothing in them is timed.

`pytest -m hypothesis --hypothesis-profile random` draws new ones; a job of its own does so in continuous integration, so
that a defect met by chance is found there and does not stop somebody's unrelated change.
"""

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("random", derandomize=False, deadline=None, print_blob=True)
settings.load_profile("fixed")
