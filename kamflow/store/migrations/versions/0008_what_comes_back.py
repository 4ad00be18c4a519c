"""A mail that comes back finds its message by an index."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_message_mail_id", "message", ["mail_id"])


def downgrade() -> None:
    op.drop_index("ix_message_mail_id", "message")
