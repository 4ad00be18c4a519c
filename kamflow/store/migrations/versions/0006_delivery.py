"""What messages say apart from where they stand; how each channel does."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from kamflow.models import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_facts",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("facts", columns.Json, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_facts_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_facts")),
    )
    op.execute("INSERT INTO message_facts (message_id, facts) SELECT id, facts FROM message")
    op.create_table(
        "way",
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("cause", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("opened_at", columns.Instant(), nullable=True),
        sa.Column("probe_at", columns.Instant(), nullable=True),
        sa.Column("paused_until", columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_way")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("facts")
        batch_op.drop_index("ix_message_due")
        batch_op.create_index(
            "ix_message_next",
            ["channel", "priority", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'retrying', 'ambiguous')"),
            postgresql_where=sa.text("state IN ('waiting', 'retrying', 'ambiguous')"),
        )
        batch_op.create_index(
            "ix_message_leased",
            ["leased_until"],
            unique=False,
            sqlite_where=sa.text("state IN ('sending')"),
            postgresql_where=sa.text("state IN ('sending')"),
        )


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_leased")
        batch_op.drop_index("ix_message_next")
        batch_op.create_index("ix_message_due", ["state", "due_at"], unique=False)
        batch_op.add_column(sa.Column("facts", columns.Json, server_default=sa.text("'{}'"), nullable=False))
    kept = "SELECT facts FROM message_facts WHERE message_id = message.id"
    op.execute(f"UPDATE message SET facts = ({kept}) WHERE id IN (SELECT message_id FROM message_facts)")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.alter_column("facts", server_default=None)
    op.drop_table("way")
    op.drop_table("message_facts")
