"""How the two teams keep understanding each other: translator, glossary, sessions."""
