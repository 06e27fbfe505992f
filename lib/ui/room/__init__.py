"""The workshop room: the facilitator's page and the participants' light pages."""
