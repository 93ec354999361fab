;; The realloc calls through a table. The functions of the called type there do not grow; one of another
;; type does, but a call of type $round that meets it traps. Twin: table_grows.wat.
(module
  (type $round (func (param i32) (result i32)))
  (type $refill (func (param i32 i32) (result i32)))
  (memory (export "memory") 1 4)
  (table 3 3 funcref)
  (elem (i32.const 0) $round8 $round16 $more)
  (global $next (mut i32) (i32.const 1024))

  (func $round8 (type $round)
    (i32.and (i32.add (local.get 0) (i32.const 7)) (i32.const -8)))
  (func $round16 (type $round)
    (i32.and (i32.add (local.get 0) (i32.const 15)) (i32.const -16)))
  (func $more (type $refill)
    (memory.grow (i32.const 1)))

  ;; Rounds the size with the function in the slot ALIGN modulo 3.
  (func $realloc (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $new_size i32) (result i32)
    (global.get $next)
    (call_indirect (type $round) (local.get $new_size) (i32.rem_u (local.get $align) (i32.const 3)))
    (global.set $next (i32.add (global.get $next)))))
