"""django-post-office as a reference: its own `send_queued_mail`, in a process and an environment of its own.

`.venv/bench/bin/python benchmarks/delivery_post_office.py FILE` prints a line of JSON for each step. It keeps
its table of mails and its log of results, as it does by default. It gets what makes it fastest: as many
threads as there are connections, large batches, and on SQLite the same journal and locks as kamflow.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from django.conf import settings

AT_ONCE = 1_000  # what `send_many` stores with one statement


def main(asked: dict[str, Any]) -> None:
    """Store so many mails, then send them."""
    _settle(asked)
    from django.core.management import call_command  # noqa: PLC0415 - Django has to be settled first

    call_command("migrate", verbosity=0)
    from post_office import mail  # noqa: PLC0415
    from post_office.models import STATUS, Email  # noqa: PLC0415

    body = {"subject": asked["subject"], "message": asked["text"], "html_message": asked["html"]}
    number, single = asked["number"], min(asked["number"] // 4, 500)
    everybody = [{"recipients": f"p{at}@example.com", **body} for at in range(1, number + 1)]

    def one_by_one() -> None:
        for each in everybody[:single]:
            mail.send(**each)

    def many() -> None:
        for first in range(single, number, AT_ONCE):
            mail.send_many(everybody[first : first + AT_ONCE])

    _count("send", single, one_by_one)
    _count("send_many", number - single, many)
    _count("sent", number, lambda: call_command("send_queued_mail", processes=asked["processes"]))
    left = Email.objects.exclude(status=STATUS.sent).count()
    if left:
        raise SystemExit(f"post-office left {left} mails unsent")


def _count(step: str, number: int, run: Callable[[], object]) -> None:
    cpu, began = _cpu(), time.monotonic()
    run()
    took = time.monotonic() - began
    said = {"step": step, "number": number, "seconds": took, "cpu": _cpu() - cpu}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _cpu() -> float:
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def _settle(asked: dict[str, Any]) -> None:
    settings.configure(
        DATABASES={"default": asked["database"]},
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=asked["port"],
        DEFAULT_FROM_EMAIL="kamflow <kamflow@example.com>",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        SECRET_KEY="made up for the bench",  # noqa: S106
        POST_OFFICE={
            "THREADS_PER_PROCESS": asked["connections"] // asked["processes"],
            "BATCH_SIZE": asked["batch"],
            "MESSAGE_ID_ENABLED": True,
            "MESSAGE_ID_FQDN": "example.com",
            "LOCK_FILE_NAME": str(Path(asked["folder"]) / "post_office"),
        },
        # A line of text for each mail goes where it costs least.
        LOGGING_CONFIG=None,
    )
    django.setup()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
