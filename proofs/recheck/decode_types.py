"""Decodes the types of a component, and the declarations inside instance and component types."""

from __future__ import annotations

from proofs.recheck.component import (
    AliasExport,
    AliasOuter,
    Choice,
    ComponentExpr,
    CoreTypeDefinition,
    DeclaredExport,
    Definition,
    ExternType,
    FixedList,
    FunctionExpr,
    Handle,
    InstanceExpr,
    Primitive,
    Product,
    ResourceExpr,
    Sort,
    TypeDefinition,
    TypeExpr,
    ValRef,
    VariableList,
)
from proofs.recheck.coretypes import read_rec_group, read_val_type
from proofs.recheck.decode_module import read_import_type
from proofs.recheck.reader import MAX_NESTING, Reader

_SCALAR, _STRING = Primitive(1, False), Primitive(2, True)
_PRIMITIVES = dict.fromkeys((*range(0x74, 0x80), 0x64), _SCALAR) | {0x73: _STRING}
_CORE_SORTS = {
    0x00: Sort.CORE_FUNC, 0x01: Sort.CORE_TABLE, 0x02: Sort.CORE_MEMORY, 0x03: Sort.CORE_GLOBAL, 0x04: Sort.CORE_TAG,
    0x10: Sort.CORE_TYPE, 0x11: Sort.CORE_MODULE, 0x12: Sort.CORE_INSTANCE,
}  # fmt: skip
_SORTS = {0x01: Sort.FUNC, 0x02: Sort.VALUE, 0x03: Sort.TYPE, 0x04: Sort.COMPONENT, 0x05: Sort.INSTANCE}
_OUTER_SORTS = frozenset((Sort.CORE_TYPE, Sort.CORE_MODULE, Sort.TYPE, Sort.COMPONENT))


def read_core_sort(r: Reader) -> Sort:
    sort = _CORE_SORTS.get(r.u8())
    if sort is None:
        raise r.fault("unknown core sort")
    return sort


def read_sort(r: Reader) -> Sort:
    byte = r.u8()
    if byte == 0:
        return read_core_sort(r)
    sort = _SORTS.get(byte)
    if sort is None:
        raise r.fault(f"unknown sort {byte:#04x}")
    return sort


def read_extern_name(r: Reader) -> str:
    kind = r.u8()
    if kind > 2:
        raise r.fault(f"unknown kind of name {kind:#04x}")
    name = r.name()
    if kind == 2:
        r.vector(lambda: _attribute(r))
    return name


def _attribute(r: Reader) -> None:
    if r.u8() > 2:
        raise r.fault("unknown attribute of a name")
    r.name()


def read_extern_type(r: Reader) -> ExternType:
    match r.u8():
        case 0x00:
            r.expect(0x11, "a core module")
            return ExternType(Sort.CORE_MODULE, r.u32())
        case 0x01:
            return ExternType(Sort.FUNC, r.u32())
        case 0x02:
            _value_bound(r)
            return ExternType(Sort.VALUE, None)
        case 0x03:
            match r.u8():
                case 0x00:
                    return ExternType(Sort.TYPE, r.u32())
                case 0x01:
                    return ExternType(Sort.TYPE, None)
                case byte:
                    raise r.fault(f"unknown bound of a type {byte:#04x}")
        case 0x04:
            return ExternType(Sort.COMPONENT, r.u32())
        case 0x05:
            return ExternType(Sort.INSTANCE, r.u32())
        case byte:
            raise r.fault(f"unknown kind of extern type {byte:#04x}")


def _value_bound(r: Reader) -> None:
    match r.u8():
        case 0x00:
            r.u32()
        case 0x01:
            read_val_ref(r)
        case byte:
            raise r.fault(f"unknown bound of a value {byte:#04x}")


def read_val_ref(r: Reader) -> ValRef:
    primitive = _PRIMITIVES.get(r.peek())
    if primitive is not None:
        r.u8()
        return primitive
    index = r.signed(33)
    if index < 0:
        raise r.fault("unknown value type")
    return index


def _optional(r: Reader) -> ValRef | None:
    match r.u8():
        case 0x00:
            return None
        case 0x01:
            return read_val_ref(r)
        case byte:
            raise r.fault(f"unknown optional type {byte:#04x}")


def _labelled(r: Reader) -> ValRef:
    r.name()
    return read_val_ref(r)


def _case(r: Reader) -> ValRef | None:
    r.name()
    payload = _optional(r)
    r.expect(0, "a zero byte")
    return payload


