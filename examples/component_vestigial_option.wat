;; A component whose one export takes a number: its lift names a realloc, yet never calls it, and that alone keeps
;; the growing allocator alive. Twin: component_needed.wat.
(component
  (core module $Main
    (memory (export "memory") 1 4)
    (global $next (mut i32) (i32.const 1024))
    (func $refill (param $end i32)
      (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
        (then
          (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1))
            (then unreachable)))))
    (func $realloc (export "cabi_realloc")
      (param $old i32) (param $old_size i32) (param $align i32) (param $new_size i32) (result i32)
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get $new_size)))
      (call $refill (global.get $next)))
    (func $greet (export "greet") (param $number i32) (result i32)
      (i32.load8_u (local.get $number))))
  (core instance $main (instantiate $Main))
  (func (export "greet") (param "number" u32) (result u32)
    (canon lift (core func $main "greet")
      (memory (core memory $main "memory")) (realloc (core func $main "cabi_realloc")))))
