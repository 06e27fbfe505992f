"""How does a group do this live? Open a room, run it, settle what it brought."""

from lib.ui.room import page

page.render()
