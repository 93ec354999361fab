"""Evaluation of components: instances, aliases, arguments, canonical definitions (docs/call-graph.md G, C)."""

from __future__ import annotations

import pytest
from component_text import MEMORY, OPTIONS, component, kinds, only

from extract.errors import InputError
from extract.wasm.module import ExternKind
from extract.wasm.world import Defined, FromCanon, FromHost

ONE_EXPORT = '(core module $M (func (export "f")))'


def test_a_realloc_behind_the_table_of_another_module() -> None:
    world = component("""
      (core module $Shim
        (type $r (func (param i32 i32 i32 i32) (result i32)))
        (table (export "t") 1 1 funcref)
        (func (export "cabi_realloc") (type $r)
          (call_indirect (type $r) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0))))
      (core module $Main
        (memory (export "memory") 1)
        (func (export "grow") (param i32 i32 i32 i32) (result i32) (memory.grow (i32.const 1)))
        (func (export "greet") (param i32 i32) (result i32) (i32.const 0)))
      (core module $Fixup
        (import "shim" "t" (table 1 1 funcref))
        (import "main" "grow" (func $grow (param i32 i32 i32 i32) (result i32)))
        (elem (i32.const 0) func $grow))
      (core instance $shim (instantiate $Shim))
      (core instance $main (instantiate $Main))
      (core instance (instantiate $Fixup (with "shim" (instance $shim)) (with "main" (instance $main))))
      (func (export "greet") (param "name" string) (result u32)
        (canon lift (core func $main "greet")
          (memory (core memory $main "memory")) (realloc (core func $shim "cabi_realloc"))))""")
    assert [instance.label for instance in world.instances] == ["shim", "main", "Fixup"]
    assert world.definition(2, ExternKind.TABLE, 0) == Defined(0, 0)
    assert world.definition(2, ExternKind.FUNCTION, 0) == Defined(1, 0)
    lift = only(world, "lift")
    assert (lift.core, lift.realloc, lift.name) == (Defined(1, 1), Defined(0, 0), "greet")
    assert lift.needs_realloc == "parameter `name` contains a string"
    assert world.names == {Defined(1, 1): "greet"}


def test_two_instantiations_of_a_module_share_it() -> None:
    world = component(f"{ONE_EXPORT} (core instance $a (instantiate $M)) (core instance $b (instantiate $M))")
    assert [instance.number for instance in world.instances] == [0, 1]
    assert world.instances[0].module is world.instances[1].module


def test_a_bundle_makes_no_instance_and_is_followed() -> None:
    world = component(f"""{ONE_EXPORT}
      (core module $N (import "a" "g" (func)) (export "h" (func 0)))
      (core module $O (import "b" "h" (func)))
      (core instance $m (instantiate $M))
      (core instance $bundle (export "g" (func $m "f")))
      (core instance $n (instantiate $N (with "a" (instance $bundle))))
      (core instance (instantiate $O (with "b" (instance $n))))""")
    assert [instance.imports for instance in world.instances] == [(), (Defined(0, 0),), (Defined(0, 0),)]


NESTED = """
  (component $Inner
    (import "log" (func $log))
    (core module $M
      (import "host" "log" (func))
      (func (export "run") (call 0)))
    (core func $log (canon lower (func $log)))
    (core instance $main (instantiate $M (with "host" (instance (export "log" (func $log))))))
    (func (export "run") (canon lift (core func $main "run"))))
"""


def test_each_instantiation_of_a_component_is_evaluated_anew() -> None:
    world = component(f"""(import "log" (func $log)) {NESTED}
      (instance $a (instantiate $Inner (with "log" (func $log))))
      (instance $b (instantiate $Inner (with "log" (func $a "run"))))
      (export "run" (func $b "run"))""")
    assert [instance.label for instance in world.instances] == ["a/main", "b/main"]
    assert world.instances[0].module is world.instances[1].module
    assert [instance.imports for instance in world.instances] == [(FromCanon(0),), (FromCanon(2),)]
    assert kinds(world) == ["lower", "lift", "lower", "lift"]
    assert world.canons[0].callee == FromHost("log")
    assert world.canons[2].callee == FromCanon(1), "composition: the lift of the other instance"
    assert [canon.name for canon in world.canons] == ["log", "run", "run", "run"]


def test_a_component_that_nobody_instantiates_is_not_evaluated() -> None:
    world = component(NESTED)
    assert (world.instances, world.canons) == ((), ())


def test_names_of_exports_within_instances() -> None:
    world = component(f"""{ONE_EXPORT}
      (core instance $main (instantiate $M))
      (func $handle (canon lift (core func $main "f")))
      (instance $i (export "handle" (func $handle)))
      (export "wasi:http/incoming-handler@0.2.0" (instance $i))""")
    assert world.names == {Defined(0, 0): "wasi:http/incoming-handler@0.2.0#handle"}
    assert only(world, "lift").name == "wasi:http/incoming-handler@0.2.0#handle"


def test_outer_aliases_of_modules_components_and_types() -> None:
    world = component(f"""{ONE_EXPORT}
      (type $text string)
      (component $Leaf
        (alias outer 1 $M (core module $N))
        (core instance $leaf (instantiate $N)))
      (component $Middle
        (alias outer 1 $text (type $t))
        (import "f" (func $f (param "a" $t)))
        (component $Inmost
          (alias outer 2 $Leaf (component $L))
          (instance $i (instantiate $L)))
        (instance $j (instantiate $Inmost)))
      (import "f" (func $f (param "a" string)))
      (instance $k (instantiate $Middle (with "f" (func $f))))""")
    assert [instance.label for instance in world.instances] == ["k/j/i/leaf"]


