;; `poll` serves a ring of static slots; only `setup` allocates. Twin: alloc.wat.
(module
  (memory (export "memory") 1 1)
  (global $heap (mut i32) (i32.const 4096))
  (global $ring (mut i32) (i32.const 0))
  (global $head (mut i32) (i32.const 0))

  (func $malloc (param $size i32) (result i32)
    (global.get $heap)
    (global.set $heap (i32.add (global.get $heap) (local.get $size))))
  (func $setup (export "setup")
    (global.set $ring (call $malloc (i32.const 64))))

  (func $slot (result i32)
    (i32.add (global.get $ring) (i32.and (global.get $head) (i32.const 60))))
  (func $poll (export "poll") (param $event i32) (result i32)
    (i32.store (call $slot) (local.get $event))
    (global.set $head (i32.add (global.get $head) (i32.const 4)))
    (global.get $head)))
