"""YAML as the declarations use it: YAML 1.2's plain values, no key twice, and the line of every key.

PyYAML reads YAML 1.1, where the key `on` is true, `17:00` is 1020 and `0123` is 83; a contract says `refers: {on: ngay}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from datasets.model.problem import ContractError, ContractProblem, KeyPath, key_text

MAX_NODES = 100_000  # more can only come from aliases of aliases


class _CoreLoader(yaml.SafeLoader):
    """Safe loader with the plain values of YAML 1.2's core schema."""


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same over libyaml where PyYAML has it: about ten times as fast, with other words for what is wrong."""


_CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))
_FastLoader.yaml_implicit_resolvers = _CoreLoader.yaml_implicit_resolvers


@dataclass(frozen=True)
class YamlDocument:
    """Data of one file and the line of each key, counted from 1."""

    file: str
    data: Any
    lines: dict[KeyPath, int]

    def problem(self, path: KeyPath, value: Any, message: str) -> ContractProblem:
        """A problem at that place; the line is that of the nearest key that is written."""
        line = next((self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), None)
        return ContractProblem(self.file, key_text(path, self.data), value, message, line)


def read_yaml(content: bytes, file: str) -> YamlDocument:
    """Parse the bytes of a file; `file` is its name in messages.

    Raises ContractError for bytes that are not UTF-8, for a syntax error (with its line) and for a key written twice.
    """
    try:
        loader, root = _composed(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = f"the file is not UTF-8 (byte {error.start}); save it as UTF-8"
        raise ContractError([ContractProblem(file, "", None, message, line)]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not valid YAML: {error.problem or error.context}; {_syntax_hint(error.problem or '')}"
        raise ContractError([ContractProblem(file, "", None, message, mark.line + 1 if mark else None)]) from error
    except yaml.YAMLError as error:
        raise ContractError([ContractProblem(file, "", None, f"not valid YAML: {error}")]) from error
    if root is None:
        raise ContractError([ContractProblem(file, "", None, "the file is empty; write a contract", 1)])
    walk = _Walk(file, loader)
    data = walk.value(root, ())
    document = YamlDocument(file, data, walk.lines)
    if walk.problems:
        raise ContractError([document.problem(path, value, message) for path, value, message in walk.problems])
    return document


def _composed(text: str) -> tuple[yaml.SafeLoader, yaml.Node | None]:
    """The document and the loader that makes values of its nodes. Raises yaml.YAMLError."""
    try:
        fast: yaml.SafeLoader = _FastLoader(text)
        return fast, fast.get_single_node()
    except yaml.YAMLError:
        loader = _CoreLoader(text)
        return loader, loader.get_single_node()


def _syntax_hint(problem: str) -> str:
    if "\\t" in problem:
        return "write spaces, not tabs, at the beginning of a line"
    if "mapping values are not allowed" in problem:
        return 'put a text that holds ": " in quotes'
    return "check the indentation, the brackets and the quotes of this line and the one before"


@dataclass
class _Walk:
    file: str
    loader: yaml.SafeLoader
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[tuple[KeyPath, Any, str]] = field(default_factory=list)
    nodes: int = 0

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) > 50:
            message = "the aliases of this file unfold without end; write the values out"
            raise ContractError([ContractProblem(self.file, "", None, message, node.start_mark.line + 1)])
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            self.problems.append((path, node.value, f"{error}; write the value as plain text in quotes"))
            return None

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                self.problems.append((path, None, f"the key on line {line} is not a text; write it as one word"))
                continue
            if key in found:
                first = self.lines[(*path, key)]
                self.problems.append(((*path, key), key, f'the key "{key}" is written twice (lines {first} and {line}); remove one'))
                continue
            self.lines[(*path, key)] = line
            found[key] = self.value(value_node, (*path, key))
        return found
