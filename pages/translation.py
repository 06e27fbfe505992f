"""How do the two teams keep understanding each other? Translator, glossary, sessions."""

from lib.ui.translation import page

page.render()
