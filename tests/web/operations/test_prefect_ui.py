"""Where Prefect's pages are, and whether a browser elsewhere reaches them."""

from pathlib import Path

import pytest

from kamflow.settings import Settings
from kamflow.upkeep import Prefect
from kamflow.web.operations import prefect_ui


@pytest.mark.parametrize(
    ("set_to", "written", "address", "here"),
    [
        (None, None, "http://127.0.0.1:4200", True),
        (None, "http://127.0.0.1:4307/api\n", "http://127.0.0.1:4307", True),
        (
            "https://prefect.example.com/api",
            "http://127.0.0.1:4307/api",
            "https://prefect.example.com",
            False,
        ),
        ("http://localhost:4200/api/", None, "http://localhost:4200", True),
    ],
)
def test_prefect_s_pages_lie_beside_its_api(
    tmp_path: Path, set_to: str | None, written: str | None, address: str, here: bool
) -> None:
    if written:
        (tmp_path / "prefect").mkdir()
        (tmp_path / "prefect" / "api_url").write_text(written)
    found = prefect_ui.pages(Settings(home=tmp_path, prefect=Prefect(api_url=set_to)))

    assert (found.address, found.here) == (address, here)
    assert found.run("7f") == f"{address}/runs/flow-run/7f"
