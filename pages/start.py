"""Where do we stand? The state of every step and the next thing to do."""

from lib.ui import start

start.render()
