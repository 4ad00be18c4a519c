"""Imported by the process that is forked, and nowhere else: what every dispatcher would do at its start."""

from sqlalchemy.orm import configure_mappers

from notifications.render import examples, html

configure_mappers()
html.mail(examples.VIEWS["plan_creation", "one"]("de"))
