"""The script behind every page: workbook, frame, page. Started by `app.py`; never imported."""

from lib.ui import frame, gate

with gate.inside():
    frame.run()
