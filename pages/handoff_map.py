"""Where exactly does marketing's responsibility end and growth's begin? The map, the evidence, the contract."""

from lib.ui.handoff import page

page.render()
