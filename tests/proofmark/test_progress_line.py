import io

from proofmark.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(text)


def test_plain_lines_where_nothing_can_be_written_over() -> None:
    stream = io.StringIO()
    progress = Progress(stream, 2)
    progress.start(["a.wasm"])
    progress.end("a.wasm", "1 proved")
    progress.end("b.wasm", "bad input")
    progress.clear()
    assert stream.getvalue() == "[1/2] a.wasm: 1 proved\n[2/2] b.wasm: bad input\n"


def test_one_line_on_a_terminal_that_leaves_nothing_behind() -> None:
    stream = Terminal()
    progress = Progress(stream, 2)
    progress.start(["a-long-name.wasm", "b"])
    progress.end("b", "1 proved")
    progress.clear()
    text = stream.getvalue()
    assert "\n" not in text
    assert "\x1b" not in text
    assert text.startswith("\r[0/2] proving a-long-name.wasm and 1 more")
    assert text.endswith("\r" + " " * len("[1/2] b: 1 proved") + "\r")


def test_silence() -> None:
    Progress(None, 2).end("a", "1 proved")


def test_a_stream_that_nobody_reads_falls_silent() -> None:
    progress = Progress(Gone(), 2)
    progress.end("a", "1 proved")
    assert progress.stream is None
