"""What do we test together, and what did we learn? Insights, ideas, registered tests, readouts, learnings."""

from lib.ui.experiments import page

page.render()
