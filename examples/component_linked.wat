;; The linking trap. The realloc that the lift names is nothing but an indirect call, through a table of module
;; $Shim that module $Fixup fills with the allocator of a third, $Main; that one stays inside a static pool.
;; Twin: component_linked_grows.wat.
(component
  (core module $Shim
    (type $realloc (func (param i32 i32 i32 i32) (result i32)))
    (table (export "table") 1 1 funcref)
    (func (export "cabi_realloc") (type $realloc)
      (call_indirect (type $realloc)
        (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0))))
  (core module $Main
    (memory (export "memory") 1 4)
    (global $next (mut i32) (i32.const 1024))
    (func $spent
      unreachable)
    (func (export "allocate") (param i32 i32 i32 i32) (result i32)
      (if (i32.gt_u (local.get 3) (i32.sub (i32.const 65536) (global.get $next)))
        (then (call $spent)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3))))
    (func (export "greet") (param $name i32) (param $length i32) (result i32)
      (local.get $length)))
  (core module $Fixup
    (import "shim" "table" (table 1 1 funcref))
    (import "main" "allocate" (func $allocate (param i32 i32 i32 i32) (result i32)))
    (elem (i32.const 0) func $allocate))
  (core instance $shim (instantiate $Shim))
  (core instance $main (instantiate $Main))
  (core instance $fixup (instantiate $Fixup
    (with "shim" (instance $shim))
    (with "main" (instance $main))))
  (func (export "greet") (param "name" string) (result u32)
    (canon lift (core func $main "greet")
      (memory (core memory $main "memory")) (realloc (core func $shim "cabi_realloc")))))
