"""What does our stage call for now? Product marketing first, growth first, or both."""

from lib.ui import stage_page

stage_page.render()
