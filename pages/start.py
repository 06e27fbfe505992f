"""Where do we stand? The state of every step and the next thing to do."""

from lib.ui.start import page

page.render()
