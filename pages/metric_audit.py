"""Do we measure process and outcome separately? The board, the register, the evidence per metric, the findings."""

from lib.ui.audit import page

page.render()
