"""Random numbers of a body: from what is at hand, and below a limit, rightly or by a hair wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from random_statics.forms import BELOW, GUARDS, UNFOLLOWED

Form = TypeVar("Form")


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
        return self.rng.choice(
            [one for one in forms if self.is_wide or not any(sign in str(one) for sign in UNFOLLOWED)]
        )

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
            method = rng.choice(
                ("wrapping_add", "wrapping_sub", "wrapping_mul", "min", "max", "add", "div", "or", "xor")
            )
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
