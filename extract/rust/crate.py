"""Reads a crate: from its root file through its modules, under one configuration.

Reference, "Modules / Module source filenames", "The path attribute".
"""

from __future__ import annotations

import posixpath
from collections import ChainMap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tree_sitter import Node

from extract.errors import InputError
from extract.rust import limits
from extract.rust.attributes import Attributes, attributed, inner_attributes
from extract.rust.collector import Collector, Context, Directory
from extract.rust.configuration import Configuration
from extract.rust.function_reader import read_constant, read_foreign, read_function, read_impl, read_trait
from extract.rust.generics import Environment
from extract.rust.imports import read_extern_crate, read_use
from extract.rust.items import CrateFacts, Module, Unread
from extract.rust.macro_rules import MacroDefinition
from extract.rust.macro_use import define_macro, expanded_list
from extract.rust.places import Span
from extract.rust.syntax import Syntax, children, has, parse
from extract.rust.text import SourceText, read_text
from extract.rust.type_item_reader import name_of, read_alias, read_enum, read_struct


@dataclass(slots=True)
class _Files:
    """Opens the files of one crate. `open` holds those around the one that is being read."""

    directory: Path
    bytes: int = 0
    count: int = 0
    open: tuple[str, ...] = ()

    def exists(self, file: str) -> bool:
        return (self.directory / file).is_file()

    def read(self, file: str, asked: Span | None) -> SourceText:
        if asked is not None and file in self.open:
            raise InputError(asked.file, asked.start, f"{file} within itself", "modules that end")
        text = read_text(self.directory / file, file)
        self.count += 1
        self.bytes += len(text.data)
        if self.count > limits.MAX_FILES or self.bytes > limits.MAX_CRATE_BYTES:
            expected = f"at most {limits.MAX_FILES} files and {limits.MAX_CRATE_BYTES} bytes in all"
            raise InputError(file, text.place(0), "more source files", expected)
        return text


def read_crate(
    directory: Path, configuration: Configuration, root: str = "src/lib.rs", name: str | None = None
) -> CrateFacts:
    """All facts of the crate in `directory`, whose root file is `root`, a path with `/` from there.

    Places name files by their path from `directory`. Raises InputError with file, line and column.
    """
    files = _Files(directory)
    text = files.read(root, None)
    files.open = (root,)
    reader = _Reader(files)
    collector = Collector(configuration, reader.read_items)
    collector.files.append(root)
    syntax = parse(text)
    folder = posixpath.dirname(root)
    macros: ChainMap[str, MacroDefinition] = ChainMap()
    context = Context(syntax, "crate", "crate", Environment("crate"), macros, Directory(folder, folder, False))
    collector.modules.append(Module("crate", None, False, root, syntax.span(syntax.root)))
    attributes = inner_attributes(syntax, syntax.root, configuration)
    if attributes.active:
        reader.read_items(collector, context, children(syntax.root))
    return collector.facts(name if name is not None else directory.name, attributes.listed)


@dataclass(frozen=True, slots=True)
class _Reader:
    files: _Files

    def read_items(self, collector: Collector, context: Context, nodes: Iterable[Node]) -> None:
        """The items of a module, of a block, or out of a macro, in order."""
        for node, attributes in attributed(context.syntax, nodes, collector.configuration):
            self._item(collector, context, node, attributes)

    def _item(self, collector: Collector, context: Context, node: Node, attributes: Attributes) -> None:
        if not has(node, "visibility_modifier"):
            collector.private.add((context.scope, name_of(context, node)))
        match node.type:
            case "struct_item" | "union_item":
                read_struct(collector, context, node, attributes)
            case "enum_item":
                read_enum(collector, context, node, attributes)
            case "type_item":
                read_alias(collector, context, node)
            case "function_item":
                collector.functions.append(read_function(collector, context.item(), node, attributes))
            case "const_item" | "static_item":
                collector.constants.append(read_constant(collector, context.item(), node, attributes))
            case "trait_item":
                read_trait(collector, context, node, attributes)
            case "impl_item":
                read_impl(collector, context, node, attributes)
            case "foreign_mod_item":
                read_foreign(collector, context, node, attributes)
            case "use_declaration":
                read_use(collector, context, node)
            case "extern_crate_declaration":
                read_extern_crate(collector, context, node)
            case "mod_item":
                self._module(collector, context, node, attributes)
            case "macro_definition":
                define_macro(collector, context, node, attributes.has("macro_export"))
            case "macro_invocation" | "expression_statement":
                for inner, inner_nodes in expanded_list(collector, context, node, "items"):
                    self.read_items(collector, inner, inner_nodes)
            case "empty_statement" | "inner_attribute_item" | "shebang" | "visibility_modifier":
                pass
            case kind:
                collector.unread.append(Unread(kind, context.syntax.span(node), "no item that is known here"))

    def _module(self, collector: Collector, context: Context, node: Node, attributes: Attributes) -> None:
        name = name_of(context, node)
        path = f"{context.owner}::{name}"
        written = attributes.value("path")
        macros = context.macros.new_child()
        body = node.child_by_field_name("body")
        directory = context.directory
        if body is not None:
            if not inner_attributes(context.syntax, body, collector.configuration).active:
                return
            folder = posixpath.join(directory.of_children, written if written is not None else name)
            inner = _within(context, path, macros, Directory(directory.of_file, folder, True))
            span = context.syntax.span(node)
            collector.modules.append(Module(path, context.scope, False, span.file, span))
            self.read_items(collector, inner, (child for child in children(body) if child.type not in "{}"))
        elif not self._file(collector, context, node, path, written, macros):
            return
        if attributes.has("macro_use"):
            context.macros.update(macros.maps[0])

    def _file(
        self,
        collector: Collector,
        context: Context,
        node: Node,
        path: str,
        written: str | None,
        macros: ChainMap[str, MacroDefinition],
    ) -> bool:
        asked = context.syntax.span(node)
        directory = context.directory
        own = path.rpartition("::")[2]
        if written is not None:
            base = directory.of_children if directory.inline else directory.of_file
            file = posixpath.join(base, written.replace("\\", "/"))
            child = Directory(posixpath.dirname(file), posixpath.dirname(file), False)
        else:
            base = posixpath.join(directory.of_children, own)
            found = [file for file in (f"{base}.rs", f"{base}/mod.rs") if self.files.exists(file)]
            if len(found) != 1:
                what = "both" if found else "neither"
                raise InputError(asked.file, asked.start, what, f"one of {base}.rs and {base}/mod.rs")
            file = found[0]
            child = Directory(posixpath.dirname(file), base, False)
        syntax = parse(self.files.read(file, asked))
        if not inner_attributes(syntax, syntax.root, collector.configuration).active:
            return False
        collector.files.append(file)
        collector.modules.append(Module(path, context.scope, False, file, syntax.span(syntax.root)))
        before = self.files.open
        self.files.open = (*before, file)
        inner = _within(context, path, macros, child, syntax)
        self.read_items(collector, inner, children(syntax.root))
        self.files.open = before
        return True


def _within(
    context: Context,
    path: str,
    macros: ChainMap[str, MacroDefinition],
    directory: Directory,
    syntax: Syntax | None = None,
) -> Context:
    return replace(
        context,
        syntax=syntax if syntax is not None else context.syntax,
        scope=path,
        owner=path,
        environment=Environment(path),
        macros=macros,
        directory=directory,
    )
