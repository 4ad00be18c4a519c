"""A lease that has ended is put on notice before another takes over."""

import sqlalchemy as sa
from alembic import op

from kamflow.models import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lease_ended_at", columns.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("lease_ended_at")