def read_result(r: Reader) -> ValRef | None:
    match r.u8():
        case 0x00:
            return read_val_ref(r)
        case 0x01:
            r.expect(0, "no results")
            return None
        case byte:
            raise r.fault(f"unknown result list {byte:#04x}")


def read_type(r: Reader) -> TypeExpr:
    r.depth += 1
    if r.depth > MAX_NESTING:
        raise r.fault("types nested too deeply")
    expr = _type(r)
    r.depth -= 1
    return expr


def _type(r: Reader) -> TypeExpr:
    byte = r.u8()
    match byte:
        case 0x72:
            return Product(r.vector(lambda: _labelled(r)))
        case 0x71:
            return Choice(r.vector(lambda: _case(r)))
        case 0x70:
            read_val_ref(r)
            return VariableList()
        case 0x67:
            element = read_val_ref(r)
            return FixedList(element, r.u32())
        case 0x6F:
            return Product(r.vector(lambda: read_val_ref(r)))
        case 0x6E:
            return Primitive(max(1, -(-len(r.vector(r.name)) // 32)), False)
        case 0x6D:
            r.vector(r.name)
            return _SCALAR
        case 0x6B:
            return Choice((None, read_val_ref(r)))
        case 0x6A:
            return Choice((_optional(r), _optional(r)))
        case 0x69 | 0x68:
            r.u32()
            return Handle(None)
        case 0x66 | 0x65:
            return Handle(_optional(r))
        case 0x63:
            read_val_ref(r)
            read_val_ref(r)
            return VariableList()
        case 0x3F:
            return _resource(r)
        case 0x40 | 0x43:
            params = r.vector(lambda: _labelled(r))
            return FunctionExpr(params, read_result(r))
        case 0x41:
            r.vector(lambda: _component_declaration(r))
            return ComponentExpr()
        case 0x42:
            return InstanceExpr(r.vector(lambda: _declaration(r)))
        case primitive if primitive in _PRIMITIVES:
            return _PRIMITIVES[primitive]
        case _:
            raise r.fault(f"unknown type {byte:#04x}")


def _resource(r: Reader) -> ResourceExpr:
    read_val_type(r)
    match r.u8():
        case 0x00:
            return ResourceExpr(None)
        case 0x01:
            return ResourceExpr(r.u32())
        case byte:
            raise r.fault(f"unknown destructor {byte:#04x}")


def _component_declaration(r: Reader) -> None:
    if r.peek() != 0x03:
        _declaration(r)
        return
    r.u8()
    read_extern_name(r)
    read_extern_type(r)


def _declaration(r: Reader) -> Definition:
    match r.u8():
        case 0x00:
            return read_core_type(r)
        case 0x01:
            return TypeDefinition(read_type(r))
        case 0x02:
            return read_alias(r)
        case 0x04:
            name = read_extern_name(r)
            return DeclaredExport(name, read_extern_type(r))
        case byte:
            raise r.fault(f"unknown declaration {byte:#04x}")


def read_alias(r: Reader) -> Definition:
    sort = read_sort(r)
    match r.u8():
        case 0x00 | 0x01 as target:
            if (target == 0x01) != (sort in _CORE_SORTS.values() and sort is not Sort.CORE_MODULE):
                raise r.fault("an alias of a sort that such an instance does not export")
            return AliasExport(sort, r.u32(), r.name())
        case 0x02:
            if sort not in _OUTER_SORTS:
                raise r.fault("an outer alias of a sort that has none")
            return AliasOuter(sort, r.u32(), r.u32())
        case byte:
            raise r.fault(f"unknown alias {byte:#04x}")


def read_core_type(r: Reader) -> CoreTypeDefinition:
    """One definition: a module type, or a type by itself."""
    match r.peek():
        case 0x50:
            r.u8()
            r.vector(lambda: _module_declaration(r))
        case 0x00:
            r.u8()
            if r.peek() != 0x50:
                raise r.fault("unknown core type")
            read_rec_group(r)
        case _:
            if len(read_rec_group(r)) != 1:
                raise r.fault("a recursion group of several types in a component")
    return CoreTypeDefinition()


def _module_declaration(r: Reader) -> None:
    match r.u8():
        case 0x00:
            read_import_type(r, r.name(), r.name())
        case 0x01:
            if r.peek() == 0x50:
                raise r.fault("a module type inside a module type")
            read_core_type(r)
        case 0x02:
            r.expect(0x10, "an alias of a type")
            r.expect(0x01, "an outer alias")
            r.u32()
            r.u32()
        case 0x03:
            r.name()
            read_import_type(r, "", "")
        case byte:
            raise r.fault(f"unknown declaration {byte:#04x} of a module type")
