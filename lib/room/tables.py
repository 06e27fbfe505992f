"""Tables of the workshop room, beside the workbook's in the same database.

Private answers live here and not in the workbook's event log, which is append-only: these can be deleted.
"""

from __future__ import annotations

import sqlalchemy as sa

from lib.workbook import schema

metadata = sa.MetaData()

rooms = sa.Table(
    "room",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("workbook", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False, unique=True),
    sa.Column("expires_at", sa.Text, nullable=False),  # ISO 8601 UTC; the code opens nothing afterwards
    sa.Column("host_hash", sa.Text, nullable=False),  # SHA-256 of the facilitator's token
    sa.Column("board_hash", sa.Text, nullable=False),  # SHA-256 of the projector's token
    sa.Column("agenda", sa.Text, nullable=False),  # JSON list of blocks
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("started_at", sa.Text, nullable=False),  # "" until the first block begins
    sa.Column("block_started_at", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Text, nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Index("room_workbook", "workbook"),
)

participants = sa.Table(
    "room_participant",
    metadata,
    sa.Column("room", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("side", sa.Text, nullable=False),  # marketing | growth | other
    sa.Column("role", sa.Text, nullable=False),  # facilitator | participant | viewer
    sa.Column("token_hash", sa.Text, nullable=False),  # "" for somebody without a device
    sa.Column("joined_at", sa.Text, nullable=False),
)

rounds = sa.Table(
    "room_round",
    metadata,
    sa.Column("room", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("block", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # open | closed | revealed
    sa.Column("anonymous", sa.Boolean, nullable=False),
    sa.Column("questions", sa.Text, nullable=False),  # JSON, frozen when the round opens
    sa.Column("opened_at", sa.Text, nullable=False),
)

answers = sa.Table(
    "room_answer",
    metadata,
    sa.Column("room", sa.Text, primary_key=True),
    sa.Column("round", sa.Text, primary_key=True),
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("question", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),  # JSON
    sa.Column("at", sa.Text, nullable=False),
    sa.Column(
        "sequence", sa.BigInteger, nullable=False
    ),  # the sender's counter: a late retry never overwrites
    sa.Column("hidden", sa.Boolean, nullable=False),  # moderated away before the reveal
)

steps = sa.Table(
    "room_step",
    metadata,
    sa.Column("room", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),  # JSON: how the room stood, without answers
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("undone", sa.Boolean, nullable=False),
)

outcomes = sa.Table(
    "room_outcome",
    metadata,
    sa.Column("room", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # decision | parking | action
    sa.Column("round", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("dissent", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("due", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)


def create(engine: sa.Engine) -> None:
    """Make the tables where they are missing."""
    schema.create(engine, metadata)
