"""What the documentation shows can be run: its commands parse, and its Python finds what it imports."""

import re
import shlex
from pathlib import Path

import click
import pytest
from embedkit_cli.main import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def found(pattern: str) -> list[str]:
    return [one for page in PAGES for one in re.findall(pattern, page.read_text(), re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize("line", sorted(set(found(r"^    embedkit ([^\n]+)$"))))
def test_a_command_parses(line):
    arguments, command = shlex.split(line, comments=True), main
    context = click.Context(main, info_name="embedkit")
    while isinstance(command, click.Group):
        command = command.get_command(context, arguments.pop(0))
        assert command is not None
    command.make_context(command.name, arguments)


@pytest.mark.parametrize("block", found(r"^```python\n(.*?)^```"), ids=lambda block: block.partition("\n")[0])
def test_a_block_of_python_compiles_and_imports(block):
    compile(block, "block", "exec")
    for line in block.splitlines():
        if line.startswith(("import ", "from ")):
            exec(line, {})  # noqa: S102
