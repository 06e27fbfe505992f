"""Who can do what, and what gap do we hire for? Skills, gap, hybrid or specialists, scorecard."""

from lib.ui.team import page

page.render()
