"""A phone's counter is milliseconds since 1970, which PostgreSQL's INTEGER cannot hold: BIGINT.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None


def upgrade() -> None:
    """Widen `room_answer.sequence`."""
    connection = op.get_bind()
    if not sa.inspect(connection).has_table("room_answer"):
        return
    if connection.dialect.name == "sqlite":
        # SQLite changes a type by copying the table: what is dropped must not stay readable in the file.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    with op.batch_alter_table("room_answer") as answers:
        answers.alter_column(
            "sequence", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False
        )
