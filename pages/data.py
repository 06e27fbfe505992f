"""What do we have, and can we trust it? Upload, recognise, map, account for every record."""

from lib.ui.data import page

page.render()
