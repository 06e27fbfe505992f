"""What else do our data say? Free SQL over the team's tables, saved queries, queries as metrics."""

from lib.ui.explore import page

page.render()
