//! Every form of MIR that this reader knows and stable Rust can be made to print; compiled by the tests.
#![allow(dead_code, unused, static_mut_refs, unconditional_recursion, arithmetic_overflow)]
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

pub static GREETING: &str = "hello // scope 0 at here";
pub static mut COUNTER: u32 = 7;
pub static TABLE: [&str; 3] = ["one", "two -> bb3", "(th\"ree\u{1F600}"];
pub static NESTED: [(&[u8], Option<&'static u64>); 2] = [(b"\x00\xff", Some(&5)), (b"abc", None)];
pub const LIMIT: usize = 3 * 4;
pub const PAIR: (i8, char) = (-1, '\'');
thread_local! { static LOCAL: Cell<u32> = const { Cell::new(1) }; }

extern "C" {
    fn host(pointer: *mut u8, length: usize, callback: unsafe extern "C" fn(*mut u8, u32)) -> u32;
    fn variadic(format: *const u8, ...) -> i32;
    static OUTSIDE: u32;
}
pub union Bits { float: f32, bits: u32 }
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Point { x: i32, y: i32 }
#[derive(Debug, Clone)]
pub enum Shape<'a, T> { Empty, Circle(f64), Named { name: &'a str, value: T }, Nested(Box<Shape<'a, T>>) }
#[repr(u8)]
#[derive(Clone, Copy)]
pub enum Code { A = 1, B = 200, C = 255 }
pub struct Unit;
pub struct Wrapper<T: ?Sized, const N: usize>(pub [u8; N], pub T);
pub struct Guard<'a>(&'a Cell<u32>);
impl Drop for Guard<'_> { fn drop(&mut self) { self.0.set(self.0.get() + 1); } }
pub trait Area { const SIDES: u32; type Out: Debug; fn area(&self) -> Self::Out; fn twice(&self) -> (Self::Out, Self::Out) { (self.area(), self.area()) } }
impl Area for Point { const SIDES: u32 = 4; type Out = i64; fn area(&self) -> i64 { self.x as i64 * self.y as i64 } }
impl<T: Clone> Area for Vec<T> { const SIDES: u32 = 0; type Out = usize; fn area(&self) -> usize { self.len() } }
impl<T, const N: usize> Wrapper<T, N> {
    pub const SIZE: usize = N + 1;
    pub fn total(&self) -> usize { Self::SIZE + std::mem::size_of::<[T; N]>() + std::mem::align_of::<T>() }
    pub fn filled(x: u8, t: T) -> Self { Wrapper([x; N], t) }
}

pub fn arithmetic(a: i32, b: u8, c: f32, d: i128) -> (i32, u8, f64, u128) {
    let shifted = (a << 3) >> (b & 7);
    let divided = a / (b as i32) % 7;
    let negative = -a;
    let wrapped = a.wrapping_mul(3);
    let compared = a < divided && b >= 3 || !(c > 1.5e-7) ^ (a != 0);
    let float = c as f64 * f64::MAX - f64::NAN + (a as f64) + 1e300 + f64::INFINITY;
    (shifted + divided - negative, b ^ u8::MAX | 1, float, d as u128 & u128::MAX)
}
pub fn literals() -> (char, char, &'static [u8], [u8; 4], i64, u8, bool, ()) {
    ('\u{1F600}', '"', b"bytes\n\"\\\x00", *b"abcd", i64::MIN, 0x7f, true, ())
}
pub fn shapes<'a, T: Clone + Debug>(shape: &Shape<'a, T>, code: Code) -> Option<Shape<'a, T>> {
    match shape {
        Shape::Empty => None,
        Shape::Circle(r) if *r > 1.0 => Some(Shape::Circle(r * 2.0)),
        Shape::Circle(_) => Some(Shape::Empty),
        Shape::Named { name, value } => Some(Shape::Named { name, value: value.clone() }),
        Shape::Nested(inner) => { let tag = code as u8 as i64; println!("{tag:?} {:?}", inner); Some(Shape::Nested(inner.clone())) }
    }
}
pub fn slices(data: &mut [u32], array: [String; 3], at: usize) -> u32 {
    let [first, .., last] = data else { return 0 };
    *first += *last;
    let sum = match data { [a, rest @ .., b] => *a + *b + rest.len() as u32, [a] => *a, [] => 0 };
    if let [x, y @ ..] = &data[..] { println!("{x} {y:?}"); }
    if let [z @ .., w] = &data[..] { println!("{z:?} {w}"); }
    let [p, q, r] = array;
    drop((p, r));
    data[at] = q.len() as u32;
    let copy = [1u16, 2, 3, 4]; let [h, t @ ..] = copy;
    sum + data[1..at][0] + t[at % 3] as u32 + h as u32
}
pub fn closures(mut v: Vec<i32>, f: &dyn Fn(i32) -> i32, g: impl FnOnce(String) -> usize + 'static, h: fn(u8) -> Unit) -> usize {
    let mut total = 0;
    let name = String::from("x");
    v.iter_mut().for_each(|x| { total += f(*x); *x = total; });
    let boxed: Box<dyn FnMut(&str) -> usize + Send> = Box::new(move |s: &str| s.len() + v.len());
    let _ = h(1);
    let pointer: fn(i32) -> i32 = |x| x + 1;
    let reified: unsafe fn(usize) = raw_user as unsafe fn(usize);
    let method = <Point as Area>::area;
    let unit = Unit;
    println!("{:?} {}", method(&Point::default()), pointer(3) as usize + pointer as usize);
    g(name)
}
pub unsafe fn raw_user(n: usize) {
    let mut buffer = [0u8; 16];
    let pointer = &raw mut buffer as *mut u8;
    let constant = &raw const buffer;
    unsafe extern "C" fn callback(_: *mut u8, _: u32) {}
    host(pointer.add(n), n, callback);
    variadic(pointer, 1u32, 2.0f64);
    std::ptr::copy_nonoverlapping(pointer, pointer.add(8), 4);
    *pointer.cast::<u32>() = COUNTER + OUTSIDE + Bits { float: 1.0 }.bits;
    let slice: *const [u8] = std::ptr::slice_from_raw_parts(pointer, n);
    let fat: &dyn Debug = &*slice.cast::<u32>();
    let address = pointer as usize; let back = address as *const u8;
    let t: u32 = std::mem::transmute(1.5f32);
    COUNTER += t + (&*slice).len() as u32 + std::mem::offset_of!(Point, y) as u32;
    std::hint::assert_unchecked(n < 3);
}
#[cfg(target_arch = "x86_64")]
pub fn assembly(mut x: u64) -> u64 { unsafe { std::arch::asm!("add {0}, {1}", "nop ({0})", inout(reg) x, in(reg) 5u64, options(nomem, nostack)) }; x }
pub fn diverges(flag: bool) -> ! { if flag { panic!("no {}", 1) } else { loop { std::hint::spin_loop() } } }
pub fn unwinds<'a>(cell: &'a Cell<u32>, f: impl Fn() -> Box<Guard<'a>>) -> Result<Vec<Box<Guard<'a>>>, String> {
    let _outer = Guard(cell);
    let mut all = vec![f(), f()];
    all.push(f());
    if all.len() > 3 { return Err("many".to_string()); }
    let moved = all.pop().ok_or("none")?;
    all.insert(0, moved);
    Ok(all)
}
pub extern "C" fn never_unwinds(f: extern "C-unwind" fn()) { f() }
pub fn higher<F>(f: F) where F: for<'a> Fn(&'a str, &'a mut Vec<u8>) -> &'a [u8] { let mut v = vec![]; f("a", &mut v); }
pub fn objects(a: Box<dyn for<'a> Fn(&'a u8) -> &'a u8 + Send + Sync + 'static>, m: BTreeMap<&'static str, Vec<Option<(u8,)>>>) -> Option<Box<dyn Iterator<Item = (&'static str, usize)>>> {
    let x = (a(&1), (1u8,)); Some(Box::new(m.into_iter().map(|(k, v)| (k, v.len()))))
}
pub fn opaque(n: u32) -> impl Iterator<Item = u32> + Clone { (0..n).filter(|x| x % 2 == 0).rev() }
pub fn locals() -> u32 { LOCAL.with(|c| c.replace(2)) + <Point as Area>::SIDES + generic::<u8, 3>([1, 2, 3]) as u32 + Wrapper::<u8, 3>::SIZE as u32 }
pub fn generic<T: Copy + Into<u64>, const N: usize>(a: [T; N]) -> u64 { let empty: [T; 0] = []; let k = const { N * 2 }; a.iter().map(|&x| x.into()).sum::<u64>() + k as u64 + LIMIT as u64 + PAIR.0 as u64 }
pub async fn waits(p: Pin<Box<dyn Future<Output = u32>>>, guard: Guard<'_>) -> u32 {
    let first = p.await;
    let inner = async move { let r = std::future::ready(first).await; let _g = guard; r + ready(r).await };
    inner.await + first
}
async fn ready(x: u32) -> u32 { x }
pub struct Manual(Option<u32>);
impl Future for Manual { type Output = u32; fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> { match self.0.take() { Some(x) => Poll::Ready(x), None => { cx.waker().wake_by_ref(); Poll::Pending } } } }
