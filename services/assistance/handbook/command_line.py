"""The page of the command line, from what `--help` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from assistance import cli
from assistance.handbook.markdown import block, cell, code, table


def page() -> str:
    """Return the page of every command, its arguments and options, and of the exit codes."""
    root = typer.main.get_command(cli.app)
    sections = "".join(_section(words, command) for words, command in commands(root))
    return (
        f"# The command line `assistance`\n\n{root.help}\n\n"
        "Answers go to standard output; words for people and progress bars to standard error, bars "
        "on a terminal only. With `--json` an answer is one JSON object a line. `NO_COLOR` is "
        "respected. `assistance --install-completion` sets up the shell's completion.\n\n"
        f"## Exit codes\n\n{_exit_codes()}\n{sections}"
    )


def commands(group: Any, before: tuple[str, ...] = ("assistance",)) -> Iterator[tuple[str, Any]]:
    """Yield every command with its words, those of sub-commands included."""
    for name, command in group.commands.items():
        words = (*before, name)
        if hasattr(command, "commands"):
            yield from commands(command, words)
        else:
            yield " ".join(words), command


def _exit_codes() -> str:
    said = (cli.__doc__ or "").partition("Exit codes:")[2].partition("\n\n")[0]
    codes = [part.strip().rstrip(".").split(" ", 1) for part in " ".join(said.split()).split(";")]
    return table(("code", "meaning"), codes)


def _section(words: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    usage = " ".join([words, *map(_placeholder, arguments), *(["[OPTIONS]"] if options else [])])
    rows = [(code(_names(p)), _default(p), p.help or "") for p in (*arguments, *options)]
    listed = table(("argument or option", "default", "meaning"), rows) if rows else ""
    return f"\n## {words}\n\n{cell(command.help or '')}\n\n{block(usage, 'text')}\n{listed}"


def _placeholder(argument: Any) -> str:
    name = str(argument.name).upper()
    return name if argument.required else f"[{name}]"


def _names(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    return ", ".join((*parameter.opts, *parameter.secondary_opts))


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    return "" if parameter.default in (None, False, ()) else code(parameter.default)
