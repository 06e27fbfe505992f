"""What do we have, and can we trust it? Upload, recognise, map, account for every record."""

from lib.ui import data_page

data_page.render()
