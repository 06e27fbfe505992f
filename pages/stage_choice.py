"""What does our stage call for now? Product marketing first, growth first, or both."""

from lib.ui.stage import page

page.render()
