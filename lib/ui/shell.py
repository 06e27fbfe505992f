"""The script behind every page: workbook, frame, page. Started by `app.py`; never imported."""

from lib.ui import frame
from lib.ui.web import admission

with admission.inside():
    frame.run()
