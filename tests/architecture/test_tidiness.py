"""The tree keeps its own rules. A failure names each place and what to do about it."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FUNCTION = 70
LONGEST_MODULE = 400

VAGUE_NAMES = {
    *("common", "helper", "helpers", "manager", "managers"),
    *("service", "util", "utils"),
}

FORBIDDEN_IMPORTS = {
    "ledger": {"assistance", "projections"},
    "projections": {"assistance", "ledger"},
    "edge": {"assistance", "ledger", "projections"},
}

# Spelled in parts, so that this file does not name what it forbids.
UNFINISHED = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|X" + r"XX)\b")
MACHINE_PATH = re.compile(r"(?<![\w./])/(work/|tmp/" + r"v\b)")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.ClassDef | Function


@dataclass(frozen=True)
class Module:
    """A Python file of the tree, parsed."""

    path: Path
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)


@cache
def kept_files() -> tuple[Path, ...]:
    """What git keeps or would keep, relative to the root: neither ignored nor deleted files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return tuple(sorted({Path(name) for name in names}))


@cache
def modules() -> tuple[Module, ...]:
    """Every Python module of services/ and tests/."""
    paths = [path for path in kept_files() if path.suffix == ".py"]
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in paths}
    return tuple(Module(path, text, ast.parse(text, str(path))) for path, text in texts.items())


def service_modules() -> list[Module]:
    return [module for module in modules() if module.path.parts[0] == "services"]


def package_of(module: Module) -> str:
    return module.path.parts[1]


def imports(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Each imported name in full, with the statement that imports it."""
    for node in module.nodes():
        if isinstance(node, ast.Import):
            yield from ((node, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node, f"{node.module}.{name.name}") for name in node.names)


def public_parts(body: Iterable[ast.stmt]) -> Iterator[Documented]:
    """Public classes, their public methods, and public functions; not what is local to one."""
    for node in body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_parts(node.body)


def is_taken_over(node: Documented) -> bool:
    """Whether a docstring stands elsewhere: on what is overridden, or on the property's getter."""
    names = {ast.unparse(decorator).split(".")[-1] for decorator in node.decorator_list}
    return bool(names & {"override", "overload", "setter"})


def reads_environment(node: ast.AST) -> bool:
    """Whether the node is os.environ or os.getenv, or imports one of them."""
    if isinstance(node, ast.Attribute):
        return ast.unparse(node) in {"os.environ", "os.environb", "os.getenv"}
    if isinstance(node, ast.ImportFrom) and node.module == "os":
        return any(name.name in {"environ", "environb", "getenv"} for name in node.names)
    return False


def lines_matching(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in kept_files():
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if found := pattern.search(line):
                yield f"{path}:{number} ({found.group()})"


def refuse(places: Iterable[str], what_to_do: str) -> None:
    listed = sorted(places)
    assert not listed, f"{what_to_do}:\n  " + "\n  ".join(listed)


def test_the_tree_is_seen() -> None:
    assert {package_of(module) for module in service_modules()} >= {"assistance", "ledger"}


def test_functions_fit_on_a_screen() -> None:
    refuse(
        (
            f"{module.at(node)} {node.name}, {node.end_lineno - node.lineno + 1} lines"
            for module in modules()
            for node in module.nodes()
            if isinstance(node, Function) and node.end_lineno is not None
            if node.end_lineno - node.lineno >= LONGEST_FUNCTION
        ),
        f"Split functions of more than {LONGEST_FUNCTION} lines by what they do",
    )


def test_modules_stay_short() -> None:
    refuse(
        (
            f"{module.path}, {lines} lines"
            for module in modules()
            if (lines := len(module.text.splitlines())) > LONGEST_MODULE
        ),
        f"Split modules of more than {LONGEST_MODULE} lines by subject",
    )


def test_names_say_what_a_file_is_for() -> None:
    parts = {Path(*path.parts[:depth]) for path in kept_files() for depth in range(1, 20)}
    refuse(
        (str(path) for path in parts if path.name.split(".")[0].lower() in VAGUE_NAMES),
        "Rename files and folders for what they hold, not for being of use",
    )


def test_only_the_command_line_prints() -> None:
    refuse(
        (
            module.at(node)
            for module in service_modules()
            if package_of(module) != "assistance"
            for node in module.nodes()
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
        ),
        "Log or return instead of printing; only services/assistance/ speaks to a terminal",
    )


def test_modules_have_docstrings() -> None:
    refuse(
        (
            str(module.path)
            for module in service_modules()
            if module.text.strip() and not ast.get_docstring(module.tree)
        ),
        "Say in a docstring what each module is for",
    )


def test_public_classes_and_functions_have_docstrings() -> None:
    refuse(
        (
            f"{module.at(node)} {node.name}"
            for module in service_modules()
            for node in public_parts(module.tree.body)
            if not ast.get_docstring(node) and not is_taken_over(node)
        ),
        "Document meaning, units, shapes and errors, or make the name private",
    )


def test_the_services_do_not_know_each_other() -> None:
    refuse(
        (
            f"{module.at(node)} imports {name}"
            for module in service_modules()
            for node, name in imports(module)
            if name.split(".")[0] in FORBIDDEN_IMPORTS.get(package_of(module), set())
        ),
        "Go through contracts/: the ledger and the projections share data, not code",
    )


def test_composition_roots_are_imported_by_the_product_alone() -> None:
    refuse(
        (
            f"{module.at(node)} imports {name}"
            for module in service_modules()
            if package_of(module) != "assistance"
            for node, name in imports(module)
            if name.split(".")[0] in FORBIDDEN_IMPORTS and name.split(".")[1:2] == ["app"]
        ),
        "Pass in what is needed: app.py puts a service together and is imported by nobody in it",
    )


def test_only_settings_read_the_environment() -> None:
    refuse(
        (
            module.at(node)
            for module in service_modules()
            if module.path.name != "settings.py"
            for node in module.nodes()
            if reads_environment(node)
        ),
        "Read the environment in settings.py and pass the settings in",
    )


def test_rules_are_not_assert_statements() -> None:
    refuse(
        (
            module.at(node)
            for module in service_modules()
            for node in module.nodes()
            if isinstance(node, ast.Assert)
        ),
        "Raise an error of the service's tree: python -O removes assert statements",
    )


def test_nothing_is_left_for_later() -> None:
    refuse(lines_matching(UNFINISHED), "Do it now, or file an issue and remove the note")


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    refuse(lines_matching(MACHINE_PATH), "Use a path relative to the project, or a setting")
