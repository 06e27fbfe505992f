"""The workshop room: agenda, rounds, roles, join codes, answers, disagreement."""
