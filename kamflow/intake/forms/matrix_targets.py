"""The cells of a contact matrix: Soll and topics go in, Ist is compared and never made up."""

from datetime import date, timedelta

from kamflow.intake.entities import contacts
from kamflow.intake.entities.interactions import Meeting, save
from kamflow.intake.forms.matrix import ratio
from kamflow.intake.forms.matrix_form import Form, by_name, merged
from kamflow.intake.forms.matrix_sheet import Column, Line
from kamflow.intake.forms.matrix_workbook import place
from kamflow.intake.record import Record
from kamflow.intake.rows import text


def write(form: Form, heads: dict[int, int]) -> None:
    records: list[Record] = []
    met: list[Meeting] = []
    for line in form.sheet.lines:
        names = form.ctx.known.people
        found, problem = names.by_key.get(line.key), None
        if found is None:
            found, problem = by_name(names, line.name, None)
        if found is None:
            record = form.record("targets", line.row, (line.name,))
            record.refuse("person", problem or f"no person {line.name!r}: import our people first", line.name)
            form.ctx.report.reject(record)
            continue
        for column in form.sheet.columns:
            if column.at in heads:
                record = _target(form, line, column, (found, heads[column.at]), met)
                records += [record] if record is not None else []
    contacts.write_targets(form.ctx, records)
    save(form.ctx, met)
    for meeting in met:
        form.ctx.report.counts["interactions"][meeting.state] += 1


def _target(
    form: Form, line: Line, column: Column, pair: tuple[int, int], met: list[Meeting]
) -> Record | None:
    topic = text(line.topics[column.at]).strip() if column.at < len(line.topics) else ""
    cell = line.ratios[column.at] if column.at < len(line.ratios) else ""
    stored = form.stored.targets.get(pair)
    remembered = (line.key, column.key, "soll") in form.sheet.memory
    if not topic and not text(cell).strip() and not remembered:
        return None
    shown_cells = (line.name, column.name, topic, text(cell))
    record = form.record("targets", line.row, shown_cells, person=pair[0], contact=pair[1])
    record.values |= {"account": form.stored.account.id, "period": str(form.stored.period)}
    try:
        ist, soll = ratio(cell)
    except ValueError as error:
        record.refuse(place(line.ratio_row, column.at), str(error), text(cell))
        return record
    _compare(form, record, (line, column, pair), ist, met)
    times = merged(form, record, (line.key, column.key, "soll"), str(soll), stored.soll if stored else None)
    record.values["soll"] = int(times) if times is not None else stored.soll if stored else soll
    about = merged(form, record, (line.key, column.key, "topic"), topic, stored.topic if stored else None)
    if about is not None:
        record.values["topic"] = about or None
    return record


def _compare(
    form: Form,
    record: Record,
    cell: tuple[Line, Column, tuple[int, int]],
    ist: int | None,
    met: list[Meeting],
) -> None:
    """Say where the form knows of more contacts than kamflow; take them over only where told to."""
    line, column, pair = cell
    known = form.stored.ist.get(pair, 0)
    if ist is None or ist <= known:
        return
    told = f"{line.name} x {column.name}: Ist {ist} on the form, {known} known"
    if form.options.ist != "held" or form.stored.ist:
        form.ctx.report.receipts.append(f"{told}; nothing was made up, log or import the contacts")
        return
    days = _days(form, ist)
    if len(days) < ist:
        record.refuse("ist/soll", f"at most {len(days)} contacts up to then in {form.stored.period}", ist)
        return
    for number, day in enumerate(days, 1):
        external = f"{form.stored.account.key}|{pair[0]}|{pair[1]}|{form.stored.period}|{number}"
        values = {"day": day, "account_id": form.stored.account.id, "state": "held"}
        met.append(Meeting(values, frozenset({pair}), external))
    form.ctx.report.receipts.append(f"{told}; taken over as held up to {days[0]}")


def _days(form: Form, number: int) -> list[date]:
    """As many days as contacts, backwards from the stated one: two on one day would count once."""
    span = form.stored.period
    last = min(form.options.held_on or form.ctx.today, form.ctx.today, span.last)
    days = [last - timedelta(days=back) for back in range(number)]
    return [day for day in days if day >= span.first]
