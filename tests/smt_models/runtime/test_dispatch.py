"""Which implementation of a library's trait a call means: the crate's, or the library's own for any type."""

from __future__ import annotations

import pytest
from rust_bodies import outcomes

P = "pub struct P<T>(pub u32, pub T);\n"
NEXT = "impl Iterator for P<u8> { type Item = u8; fn next(&mut self) -> Option<u8> { None } }\n"
INTO = (
    "impl IntoIterator for P<u16> { type Item = u8; type IntoIter = P<u8>;\nfn into_iter(self) -> P<u8> { P(0, 0) } }\n"
)
FROM = "impl From<u8> for P<u8> { fn from(of: u8) -> P<u8> { P(0, of) } }\n"
TRY = (
    "impl TryFrom<u16> for P<u8> { type Error = core::convert::Infallible;\n"
    "fn try_from(_: u16) -> Result<P<u8>, core::convert::Infallible> { Ok(P(0, 0)) } }\n"
)


@pytest.mark.parametrize(
    "source",
    [
        FROM + "pub fn f() -> u32 { <P<u8> as From<P<u8>>>::from(P(7, 0)).0 }",
        NEXT + INTO + "pub fn f() -> u32 { P(7, 0u8).into_iter().0 }",
        FROM + TRY + "pub fn f() -> u32 { <P<u8> as TryFrom<u8>>::try_from(7u8).unwrap().0 }",
    ],
    ids=["from itself", "an iterator is made one", "a conversion that cannot fail"],
)
def test_the_librarys_is_not_taken_for_the_crates(source: str) -> None:
    assert outcomes(P + source, "f")["Done"] == 0


@pytest.mark.parametrize(
    "source",
    [
        FROM + "pub fn f() -> u32 { P::from(7u8).0 }",
        "pub struct Bag;\n" + NEXT + INTO.replace("P<u16>", "Bag") + "pub fn f() -> u32 { Bag.into_iter().0 }",
    ],
    ids=["from another", "a collection"],
)
def test_the_crates_is_known(source: str) -> None:
    assert outcomes(P + source, "f")["Done"] == 1
