;; The realloc calls through a table that is exported, and the export `reserve`, which grows, is of the called
;; type: a host that puts it there makes the realloc grow. Twin: table_open.wat.
(module
  (type $round (func (param i32) (result i32)))
  (memory (export "memory") 1 4)
  (table $rounding (export "table") 2 2 funcref)
  (elem (table $rounding) (i32.const 0) func $round8 $round16)
  (global $next (mut i32) (i32.const 1024))

  (func $round8 (type $round)
    (i32.and (i32.add (local.get 0) (i32.const 7)) (i32.const -8)))
  (func $round16 (type $round)
    (i32.and (i32.add (local.get 0) (i32.const 15)) (i32.const -16)))

  (func $reserve (export "reserve") (param $pages i32) (result i32)
    (memory.grow (local.get $pages)))

  (func $realloc (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $new_size i32) (result i32)
    (global.get $next)
    (call_indirect $rounding (type $round) (local.get $new_size) (i32.gt_u (local.get $align) (i32.const 8)))
    (global.set $next (i32.add (global.get $next)))))
