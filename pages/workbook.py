"""Which workbook is this, and who changed what? Settings, history, undo, files."""

from lib.ui.workbook import page

page.render()
