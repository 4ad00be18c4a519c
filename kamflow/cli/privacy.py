"""`kamflow privacy`: the papers for data protection and the works council, written from the code."""

from pathlib import Path

from cyclopts import App

from kamflow.cli.home import open_home
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json

privacy = App(name="privacy", help="Papers for data protection and the works council.")


@privacy.command
def pack(*, out: Path, options: Options = HERE) -> None:
    """Write data catalogue, record of processing, works agreement's annex and information for contacts.

    They are drafts for the data protection officer, made of the tables, the settings and [retention] as they
    are. Nothing of your data stands in them.

    Parameters
    ----------
    out
        A folder, made if it is not there; files of the same name are replaced.
    """
    from importlib.metadata import version

    from notifications.render import privacy as papers

    home = open_home(options)
    try:
        files = papers.pack(home.settings, home.policy, home.today(), version("kamflow"))
    finally:
        home.engine.dispose()
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    if options.json:
        say_json({"out": out, "files": sorted(files)})
    else:
        say(*(out / name for name in sorted(files)), "drafts: have the data protection officer examine them")
