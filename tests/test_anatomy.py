"""The shape of the code as design.md draws it: what belongs together is there, what does not fit is named.

A new rule is one new file in kamflow/rules; run this, and it says what else is missing.
"""

import ast
import configparser
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import LONG

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("kamflow", "notifications", "flows")
TEMPLATES = ROOT / "templates"
MIGRATIONS = ROOT / "kamflow/store/migrations/versions"

MAX_LINES = 250
# path -> why it may be longer
GROWN: dict[str, str] = {}

VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "base", "common"}
KNOWS_PREFECT = {"prefect", "apscheduler"}
LAZY = ("kamflow/cli/", "kamflow/demo/")

TEXT = {"", ".cfg", ".css", ".html", ".ini", ".j2", ".js", ".json", ".mako", ".md", ".po", ".pot", ".py"}
TEXT |= {".sh", ".svg", ".toml", ".txt", ".typ", ".yaml", ".yml", ".csv", ".service"}
NOT_OURS = {".git", ".venv", "__pycache__", "dist", "build", "node_modules", ".hypothesis"}


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def stems(folder: str) -> list[str]:
    """Names of the modules and packages directly in `folder`."""
    found = (ROOT / folder).glob("*")
    return sorted(
        path.stem
        for path in found
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    )


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def text_files() -> Iterator[Path]:
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in NOT_OURS and not name.endswith("_cache")]
        yield from (path for name in names if (path := Path(folder, name)).suffix in TEXT)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(path)))


@cache
def words(path: Path) -> frozenset[str]:
    """Every name, imported name and string in a module; none where the file is missing."""
    if not path.exists():
        return frozenset()
    found: set[str] = set()
    for node in nodes(path):
        match node:
            case ast.Name(id=name) | ast.alias(name=name):
                found.add(name.rpartition(".")[2])
            case ast.Constant(value=str() as name):
                found.add(name)
            case _:
                pass
    return frozenset(found)


def imports(path: Path) -> Iterator[tuple[str, int, bool]]:
    """The top package, the line, and whether it stands inside a function, of every import."""
    functions = [node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {line for each in functions for line in range(each.lineno, (each.end_lineno or 0) + 1)}
    for node in nodes(path):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        yield from (
            (
                module.partition(".")[0],
                node.lineno,
                node.lineno in inside,
            )
            for module in modules
        )


@cache
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


# --- a rule, a document and what belongs to it ---------------------------------------------------

# What is missing, with {name} for the rule -> is it there?
Pieces = dict[str, Callable[[str], bool]]


def file(pattern: str) -> Pieces:
    return {pattern: lambda name: (ROOT / pattern.format(name=name)).exists()}


def row(path: str) -> Pieces:
    return {f"a row '{{name}}' in {path}": lambda name: name in words(ROOT / path)}


def text(path: str, wanted: str) -> Pieces:
    """`wanted` with {name} for the rule, {Name} for its class of numbers."""

    def there(name: str) -> bool:
        said = wanted.format(name=name, Name=name.title().replace("_", ""))
        return said in (ROOT / path).read_text(encoding="utf-8")

    return {f"'{wanted.replace('{Name}', '<Name>')}' in {path}": there}


PIECES_OF_A_RULE = {
    **row("kamflow/store/registry.py"),
    **text("kamflow/thresholds.py", "class {Name}(Table)"),
    **row("kamflow/policy.py"),
    **text("kamflow/cli/kamflow.toml", "[policy.{name}]"),
    **file("flows/{name}.py"),
    **text("pyproject.toml", "{name}"),
    **row("kamflow/schedules.py"),
    **file("templates/{name}/item.j2"),
    **text("templates/locale/de/LC_MESSAGES/kamflow.po", "{name}/item.j2"),
    **row("notifications/silence_words.py"),
    **row("notifications/render/examples.py"),
    **file("tests/rules/test_{name}.py"),
    **text("docs/worked-examples.md", "| {name} |"),
    **row("tests/properties/cases.py"),
    **row("tests/flows/test_local.py"),
}
PIECES_OF_A_DOCUMENT = {
    **file("templates/{name}"),
    **file("tests/documents/test_{name}.py"),
}


def missing(pieces: Pieces, name: str) -> list[str]:
    return [piece.format(name=name) for piece, there in pieces.items() if not there(name)]


@pytest.mark.parametrize("rule", stems("kamflow/rules"))
def test_a_rule_is_complete(rule: str) -> None:
    needed = missing(PIECES_OF_A_RULE, rule)
    assert not needed, f"the rule kamflow/rules/{rule} needs {'; '.join(needed)}"


@pytest.mark.parametrize("document", stems("kamflow/documents"))
def test_a_document_is_complete(document: str) -> None:
    needed = missing(PIECES_OF_A_DOCUMENT, document)
    assert not needed, f"the document kamflow/documents/{document} needs {'; '.join(needed)}"


def test_every_template_folder_is_used() -> None:
    sources = [*python_files(*PACKAGES), *TEMPLATES.rglob("*.j2")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    known = {*stems("kamflow/rules"), *stems("kamflow/documents")}
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir() and path.name not in NOT_OURS}
    unused = [name for name in folders - known if not re.search(rf"""["']{re.escape(name)}["'/]""", text)]
    assert not unused, f"templates/ that no code names: {sorted(unused)}"


# --- names and sizes -----------------------------------------------------------------------------


def test_names_are_words_of_the_domain() -> None:
    paths = [path for folder in (*PACKAGES, "templates", "tests") for path in (ROOT / folder).rglob("*")]
    ours = [path for path in paths if not NOT_OURS.intersection(path.parts)]
    vague = [shown(path) for path in ours if VAGUE.intersection(re.split(r"[_.\-]", path.name.lower()))]
    assert not vague, f"say what is in it: {vague}"


def test_class_names_are_words_of_the_domain() -> None:
    vague = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in python_files(*PACKAGES)
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
        and VAGUE.intersection(word.lower() for word in re.findall(r"[A-Z][a-z]+", node.name))
    ]
    assert not vague, f"say what it is: {vague}"


