;; Two components fused by hand into one core module, each with its memory. The remaining export `greet` takes
;; a string, as (pointer, length) in the memory $shop; the manifest says so. Twin: fused_vestigial.wat.
(module
  (import "clock" "now" (func $now (result i64)))
  (memory $shop (export "memory") 1 4)
  (memory $bank 1)

  ;; component `shop`: its allocator ...
  (global $next (mut i32) (i32.const 1024))
  (func $refill (param $end i32)
    (if (i32.gt_u (local.get $end) (i32.shl (memory.size $shop) (i32.const 16)))
      (then
        (if (i32.eq (memory.grow $shop (i32.const 1)) (i32.const -1))
          (then unreachable)))))
  (func $allocate (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
               (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (call $refill (global.get $next))
    (local.get $at))
  (func $realloc (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $new_size i32) (result i32)
    (call $allocate (local.get $align) (local.get $new_size)))
  ;; ... and its functions
  (func $price (param $day i32) (result i32)
    (i32.load16_u $shop (i32.shl (i32.rem_u (local.get $day) (i32.const 7)) (i32.const 1))))
  (func $greet (export "greet") (param $name i32) (param $length i32)
    (i32.store8 $shop (local.get $name) (i32.xor (i32.load8_u $shop (local.get $name)) (i32.const 32))))

  ;; component `bank`: asks the shop
  (func $total (export "total") (result i32)
    (i32.store $bank (i32.const 0)
      (call $price (i32.wrap_i64 (i64.div_u (call $now) (i64.const 86400)))))
    (i32.load $bank (i32.const 0))))
