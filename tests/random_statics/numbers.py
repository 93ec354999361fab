"""Random numbers of a body: from what is at hand, and below a limit, rightly or by a hair wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

UNSIGNED = ("u8", "u16", "u32", "u64", "usize")
TYPES = (*UNSIGNED, "i8", "i32")
BELOW = (
    "{x} % {c}",
    "{x} % {c}",
    "{x} & ({c} - 1)",
    "{x}.min({c} - 1)",
    "core::cmp::min({x}, {c} - 1)",
    "if {x} < {c} {{ {x} }} else {{ 0 }}",
    "if {x} >= {c} {{ {c} - 1 }} else {{ {x} }}",
    "if {x} == {c} {{ 0 }} else {{ {x} }}",
    "match {x} {{ k @ 0..{n} => k, _ => 0 }}",
    "match {x} {{ k if k < {c} => k, _ => {c} - 1 }}",
    "{x}.checked_rem({c}).unwrap_or(0)",
    "({x} as u8 as usize) % {c}",
    "({x} as u16 as usize).min({c} - 1)",
    "({x} as i8 as usize) % {c}",
    "({x} as i8 as u8 as usize).min({c} - 1)",
    "({x} as i32).max(0).min({c} as i32 - 1) as usize",
    "({x} as i32).clamp(0, {c} as i32 - 1) as usize",
    "{x}.clamp(0, {c} - 1)",
    "if ({x} as i32) < {c} as i32 {{ {x} }} else {{ 0 }}",
    "if ({x} as i16) >= 0 && ({x} as i16) < {c} as i16 {{ {x} }} else {{ 0 }}",
    "if ({x} as u8) < {c} as u8 {{ {x} as u8 as usize }} else {{ 0 }}",
    "if {x} as u8 <= ({c} - 1) as u8 {{ {x} }} else {{ 0 }}",
    "(({x} as u64 * {c} as u64) >> 32) as usize",
    "{x} - {x} / {c} * {c}",
    "{x}.saturating_sub({x} / {c} * {c})",
    "{x}.checked_sub({c}).map_or({x}, |_| 0)",
    "({c} - 1).checked_sub({x}).unwrap_or(0)",
    "({c} - 1).saturating_sub({x})",
    "({x}.count_ones() as usize).min({c} - 1)",
    "({x}.trailing_zeros() as usize) % {c}",
    "({x}.leading_zeros() as usize).min({c} - 1)",
    "if {c} < 9 {{ (0..{c}).position(|k| k == {x}).unwrap_or(0) }} else {{ 0 }}",
    "if {c} < 7 {{ (0..{c}).find(|k| k * 2 >= {x}).unwrap_or({c} - 1) }} else {{ 0 }}",
    "if {c} < 7 {{ (0..{c}).filter(|k| *k < {x}).count().saturating_sub(1) }} else {{ 0 }}",
    "if {c} < 7 {{ (0..{c}).rev().find(|k| *k != {x}).unwrap_or(0) }} else {{ 0 }}",
    "if {c} < 7 {{ (0..{c}).fold(0, |a, k| if k < {x} {{ k }} else {{ a }}) }} else {{ 0 }}",
    "if {c} < 7 {{ (0..{c}).map(|k| k.min(1)).sum::<usize>().wrapping_sub(1).min({c} - 1) }} else {{ 0 }}",
    "({x} % {c}).wrapping_sub({x} / {x}.max(1))",
    "({x} % {c}) ^ 1",
    "({x} % {c}) / 2 * 2",
    "({x} >> 30).min({c} - 1)",
    "({x} << 1) % {c}",
    "{c} - 1 - {x} % {c}",
    "{c} - ({x} % {c}) - 1",
    "{x}.wrapping_mul(3) % {c}",
    "{x}.wrapping_add(1) % {c}",
    "{x}.saturating_add(1).min({c}) - 1",
    "{x}.overflowing_add(7).0 % {c}",
    "{x}.checked_add(1).map_or(0, |k| k % {c})",
    "{x}.checked_next_power_of_two().map_or(0, |k| k % {c})",
    "{x}.rem_euclid({c})",
    "{x}.abs_diff({c}) % {c}",
    "if {x}.is_power_of_two() {{ {x}.trailing_zeros() as usize % {c} }} else {{ 0 }}",
    "usize::from({x} as u8) % {c}",
    "usize::from({x} < {c} - 1).min({c} - 1)",
    "({x} != 0 && {c} > 1) as usize",
    "u8::try_from({x}).map_or(0, |k| k as usize % {c})",
    "Some({x}).filter(|k| *k < {c}).unwrap_or(0)",
    "Some({x} % {c}).map(|k| k).unwrap_or_default()",
    "[{x} % {c}, 0][({x} & 1) as usize]",
    "{{ let mut k = {x}; if k >= {c} {{ k = 0; }} k }}",
    "{{ let mut k = {x} % ({c} * 2); while k >= {c} {{ k -= {c}; }} k }}",
    "{{ let mut k = 0; while k + 1 < {c}.min(5) && k < {x} {{ k += 1; }} k }}",
    "{{ let mut k = 0; for j in 0..{c}.min(4) {{ if j != {x} {{ k = j; }} }} k }}",
    "{{ let f = |k: usize| k % {c}; f({x}) }}",
    "{{ let c = {c}; let f = move |k: usize| if k < c {{ k }} else {{ c - 1 }}; f({x}) }}",
    "apply(|k| k % {c}, {x})",
    "wrap::<{{ {n} }}>({x})",
    "capped({x}, {c})",
    "At::new({x}, {c}).map_or(0, |at| at.0)",
    "<Tight as Limit>::fit({x}, {c})",
    "<Loose as Limit>::fit({x}, {c})",
    "fit_by::<Tight>({x}, {c})",
    "pick({x}, {c}, {x} & 1 == 0)",
)
GUARDS = (
    "if {x} >= {c} {{ {leave} }}",
    "if {x} >= {c} {{ {leave} }}",
    "if !({x} < {c}) {{ {leave} }}",
    "if {x} > {c} - 1 {{ {leave} }}",
    "if {x} > {c} {{ {leave} }}",
    "if {x} == {c} {{ {leave} }}",
    "if {c} <= {x} {{ {leave} }}",
    "if {x} as u8 >= {c} as u8 {{ {leave} }}",
    "if {x} as i32 >= {c} as i32 {{ {leave} }}",
    "if {x} + 1 > {c} {{ {leave} }}",
    "if {x}.saturating_add(1) > {c} {{ {leave} }}",
    "if {x} * 2 >= {c} * 2 {{ {leave} }}",
    "if {c} - {x} == 0 || {x} > {c} {{ {leave} }}",
    "if {x}.checked_add(1).map_or(true, |k| k > {c}) {{ {leave} }}",
    "match {c}.checked_sub({x}) {{ Some(0) | None => {{ {leave} }}, Some(_) => () }}",
    "match {x}.cmp(&{c}) {{ core::cmp::Ordering::Less => (), _ => {{ {leave} }} }}",
    "match {x} {{ 0..{n} => (), _ => {{ {leave} }} }}",
    "let Some(_) = At::new({x}, {c}) else {{ {leave} }};",
    "if !(0..{c}).contains(&{x}) {{ {leave} }}",
    "if !(0..{c}.min(5)).any(|k| k == {x}) {{ {leave} }}",
    "if (0..{c}.min(5)).all(|k| k != {x}) {{ {leave} }}",
    "debug_assert!({x} < {c});",
    "assert!({x} < {c});",
    "assert_ne!({x}, {c});",
    "if {x} > 0xff {{ {leave} }} if {x} as u8 > ({c} - 1) as u8 {{ {leave} }}",
    "if ({x} as i32) < 0 {{ {leave} }} if {x} as i32 >= {c} as i32 {{ {leave} }}",
    "if checked({x}, {c}).is_none() {{ {leave} }}",
    "let Ok(_) = tested({x}, {c}) else {{ {leave} }};",
)
UNFOLLOWED = (
    "rem_euclid", "abs_diff", "clamp(", "checked_rem", "offset(", "step_by", "max_by_key", "rposition", "take_while",
    "_next_power", "contains", ".cmp(", "try_from", "or_default", "At::new", "first", "zero", "ptr::copy", "_unchecked",
    ".filter(|k| *k < {c}).unw", "Limit>", "fit_by", "*mut ()", "apply(", "k * 2", "AsRef", "type",
)
"""What of a form the project is known not to follow, so that nothing is proved of a crate with it."""
Form = TypeVar("Form")
HELPERS = """
fn apply<F: Fn(usize) -> usize>(f: F, x: usize) -> usize { f(x) }
fn wrap<const M: usize>(x: usize) -> usize { if M == 0 { 0 } else { x % M } }
fn capped(x: usize, most: usize) -> usize { let last = most - 1; if x > last { last } else { x } }
fn pick(x: usize, most: usize, low: bool) -> usize { if low { x % most } else { most - 1 - x % most } }
fn checked(x: usize, most: usize) -> Option<usize> { if x < most { Some(x) } else { None } }
fn tested(x: usize, most: usize) -> Result<usize, ()> { checked(x, most).ok_or(()) }
struct At(usize);
impl At { fn new(x: usize, most: usize) -> Option<At> { (x < most).then(|| At(x)) } }
struct Tight;
struct Loose;
trait Limit { fn fit(x: usize, most: usize) -> usize { x.min(most) } }
impl Limit for Tight { fn fit(x: usize, most: usize) -> usize { x.min(most - 1) } }
impl Limit for Loose {}
fn fit_by<L: Limit>(x: usize, most: usize) -> usize { L::fit(x, most) }
"""


@dataclass
class Body:
    """Lines of a function, and the numbers that they can name. `leave`: a statement that ends it early."""

    rng: Random
    numbers: list[tuple[str, str]]
    leave: str
    lines: list[str] = field(default_factory=list)
    made: int = 0
    is_wide: bool = False

    def one_of(self, forms: Sequence[Form]) -> Form:
        """One that is followed, unless the body is wide."""
        return self.rng.choice([one for one in forms if self.is_wide or not any(sign in str(one) for sign in UNFOLLOWED)])

    def name(self) -> str:
        self.made += 1
        return f"v{self.made}"

    def let(self, text: str, of: str, is_known: bool = True) -> str:
        name = self.name()
        self.lines.append(f"let {name}: {of} = {text};")
        if is_known:
            self.numbers.append((name, of))
        return name

    def number(self, of: str, limit: int = 4, depth: int = 2) -> str:
        """Any number of the type."""
        rng = self.rng
        if not self.numbers or rng.random() < 0.1:
            return f"{rng.choice((0, 1, 2, 3, min(limit, 100)))}_{of}"
        name, type_ = rng.choice(self.numbers[-3:] if rng.random() < 0.5 else self.numbers)
        text = name if type_ == of else f"({name} as {of})"
        if depth and rng.random() < 0.35:
            other = self.number(of, limit, depth - 1)
            method = rng.choice(("wrapping_add", "wrapping_sub", "wrapping_mul", "min", "max", "add", "div", "or", "xor"))
            match method:
                case "add":
                    return f"({text}).wrapping_add({rng.choice((1, 1, 2))})"
                case "div":
                    return f"({text} / {rng.choice((2, 3, 4))})"
                case "or" | "xor":
                    return f"({text} {'|' if method == 'or' else '^'} {other})"
                case _:
                    return f"({text}).{method}({other})"
        return text

    def limit(self, text: str, value: int) -> tuple[str, int]:
        """The limit, or one next to it."""
        rng = self.rng
        match rng.choices(("right", "less", "more", "half", "twice", "one"), (70, 9, 10, 4, 4, 1))[0]:
            case "less" if value > 1:
                return f"({text} - 1)", value - 1
            case "more":
                return f"({text} + 1)", value + 1
            case "half" if value > 1:
                return f"({text} / 2)", value // 2
            case "twice":
                return f"({text} * 2)", value * 2
            case "one":
                return "1usize", 1
            case _:
                return (f"{value}usize", value) if rng.random() < 0.3 else (text, value)

    def below(self, text: str, value: int, of: str = "usize") -> str:
        """The name of a number that is meant to be below the limit."""
        limit, known = self.limit(text, value)
        x = self.let(self.number("usize", value), "usize")
        if self.rng.random() < 0.35:
            guard = self.one_of(GUARDS)
            self.lines.append(guard.format(x=x, c=limit, n=known, leave=self.leave))
            return x
        return self.let(self.one_of(BELOW).format(x=x, c=limit, n=known), of)
