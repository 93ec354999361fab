;; A grow behind a branch that some arguments take: (x & 3) == 2.
;; Twin: infeasible_grow.wat.
(module
  (memory (export "memory") 1 4)
  (global $next (mut i32) (i32.const 1024))

  (func $refill
    (drop (memory.grow (i32.const 1))))
  (func $realloc (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $new_size i32) (result i32)
    (if (i32.eq (i32.and (local.get $new_size) (i32.const 3)) (i32.const 2))
      (then (call $refill)))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get $new_size)))))
