"""`kamflow source`: who looks after a source of data, how old its data is and may be."""

from kamflow.acts import source as acts
from kamflow.cli.home import acting, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table
from kamflow.store import data_age


def source(
    key: str | None = None,
    /,
    *,
    owner: str | None = None,
    age_limit: int | None = None,
    no_age_limit: bool = False,
    name: str | None = None,
    options: Options = HERE,
) -> None:
    """List the sources of data with their age, or say who looks after one and how old its data may be.

    Older data pauses the reminders that need it: their readers, operations and the owner are told.

    Parameters
    ----------
    key
        The source, such as crm: the name of its folder in inbox/, or of its mapping.
    owner
        Who looks after it: a key, e-mail address or full name.
    age_limit
        Days its data may be old.
    no_age_limit
        It may be of any age.
    name
        What messages call it, such as SAP.
    """
    if key is not None:
        with acting(options) as desk:
            person = desk.person(owner) if owner else None
            limits = {"limit": age_limit, "no_limit": no_age_limit}
            acts.put(desk.to_act(), key, owner=person, name=name, **limits)
    with reading(options) as desk:
        found = data_age.ages(desk.session, desk.today, desk.company.zone)
        rows = [_row(each, desk.person_name(each.owner) if each.owner else None) for each in found]
    rows = [row for row in rows if key is None or row["source"] == key]
    if options.json:
        say_json({"sources": rows})
        return
    if not rows:
        say("no source yet: `kamflow import` makes them")
        return
    fields = ("source", "name", "newest", "limit", "owner")
    table(
        ("source", "name", "data of", "age limit (days)", "owner"),
        [[row[f] or "-" for f in fields] for row in rows],
    )


def _row(age: data_age.SourceAge, owner: str | None) -> dict[str, object]:
    newest = acts.day_or_never(age.newest_on)
    return {
        "source": age.source,
        "name": age.name,
        "newest": f"{newest} (too old)" if age.too_old else newest,
        "limit": age.limit_days,
        "owner": owner,
        "too_old": age.too_old,
    }
