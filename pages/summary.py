"""What do executives need to see? The summary as slides, and every file it leaves as."""

from lib.ui.summary import page

page.render()
