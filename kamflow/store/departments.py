"""Who answers for a department: its people, its lead and the lead's deputy."""

from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.person import DepartmentLead, Person


def people(session: Session, department: int | None, day: date) -> set[int]:
    """Everybody of a department who is here; nobody without one."""
    if department is None:
        return set()
    leading = select(col(DepartmentLead.person_id)).where(col(DepartmentLead.department_id) == department)
    query = (
        select(col(Person.id))
        .where(or_(col(Person.department_id) == department, col(Person.id).in_(leading)))
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= day))
    )
    return {number for number in session.execute(query).scalars() if number is not None}
