"""The pages of folders as rows, for the acts that tick them and write on them."""

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.meeting import FolderPage


def of_meeting(session: Session, meeting: int) -> dict[str, FolderPage]:
    """Page -> its row, as it is now."""
    query = select(FolderPage).where(col(FolderPage.meeting_id) == meeting)
    rows = session.execute(query.execution_options(populate_existing=True)).scalars()
    return {row.page: row for row in rows}


def page(session: Session, meeting: int, page: str) -> FolderPage:
    """The row of a page; a new one where it has none."""
    return of_meeting(session, meeting).get(page) or FolderPage(meeting_id=meeting, page=page)
