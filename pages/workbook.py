"""Which workbook is this, and who changed what? Settings, history, undo, files."""

from lib.ui import workbook

workbook.render()
