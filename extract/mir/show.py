"""Types, paths, places, constants and operands back to text, as rustc prints them.

Types are equal if and only if their texts are, so that the text of a path serves as its name in tables.
"""

from __future__ import annotations

from extract.mir import operands as o
from extract.mir import types as t
from extract.mir.literals import escape, escape_bytes


def show_type(of: t.Type) -> str:
    match of:
        case t.Primitive(name):
            return name
        case t.PathType(path):
            return show_path(path, turbofish=False)
        case t.Reference(lifetime, mutable, target):
            life = lifetime.name + " " if lifetime else ""
            return f"&{life}{'mut ' if mutable else ''}{show_type(target)}"
        case t.RawPointer(mutable, target):
            return f"*{'mut' if mutable else 'const'} {show_type(target)}"
        case t.Tuple((only,)):
            return f"({show_type(only)},)"
        case t.Tuple(elements):
            return f"({_types(elements)})"
        case t.Slice(element):
            return f"[{show_type(element)}]"
        case t.Array(element, length):
            return f"[{show_type(element)}; {_argument(length)}]"
        case t.Never():
            return "!"
        case t.Inferred():
            return "_"
        case t.FunctionPointer():
            return _function(of)
        case t.FunctionItem(signature, path):
            return f"{_function(signature)} {{{show_path(path)}}}"
        case t.Dynamic(bounds):
            text = f"dyn {show_bounds(bounds)}"
            return f"({text})" if isinstance(bounds[-1], t.Lifetime) else text
        case t.Opaque(bounds):
            return f"impl {show_bounds(bounds)}"
        case t.Closure(kind, span, context):
            return f"{{{kind}@{show_span(span)}{'' if context is None else f' (#{context})'}}}"
        case t.ForeignClosure(kind, path):
            return f"{{{kind}@{show_path(path, turbofish=False)}}}"
        case t.BodyOf(kind, path):
            return f"{{{kind} body of {show_path(path, turbofish=False)}()}}"
        case t.UnsafeBinder(binder, inner):
            return f"unsafe<{', '.join(life.name for life in binder)}> {show_type(inner)}"


def show_span(span: t.Span) -> str:
    return f"{span.file}:{span.line}:{span.column}: {span.end_line}:{span.end_column}"


def _types(elements: tuple[t.Type, ...]) -> str:
    return ", ".join([show_type(element) for element in elements])


def _binder(lifetimes: tuple[t.Lifetime, ...]) -> str:
    return f"for<{', '.join(life.name for life in lifetimes)}> " if lifetimes else ""


def _function(of: t.FunctionPointer) -> str:
    abi = "" if of.abi is None else f'extern "{of.abi}" '
    variadic = (", " if of.parameters else "") + "..." if of.is_variadic else ""
    result = "" if of.result is None else f" -> {show_type(of.result)}"
    return f"{_binder(of.binder)}{'' if of.is_safe else 'unsafe '}{abi}fn({_types(of.parameters)}{variadic}){result}"


def show_bounds(bounds: tuple[t.Bound, ...]) -> str:
    return " + ".join([_bound(bound) for bound in bounds])


def _bound(bound: t.Bound) -> str:
    match bound:
        case t.Lifetime(name):
            return name
        case t.TraitBound(binder, modifier, trait):
            return f"{modifier}{_binder(binder)}{show_path(trait, turbofish=False)}"


def _argument(argument: t.GenericArgument) -> str:
    match argument:
        case t.ConstArgument(text):
            return text
        case t.Lifetime(name):
            return name
        case t.Binding(name, generics, value):
            return f"{name}{show_generics(generics, turbofish=False)} = {_argument(value)}"
        case t.BoundOn(name, bounds):
            return f"{name}: {show_bounds(bounds)}"
        case _:
            return show_type(argument)


def show_generics(generics: tuple[t.GenericArgument, ...], turbofish: bool) -> str:
    if not generics:
        return ""
    return f"{'::' if turbofish else ''}<{', '.join([_argument(argument) for argument in generics])}>"


def show_path(path: t.Path, turbofish: bool = True) -> str:
    """`Vec::<T>::new` with the turbofish of a value, else the `Vec<T>` of a type."""
    return "::".join([_segment(segment, turbofish) for segment in path.segments])


