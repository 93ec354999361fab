;; A start function that fills a table of squares and grows nothing. Twin: start_grows.wat.
(module
  (memory (export "memory") 1 4)

  (func $prepare
    (local $i i32)
    (loop $again
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (i32.mul (local.get $i) (local.get $i)))
      (br_if $again
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 256)))))
  (start $prepare)

  (func $square (export "square") (param $of i32) (result i32)
    (i32.load (i32.shl (i32.and (local.get $of) (i32.const 255)) (i32.const 2)))))
