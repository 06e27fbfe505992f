"""How do the two teams keep understanding each other? Translator, glossary, sessions."""

from lib.ui import translation_page

translation_page.render()
