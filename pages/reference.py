"""What do the words, metrics and rules mean? Framework content, searchable."""

from lib.ui.reference import page

page.render()
