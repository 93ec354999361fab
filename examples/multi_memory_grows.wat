;; Two memories. The realloc hands out bytes of the first, notes each block in the second, and grows the second
;; when four are noted. Twin: multi_memory.wat.
(module
  (memory $heap (export "memory") 1 1)
  (memory $log (export "log") 1 4)
  (global $next (mut i32) (i32.const 1024))
  (global $noted (mut i32) (i32.const 0))

  (func $widen (result i32)
    (memory.grow $log (i32.const 1)))
  (func $trim (export "trim") (result i32)
    (if (result i32) (i32.eqz (global.get $noted))
      (then (call $widen))
      (else (i32.const 0))))

  (func $note (param $block i32)
    (if (i32.eq (global.get $noted) (i32.const 16))
      (then (drop (call $widen))))
    (i32.store $log (i32.and (global.get $noted) (i32.const 0xfffc)) (local.get $block))
    (global.set $noted (i32.add (global.get $noted) (i32.const 4))))
  (func $realloc (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $new_size i32) (result i32)
    (call $note (global.get $next))
    (if (i32.gt_u (local.get $new_size) (i32.sub (i32.const 65536) (global.get $next)))
      (then unreachable))
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get $new_size)))))
