"""Where Prefect's own pages are: the API's address without `/api`."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from kamflow.settings import Settings


@dataclass(frozen=True, slots=True)
class PrefectPages:
    """Prefect's pages. `here`: they are open on the server's own machine only."""

    address: str
    here: bool

    def run(self, number: str) -> str:
        """The page of a run."""
        return f"{self.address}/runs/flow-run/{number}"


def pages(settings: Settings) -> PrefectPages:
    """Those of the server that is set, else of the one that `kamflow up` started, else of the usual port."""
    written = settings.home / "prefect" / "api_url"
    own = written.read_text(encoding="utf-8").strip() if written.is_file() else ""
    api = settings.prefect.api_url or own or f"http://127.0.0.1:{settings.prefect.port}/api"
    address = api.rstrip("/").removesuffix("/api")
    return PrefectPages(address, _loopback(urlsplit(address).hostname or ""))


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
