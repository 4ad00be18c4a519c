"""Who may see how kamflow runs: the role operations, and nobody else; the head of KAM does not need it."""

from fastapi import Depends

from kamflow.errors import NotAllowed
from kamflow.models.person import Role
from kamflow.web.visitor import Visitor, signed_in

VIA = "page"


def operator(visitor: Visitor = Depends(signed_in)) -> Visitor:
    """The visitor of a page of operations (`Depends(operator)`).

    Raises:
        NotAllowed: they do not operate kamflow.
    """
    if Role.OPERATIONS not in visitor.roles:
        raise NotAllowed("only operations see how kamflow runs")
    return visitor