def test_init_files_are_empty() -> None:
    files = [path for path in python_files(*PACKAGES, "templates", "tests") if path.name == "__init__.py"]
    assert not [shown(path) for path in files if path.read_bytes().strip()]


def test_files_are_split_before_they_are_overgrown() -> None:
    lengths = {
        shown(path): len(path.read_bytes().splitlines())
        for path in python_files(*PACKAGES)
        if path.parent != MIGRATIONS
    }
    overgrown = {path: lines for path, lines in lengths.items() if lines > MAX_LINES and path not in GROWN}
    assert not overgrown, f"over {MAX_LINES} lines; split by aggregate, rule, channel or page: {overgrown}"


def test_what_was_allowed_to_grow_still_needs_it() -> None:
    small = [name for name in GROWN if len((ROOT / name).read_bytes().splitlines()) <= MAX_LINES]
    assert not small, f"take these out of GROWN: {small}"


# --- imports that import-linter cannot judge -----------------------------------------------------


def test_what_the_slow_tests_begin_with_is_among_them() -> None:
    slow = {
        path.stem for path in (ROOT / "tests").rglob("test_*.py") if "mark.slow" in path.read_text("utf-8")
    }
    assert {*LONG} - slow == set()


def test_only_flows_know_prefect_at_import() -> None:
    wrong = [
        f"{shown(path)}:{line} {package}"
        for path in python_files("kamflow", "notifications")
        for package, line, in_function in imports(path)
        if package in KNOWS_PREFECT and not (in_function and shown(path).startswith(LAZY))
    ]
    assert not wrong, f"only flows/ (and functions in kamflow/cli and kamflow/demo) may import these: {wrong}"


def test_the_command_line_starts_without_prefect() -> None:
    if not (ROOT / "kamflow/cli/app.py").exists():
        pytest.skip("kamflow/cli/app.py is not there yet")
    code = "import sys, kamflow.cli.app; print(*sorted({'prefect', 'apscheduler'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [], "`kamflow --help` must not load these"


def test_every_library_is_a_declared_dependency() -> None:
    declared = {re.split(r"[\[<>=~! ]", line)[0].lower() for line in project()["project"]["dependencies"]}
    known = {
        top: {name.lower().replace("_", "-") for name in names}
        for top, names in packages_distributions().items()
    }
    ours = {*PACKAGES, *sys.stdlib_module_names}
    used = {
        name: path for path in python_files(*PACKAGES) for name, _, _ in imports(path) if name not in ours
    }
    undeclared = {
        name: shown(path) for name, path in used.items() if not declared.intersection(known.get(name, {name}))
    }
    assert not undeclared, f"imported but not in pyproject.toml's dependencies: {undeclared}"


# --- nothing of one machine in the repository ----------------------------------------------------


def registry_hosts() -> set[str]:
    """Hosts of package registries that this machine is set up for."""
    names = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX")
    urls = [url for name in names for url in os.environ.get(name, "").split()]
    config = configparser.ConfigParser(interpolation=None, strict=False)
    config.read(
        ["/etc/pip.conf", Path("~/.pip/pip.conf").expanduser(), Path("~/.config/pip/pip.conf").expanduser()]
    )
    for section in config.sections():
        for option in ("index-url", "extra-index-url"):
            urls += config.get(section, option, fallback="").split()
    hosts = {urlsplit(url.rpartition("=")[2]).hostname for url in urls}
    return {host for host in hosts if host and host != "localhost"}


def test_nothing_of_this_machine_is_in_the_repository() -> None:
    # Put together from parts, so that this file does not hold them itself.
    folders = {"/" + "work/", "/" + "root/"}
    if len(ROOT.parts) > 2:
        folders.add(f"{ROOT.as_posix()}/")
    pattern = re.compile(
        "|".join(
            [*(rf"(?<![\w./\-]){re.escape(folder)}" for folder in folders), *map(re.escape, registry_hosts())]
        )
    )
    found = [
        f"{shown(path)}:{number}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"paths or hosts of this machine: {found}"


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").split()
    return dict(line.split("==") for line in lines)


def test_requirements_are_plain_pins_that_agree() -> None:
    kamflow, dev = pins("kamflow.txt"), pins("dev.txt")
    assert {name: dev.get(name) for name in kamflow} == kamflow, "run `make requirements`"
