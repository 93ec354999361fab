"""Ways to write an array, of which each element is known before: `{k}` is a `static mut`, `x` any number."""

from __future__ import annotations

from dataclasses import dataclass

_ANY = (
    "{k} = {k};",
    "let t = {k}; {k}[0] = t[x & 1]; {k}[1] = t[0];",
    "{k}[x] = {v};",
    "if x < 2 {{ {k}[x] = {v}; }}",
    "*{k}.get_unchecked_mut(x & 1) = {v};",
    "*(&raw mut {k} as *mut {e}).add(x & 1) = {v};",
    "(&raw mut {k}).cast::<{e}>().add(x & 1).write({v});",
    "let p = {k}.as_mut_ptr(); *p.add(1) = *p.add(x & 1); *p = {v};",
    "let p = {k}.as_mut_ptr().add(2); *p.sub(1 + (x & 1)) = {v};",
    "let p = {k}.as_mut_ptr(); let q = p.add(x & 1); q.write(p.read()); *q = {v};",
    "core::ptr::write({k}.as_mut_ptr().add(x & 1), {v});",
    "let p = core::ptr::addr_of_mut!({k}[1]); *p = {v};",
    "let p = &raw mut {k}[x & 1]; let t = *p; *p = {v}; {k}[0] = t;",
    "let s: &mut [{e}] = &mut *(&raw mut {k}); s[x & 1] = s[1]; s[1] = {v};",
    "let s = &mut {k}[1..]; s[0] = {v};",
    "let s = &mut {k}[x & 1..]; s[0] = {v};",
    "let s = {k}.get_unchecked_mut(x & 1..2); s[0] = {v};",
    "let s = core::slice::from_raw_parts_mut({k}.as_mut_ptr().add(x & 1), 1); s[0] = {v};",
    "let (a, b) = {k}.split_at_mut(1); a[0] = b[0]; b[0] = {v};",
    "let (a, b) = {k}.split_at_mut(x & 1); b[0] = {v}; if !a.is_empty() {{ a[0] = b[0]; }}",
    "{k}.swap(x & 1, 1);",
    "for e in {k}.iter_mut() {{ *e = {v}; }}",
    "for e in &mut {k} {{ *e = {v}; break; }}",
    "for e in {k}.iter_mut().skip(1) {{ *e = {v}; }}",
    "for e in {k}.iter_mut().take(x & 1) {{ *e = {v}; }}",
    "for e in {k}.iter_mut().rev().take(1) {{ *e = {v}; }}",
    "for (i, e) in {k}.iter_mut().enumerate() {{ if i == x {{ *e = {v}; }} }}",
    "for (i, e) in {k}.iter_mut().enumerate().skip(1) {{ if i == x & 1 {{ *e = {v}; }} }}",
    "for (i, e) in {k}.iter_mut().skip(1).enumerate() {{ if i == x & 1 {{ *e = {v}; }} }}",
    "for (i, e) in {k}.iter_mut().rev().enumerate() {{ if i == x & 1 {{ *e = {v}; }} }}",
    "for (e, i) in {k}.iter_mut().zip(0..x & 3) {{ if i == 1 {{ *e = {v}; }} }}",
    "for (e, f) in {k}.iter_mut().zip([{v}, {v}].iter()) {{ *e = *f; }}",
    "if let Some(e) = {k}.get_mut(x) {{ *e = {v}; }}",
    "if let Some(e) = {k}.first_mut() {{ *e = {v}; }}",
    "if let Some(e) = {k}.last_mut() {{ *e = {v}; }}",
    "if let Some(e) = {k}.iter_mut().nth(x & 1) {{ *e = {v}; }}",
    "if let Some(e) = {k}.iter_mut().next() {{ *e = {v}; }}",
    "let mut i = {k}.iter_mut(); i.next(); if let Some(e) = i.next() {{ *e = {v}; }}",
    "let r = &mut {k}[x & 1]; *r = {v}; let s = &mut {k}[0]; *s = {v};",
    "let r = &mut {k}; r[1] = {v}; let q = &mut *r; q[x & 1] = q[1];",
    "let t = core::mem::replace(&mut {k}[x & 1], {v}); {k}[1] = t;",
    "let mut t = {v}; core::mem::swap(&mut t, &mut {k}[x & 1]); {k}[0] = t;",
    "let mut f = |i: usize| {{ {k}[i] = {v}; }}; f(x & 1);",
    "let a = &mut {k}; let mut f = |i: usize| {{ a[i] = {v}; }}; f(0); f(x & 1);",
    "{k} = [{v}; {n}];",
    "let mut t = {k}; t[0] = {v}; if x == 1 {{ {k} = t; }}",
    "let [a, ..] = &mut {k}; *a = {v};",
    "let [a, b, ..] = {k}; {k}[0] = b; {k}[1] = a;",
    "let [.., a] = &mut {k}; *a = {v};",
    "set(&mut {k}, x & 1, {v});",
    "set_array(&mut {k}, x & 1, {v});",
    "set_at({k}.as_mut_ptr(), x & 1, {v});",
    "set_one(&mut {k}[x & 1], {v});",
    "set_one(at(&mut {k}, x & 1), {v});",
    "if let Some(e) = maybe(&mut {k}, x) {{ *e = {v}; }}",
)
HELPERS = """unsafe fn set<T>(a: &mut [T], i: usize, v: T) { a[i] = v; }
unsafe fn set_array<T, const N: usize>(a: &mut [T; N], i: usize, v: T) { a[i] = v; }
unsafe fn set_at<T>(p: *mut T, i: usize, v: T) { *p.add(i) = v; }
fn set_one<T>(e: &mut T, v: T) { *e = v; }
fn at<T>(a: &mut [T], i: usize) -> &mut T { &mut a[i] }
fn maybe<T>(a: &mut [T], i: usize) -> Option<&mut T> { if i < 2 { Some(&mut a[i]) } else { None } }
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """`reads`: every number in it, in the order in which they are declared; `forms`: those for it alone."""

    type: str
    first: str
    element: str
    length: int
    value: str
    reads: tuple[str, ...]
    forms: tuple[str, ...] = ()

    def texts(self, name: str) -> tuple[tuple[str, str], ...]:
        """Each form, and what is written for a static of this name."""
        told = {"k": name, "e": self.element, "v": self.value, "n": self.length}
        return tuple((one, one.format(**told)) for one in (*_ANY, *self.forms))


SHAPES = (
    Shape("[u8; 4]", "[10, 11, 12, 13]", "u8", 4, "(x as u8)", tuple(f"{{k}}[{i}]" for i in range(4)),
          ("{k}[x & 3..].fill(0);", "{k}[1..3].copy_from_slice(&[1, 2]);",
           "if let Some(e) = {k}.iter_mut().find(|e| **e == 12) {{ *e = x as u8; }}",
           "let i = {k}.iter().position(|e| *e == 12).unwrap(); {k}[i] = 1;",
           "let i = {k}.iter().filter(|e| **e > 11).count(); {k}[i] = 1;",
           "let s = {k}.iter().fold(0u8, |s, e| s.wrapping_add(*e)); {k}[0] = s;",
           "{k}[0] = {k}.iter().copied().max().unwrap_or(0);", "{k}[0] = {k}.iter().skip(x & 3).copied().sum();",
           "{k}[0] = {k}[x & 3..].len() as u8;", "{k}[0] = {k}.iter().rev().copied().next().unwrap_or(1);",
           "{k}[x & 3] |= 0x80; {k}[3] = ({k}[x & 3] as i8 >> 2) as u8;", "{k}[3] += {k}[x & 3] * 30;")),
    Shape("[u16; 3]", "[10, 11, 1200]", "u16", 3, "(x as u16)", tuple(f"{{k}}[{i}]" for i in range(3))),
    Shape("[[u8; 2]; 3]", "[[1, 2], [3, 4], [5, 6]]", "[u8; 2]", 3, "[x as u8, 7]",
          tuple(f"{{k}}[{i}][{j}]" for i in range(3) for j in range(2)),
          ("{k}[x & 1][1] = 9;", "*{k}.get_unchecked_mut(x & 1).get_unchecked_mut(1) = 9;",
           "*(&raw mut {k} as *mut u8).add(x & 3) = 9;", "*{k}.as_mut_ptr().cast::<u8>().add(x & 3) = 9;",
           "*{k}[1].as_mut_ptr().add(x & 1) = 9;", "*({k}.as_mut_ptr().add(1) as *mut u8).add(x & 3) = 9;",
           "for r in {k}.iter_mut() {{ r[x & 1] = 9; }}",
           "for r in {k}.iter_mut() {{ for e in r.iter_mut() {{ *e += 1; }} }}",
           "let r = &mut {k}[x & 1]; r[0] = r[1]; r[1] = 8;", "let s = &mut {k}[x & 1..]; s[1][0] = 9;",
           "{k}[2] = {k}[x & 1];", "(&raw mut {k}[1]).cast::<u8>().add(x & 1).write(9);",
           "let p = (&raw mut {k}) as *mut u8; *p.add(3) = *p.add(x & 3);",
           "*((&raw mut {k}) as *mut [u8; 2] as *mut u8).add(x & 3) = 9;",
           "*(*((&raw mut {k}) as *mut [[u8; 2]; 2])).get_unchecked_mut(1).get_unchecked_mut(x & 1) = 9;")),
    Shape("[(u8, u16); 2]", "[(1, 2), (3, 4)]", "(u8, u16)", 2, "(x as u8, 7)",
          ("{k}[0].0", "{k}[0].1", "{k}[1].0", "{k}[1].1"),
          ("{k}[x & 1].1 = 9;", "let (a, _) = &mut {k}[x & 1]; *a = 9;",
           "for (a, b) in {k}.iter_mut() {{ *a = *b as u8; }}",
           "{k}[x & 1].0 = {k}[1].1 as u8;", "(*{k}.as_mut_ptr().add(x & 1)).0 = 9;")),
    Shape("[Pair; 2]", "[Pair { a: 1, b: 2 }, Pair { a: 3, b: 4 }]", "Pair", 2, "Pair { a: x as u8, b: 7 }",
          ("{k}[0].a", "{k}[0].b", "{k}[1].a", "{k}[1].b"),
          ("{k}[x & 1].b = 9;", "(*(&raw mut {k} as *mut Pair).add(x & 1)).a = 9;",
           "{k}[0] = Pair {{ b: 3, ..{k}[1] }};",
           "let Pair {{ a, b }} = &mut {k}[x & 1]; *b = *a as u32;",
           "core::ptr::addr_of_mut!({k}[x & 1].b).write(9);")),
)  # fmt: skip
