"""What do the words, metrics and rules mean? Framework content, searchable."""

from lib.ui import reference

reference.render()