def _segment(segment: t.Segment, turbofish: bool) -> str:
    match segment:
        case t.Name(name, generics):
            return name + show_generics(generics, turbofish)
        case t.CallSugar(name, inputs, output):
            return f"{name}({_types(inputs)}){'' if output is None else f' -> {show_type(output)}'}"
        case t.Numbered(kind, number, generics):
            return f"{{{kind}#{number}}}{show_generics(generics, turbofish)}"
        case t.Promoted(number):
            return f"promoted[{number}]"
        case t.ImplAt(span):
            return f"<impl at {show_span(span)}>"
        case t.ImplOf(trait, of):
            return f"<impl {'' if trait is None else show_path(trait, turbofish=False) + ' for '}{show_type(of)}>"
        case t.Qualified(of, trait):
            return f"<{show_type(of)}{'' if trait is None else ' as ' + show_path(trait, turbofish=False)}>"


def show_place(place: o.Place) -> str:
    text = f"_{place.local}"
    for projection in place.projections:
        text = _project(text, projection)
    return text


def _project(text: str, projection: o.Projection) -> str:
    match projection:
        case o.Deref():
            return f"(*{text})"
        case o.Field(index, of):
            return f"({text}.{index}: {show_type(of)})"
        case o.Index(local):
            return f"{text}[_{local}]"
        case o.ConstantIndex(offset, minimum, from_end):
            return f"{text}[{'-' if from_end else ''}{offset} of {minimum}]"
        case o.Subslice(start, end, False):
            return f"{text}[{start}..{end}]"
        case o.Subslice(start, 0, True):
            return f"{text}[{start}:]"
        case o.Subslice(start, end, True):
            return f"{text}[{start or ''}:-{end}]"
        case o.Subslice():
            raise AssertionError(projection)
        case o.Downcast(variant):
            return f"({text} as {variant if isinstance(variant, str) else f'variant#{variant}'})"
        case o.OpaqueCast(of, is_subtype):
            return f"({text} as {'subtype ' if is_subtype else ''}{show_type(of)})"
        case o.UnwrapUnsafeBinder():
            return f"unwrap_binder!({text})"


def show_operand(operand: o.Operand) -> str:
    match operand:
        case o.Copy(place):
            return f"copy {show_place(place)}"
        case o.Move(place):
            return f"move {show_place(place)}"
        case o.RuntimeChecks(kind):
            return kind
        case o.FunctionValue(path):
            return show_path(path)
        case _:
            return f"const {show_constant(operand)}"


def show_constant(constant: o.Constant) -> str:
    """Without the `const` before it."""
    match constant:
        case o.Integer(value, of):
            return f"{value}_{of}"
        case o.Extreme(of, is_maximum):
            return f"{of}::{'MAX' if is_maximum else 'MIN'}"
        case o.Float(text):
            return text
        case o.Boolean(value):
            return "true" if value else "false"
        case o.Character(character):
            return "'\\''" if character == "'" else "'\"'" if character == '"' else f"'{escape(character)}'"
        case o.String(value):
            return f'"{escape(value)}"'
        case o.ByteString(value, is_array):
            return f'{"*" if is_array else ""}b"{escape_bytes(value)}"'
        case o.FunctionValue(path) | o.Named(path):
            return show_path(path)
        case o.TupleConstant((only,)):
            return f"({show_constant(only)},)"
        case o.TupleConstant(elements):
            return f"({_constants(elements)})"
        case o.ArrayConstant(elements):
            return f"[{_constants(elements)}]"
        case o.AdtConstant(path, None, values):
            return f"{show_path(path)}({_constants(values)})"
        case o.AdtConstant(path, names, values):
            fields = ", ".join([f"{name}: {show_constant(v)}" for name, v in zip(names or (), values, strict=True)])
            return f"{show_path(path)} {{{{ {fields} }}}}"
        case o.Patterned(inner, pattern):
            return f"{show_constant(inner)} is {pattern}"
        case o.StaticAddress(definition, place):
            return f"<static(DefId({definition} ~ {place}))>"
        case o.Pointer() | o.Address() | o.Transmuted() | o.Uninhabited() | o.Unprinted():
            return _scalar(constant)


def _scalar(constant: o.Pointer | o.Address | o.Transmuted | o.Uninhabited | o.Unprinted) -> str:
    match constant:
        case o.Pointer(alloc, offset, immutable, of):
            at = f"{alloc}{f'+{offset:#x}' if offset else ''}{'<imm>' if immutable else ''}"
            return f"{{{at}: {show_type(of)}}}"
        case o.Address(value, of):
            return f"{{{value:#x} as {show_type(of)}}}"
        case o.Transmuted(value, of):
            return f"{{transmute({value:#04x}): {show_type(of)}}}"
        case o.Uninhabited(of):
            return f"{{unreachable(): {show_type(of)}}}"
        case o.Unprinted(text, of):
            return f"{text}: {show_type(of)}"


def _constants(constants: tuple[o.Constant, ...]) -> str:
    return ", ".join([show_constant(constant) for constant in constants])