def test_host_functions_are_named_by_their_path() -> None:
    world = component("""
      (import "wasi:io/streams@0.2.3" (instance $streams
        (export "output-stream" (type $o (sub resource)))
        (export "[method]output-stream.flush" (func (param "self" (borrow $o))))))
      (alias export $streams "output-stream" (type $o))
      (import "other" (instance $other
        (alias outer 1 $o (type $from))
        (export "stream" (type (eq $from)))))
      (alias export $other "stream" (type $same))
      (core func (canon lower (func $streams "[method]output-stream.flush")))
      (core func (canon resource.drop $same))""")
    assert only(world, "lower").callee == FromHost("wasi:io/streams@0.2.3/[method]output-stream.flush")
    drop = only(world, "resource.drop")
    assert drop.host_drop == FromHost("wasi:io/streams@0.2.3/[resource-drop]output-stream")
    assert (drop.destructor, drop.name) == (None, "wasi:io/streams@0.2.3/output-stream")


def test_a_resource_of_the_file_dropped_in_another_component() -> None:
    world = component("""
      (component $Owner
        (core module $M (func (export "dtor") (param i32)))
        (core instance $main (instantiate $M))
        (type $r (resource (rep i32) (dtor (core func $main "dtor"))))
        (export "r" (type $r)))
      (component $User
        (import "owner" (instance $owner (export "r" (type (sub resource)))))
        (alias export $owner "r" (type $r))
        (core func (canon resource.drop $r)))
      (instance $one (instantiate $Owner))
      (instance $two (instantiate $Owner))
      (instance $user (instantiate $User (with "owner" (instance $two))))""")
    drop = only(world, "resource.drop")
    assert (drop.destructor, drop.host_drop) == (Defined(1, 0), None)
    assert world.destructors == (Defined(0, 0), Defined(1, 0))


def test_an_asynchronous_lift_keeps_its_callback() -> None:
    functions = """
      (func (export "f") (result i32) unreachable)
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable)"""
    world = component(
        MEMORY.format(functions=functions)
        + '(func (export "f") async (canon lift (core func $main "f") async (callback (core func $main "callback"))))'
    )
    lift = only(world, "lift")
    assert (lift.core, lift.callback, lift.realloc) == (Defined(0, 1), Defined(0, 2), None)


def test_post_return_and_realloc_options() -> None:
    functions = '(func (export "f") (result i32) unreachable) (func (export "post") (param i32))'
    world = component(
        MEMORY.format(functions=functions)
        + f'(func (export "f") (result string) (canon lift (core func $main "f") {OPTIONS}'
        + ' (post-return (core func $main "post"))))'
    )
    lift = only(world, "lift")
    assert (lift.realloc, lift.post_return, lift.needs_realloc) == (Defined(0, 0), Defined(0, 2), None)


def test_built_ins_that_call_references() -> None:
    world = component("""
      (core type $t (func (param i32)))
      (core module $M (table (export "t") 1 funcref))
      (core instance $i (instantiate $M))
      (core func (canon thread.new-indirect $t (core table $i "t")))
      (core func (canon thread.spawn-ref $t))
      (core func (canon thread.spawn-indirect $t (core table $i "t")))
      (core func (canon thread.index))""")
    assert [canon.spawns for canon in world.canons] == [True, True, True, False]


def test_a_foreign_module_and_a_foreign_component() -> None:
    world = component("""
      (import "m" (core module $m (export "f" (func))))
      (import "c" (component $c (export "g" (func))))
      (core module $N (import "m" "f" (func)))
      (core instance $foreign (instantiate $m))
      (core instance (instantiate $N (with "m" (instance $foreign))))
      (instance $i (instantiate $c))
      (core func (canon lower (func $i "g")))""")
    assert world.foreign == ("m", "c")
    assert [instance.imports for instance in world.instances] == [(FromHost("m.f"),)]
    assert only(world, "lower").callee == FromHost("c/g")


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (
            '(core module $M (import "a" "f" (func))) (core instance (instantiate $M))',
            "import `a.f` without an argument",
            "an argument of sort core function",
        ),
        (
            """(core module $A (memory (export "f") 1)) (core instance $a (instantiate $A))
            (core module $M (import "a" "f" (func))) (core instance (instantiate $M (with "a" (instance $a))))""",
            "import `a.f` with an argument of sort core memory",
            "an argument of sort core function",
        ),
        (
            '(component $C (import "f" (func))) (instance (instantiate $C))',
            "import `f` without an argument",
            "an argument of sort function",
        ),
        (
            '(import "i" (instance $i)) (component $C (import "f" (func)))'
            '(instance (instantiate $C (with "f" (instance $i))))',
            "import `f` with an argument of sort instance",
            "an argument of sort function",
        ),
        (
            f'{ONE_EXPORT} (core instance $i (instantiate $M)) (alias core export $i "g" (core func))',
            "no such export",
            "core instance 0 to export the core function `g`",
        ),
        (
            '(import "i" (instance $i)) (alias export $i "g" (func))',
            "no such export",
            "instance 0 to export the function `g`",
        ),
    ],
)
def test_what_does_not_link_is_an_error(text: str, found: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        component(text)
    assert (caught.value.found, caught.value.expected) == (found, expected)
