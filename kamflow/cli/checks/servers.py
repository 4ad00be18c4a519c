"""What runs beside us: Prefect's server and the versions it needs, the sign-in, our pages from outside."""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

import httpx
from packaging.requirements import Requirement

from flows import server
from flows.runtime import Home
from kamflow import outward
from kamflow.cli.checks.finding import Finding

SECONDS = 10.0
TIED = ("prefect", "fastapi", "sqlalchemy")


def versions() -> Iterator[Finding]:
    """Prefect 3.8 is tied to a range of FastAPI and SQLAlchemy: outside of it no run is ever scheduled."""
    wrong = False
    for each in map(Requirement, requires("kamflow") or ()):
        if re.sub(r"[-_.]+", "-", each.name).lower() not in TIED:
            continue
        try:
            found = version(each.name)
        except PackageNotFoundError:
            found = "missing"
        if found == "missing" or not each.specifier.contains(found):
            wrong = True
            todo = "pip install -r requirements/kamflow.txt"
            yield Finding("versions", "wrong", f"{each.name} {found}, needed {each.specifier}", todo)
    if not wrong:
        yield Finding("versions", "ok", ", ".join(f"{name} {version(name)}" for name in ("kamflow", *TIED)))


def prefect(home: Home) -> Iterator[Finding]:
    """Healthy, lets us in, and its scheduler makes runs."""
    settings = home.settings
    url = server.address(settings)
    if url is None:
        yield Finding("prefect", "ok", "no server yet: `kamflow up` starts one")
        return
    if not server.healthy(url):
        own = settings.prefect.api_url is None
        level = "mind" if own else "wrong"
        todo = "`kamflow up` starts it" if own else "ask who runs it; look at prefect.api_url"
        yield Finding("prefect", level, f"no healthy server at {url}", todo)
        return
    user, _, password = (server.auth(settings) or "").partition(":")
    proof = (user, password) if user else None
    way = outward.way(settings).for_httpx(url)
    with httpx.Client(timeout=SECONDS, auth=proof, **way) as asked:
        answer = asked.get(f"{url}/admin/version")
        if answer.status_code in (401, 403):
            todo = "set KAMFLOW_PREFECT__AUTH to what the server expects (user:password)"
            yield Finding("prefect", "wrong", f"the server at {url} does not let us in", todo)
            return
        yield Finding("prefect", "ok", f"server {answer.json()} at {url}, healthy, lets us in")
        yield from _scheduled(asked, url)


def _scheduled(asked: httpx.Client, url: str) -> Iterator[Finding]:
    """Whether each of our flows with a schedule has runs waiting."""
    found: list[Mapping[str, Any]] = asked.post(f"{url}/deployments/filter", json={}).json()
    ours = {each["name"] + "/" + each["id"]: each for each in found if each["name"] == "kamflow"}
    if not ours:
        todo = "`kamflow up` registers them, or `kamflow deploy`"
        yield Finding("prefect", "mind", "no flow of kamflow is registered there", todo)
        return
    # The fields that the filter endpoints broke on with a newer FastAPI.
    ids = {"deployments": {"id": {"any_": [each["id"] for each in ours.values()]}}}
    waiting = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    runs = asked.post(f"{url}/flow_runs/filter", json={**ids, **waiting, "limit": 200}).json()
    have = {each["deployment_id"] for each in runs}
    without = [each for each in ours.values() if each.get("schedules") and each["id"] not in have]
    if without:
        what = f"{len(without)} of {len(ours)} flows have no run scheduled"
        todo = "its scheduler makes them within a minute of a start; later: look at `versions` above"
        yield Finding("prefect", "wrong", what, todo)
    else:
        yield Finding("prefect", "ok", f"{len(ours)} flows, {len(runs)} runs scheduled")


def oidc(home: Home) -> Iterator[Finding]:
    """Discovery of the issuer."""
    issuer = home.settings.web.oidc.issuer
    if issuer is None:
        yield Finding("sign-in", "ok", "by links in mails; web.oidc is not used")
        return
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    todo = "look at web.oidc.issuer, http.proxy and http.ca_bundle"
    try:
        way = outward.way(home.settings).for_httpx(address)
        said = httpx.get(address, timeout=SECONDS, **way).json()
    except (httpx.HTTPError, ValueError) as error:
        yield Finding("sign-in", "wrong", f"{address}: {type(error).__name__}", todo)
        return
    if not isinstance(said, dict) or str(said.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        yield Finding("sign-in", "wrong", f"{address} does not speak for {issuer}", todo)
    elif home.settings.web.internal_url is None:
        yield Finding("sign-in", "wrong", "it leads back to nowhere", "set web.internal_url")
    else:
        back = f"{home.settings.web.internal_url.rstrip('/')}/oidc/back"
        yield Finding("sign-in", "ok", f"{issuer} answers; let it lead back to {back}")


def reached(home: Home) -> Iterator[Finding]:
    """Whether the addresses in mails lead to us, seen from here."""
    web = home.settings.web
    for name, url in (("public_url", web.public_url), ("internal_url", web.internal_url)):
        if url is None:
            todo = f"set web.{name}" + (", or no survey is sent" if name == "public_url" else "")
            yield Finding("addresses", "mind", f"web.{name} is not set", todo)
            continue
        try:
            way = outward.way(home.settings).for_httpx(url)
            status = httpx.get(url, timeout=SECONDS, **way).status_code
        except httpx.HTTPError as error:
            todo = "look at the proxy in front of kamflow, its certificate and its name; kamflow has to run"
            yield Finding("addresses", "mind", f"{url}: {type(error).__name__}", todo)
            continue
        good = status < httpx.codes.INTERNAL_SERVER_ERROR
        todo = None if good else "the proxy answers, kamflow behind it does not: does it run?"
        yield Finding(
            "addresses", "ok" if good else "mind", f"{url} answers ({status}), seen from here", todo
        )
