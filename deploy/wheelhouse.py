"""Pack kamflow and everything it needs into one archive, for servers without internet (`make wheelhouse`).

The wheels fit the Python and the processor of the machine that packs them.
"""

import platform
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINNED = ROOT / "requirements" / "kamflow.txt"
INSTALL = """kamflow {version} for servers without internet
Linux on {machine}, Python {python}

  tar xzf {name}.tar.gz
  python{python} -m venv /opt/kamflow
  /opt/kamflow/bin/pip install --no-index --find-links {name}/wheels -r {name}/requirements.txt
  /opt/kamflow/bin/pip install --no-index --find-links {name}/wheels --no-deps kamflow
  /opt/kamflow/bin/kamflow init /srv/kamflow
  /opt/kamflow/bin/kamflow doctor --home /srv/kamflow

An upgrade is the same with the new archive, while kamflow is stopped, after `kamflow backup`;
then `kamflow init /srv/kamflow` brings the database up to date.
"""


def missing(pinned: str, wheels: Iterable[str]) -> list[str]:
    """The pinned requirements of which there is no wheel."""
    found = {(plain(name.partition("-")[0]), name.split("-")[1]) for name in wheels}
    wanted = [line.split(";")[0].strip().partition("==") for line in pinned.splitlines() if "==" in line]
    return [f"{name}=={number}" for name, _, number in wanted if (plain(name), number) not in found]


def plain(name: str) -> str:
    """A package's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()


def pack(out: Path) -> Path:
    """Build the archive below `out`; return its path."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    name = f"kamflow-{version('kamflow')}-py{python.replace('.', '')}-{platform.machine()}"
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as made:
        house = Path(made) / name
        wheels = house / "wheels"
        wheels.mkdir(parents=True)
        pip = [sys.executable, "-m", "pip", "--quiet", "wheel", "--wheel-dir", str(wheels)]
        subprocess.run([*pip, "-r", str(PINNED)], check=True)  # noqa: S603 - our own command
        subprocess.run([*pip, "--no-deps", "--no-build-isolation", str(ROOT)], check=True)  # noqa: S603
        absent = missing(PINNED.read_text(encoding="utf-8"), (each.name for each in wheels.glob("*.whl")))
        if absent:
            raise SystemExit(f"no wheel of {', '.join(absent)}")
        (house / "requirements.txt").write_bytes(PINNED.read_bytes())
        said = INSTALL.format(
            version=version("kamflow"), machine=platform.machine(), python=python, name=name
        )
        (house / "INSTALL.txt").write_text(said, encoding="utf-8")
        target = out / f"{name}.tar.gz"
        with tarfile.open(target, "w:gz", compresslevel=1) as archive:
            archive.add(house, name)
    return target


if __name__ == "__main__":
    packed = pack(ROOT / "dist")
    print(f"{packed} ({packed.stat().st_size / 1e6:.0f} MB); INSTALL.txt in it says how")  # noqa: T201
