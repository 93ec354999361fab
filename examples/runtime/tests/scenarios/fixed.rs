//! Scenarios in a fixed order of steps.

use crate::items::{check_books, panic_at, Code, Token, Unit, NUMBER, TOKEN, UNIT};
use crate::{scenario, Scenario};
use mock_host::{self as host, fault, heap, Kind, OnCancel, Shape};
use mock_host::{CANCELLED, CANCELLED_BEFORE_RETURNED, CANCELLED_BEFORE_STARTED, COMPLETED, DROPPED};
use mock_host::{RETURNED, STARTED, STARTING};
use runtime::buffer::{Buffer, Item};
use runtime::executor::Executor;
use runtime::future::{FutureReader, FutureWriter, ReadDone};
use runtime::operation::{Cancelled, InFlight, Operation};
use runtime::relay::relay;
use runtime::storage::{Heap, Inline, Pooled, Storage, BLOCKS};
use runtime::stream::{StreamRead, StreamReader, StreamWrite, StreamWriter};
use runtime::subtask::{Call, CallDone, Parcel};
use runtime::task::{enter, Task, ENTRIES};
use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::rc::Rc;
use std::task::Poll;

pub type HeapWrite = InFlight<StreamWrite<Token, Heap<*mut u64>>>;
pub type HeapRead = InFlight<StreamRead<Token, Heap<*mut u64>>>;

/// An operation that the host may know an address in cannot be moved in safe code: with `Unpin`, which of the two is meant
/// would be open, and this would not compile.
trait NotUnpin<A> {
    fn holds() {}
}

impl<T: ?Sized> NotUnpin<()> for T {}

impl<T: ?Sized + Unpin> NotUnpin<u8> for T {}

const _: fn() = <HeapWrite as NotUnpin<_>>::holds;

pub fn scenarios() -> Vec<Scenario> {
    vec![
        scenario("write-at-once", write_at_once),
        scenario("write-blocked", write_blocked),
        scenario("write-all-resumed", write_all_resumed),
        scenario("write-drop-never-started", write_drop_never_started),
        scenario("write-drop-blocked", write_drop_blocked),
        scenario("write-drop-queued", write_drop_queued),
        scenario("write-drop-delivered", write_drop_delivered),
        scenario("write-drop-host-slow", write_drop_host_slow),
        scenario("write-all-drop-delivered", write_all_drop_delivered),
        scenario("write-dropped-with-count", write_dropped_with_count),
        scenario("write-dropped-then-drop", write_dropped_then_drop),
        scenario("write-cancel", write_cancel),
        scenario("write-cancel-host-slow", write_cancel_host_slow),
        scenario("write-cancel-twice", write_cancel_twice),
        scenario("write-cancel-blocked", write_cancel_blocked).aborts(),
        scenario("write-host-lies", write_host_lies).aborts(),
        scenario("write-moved-before-pinned", write_moved_before_pinned),
        scenario("write-again-same-end", write_again_same_end),
        scenario("read-at-once", read_at_once),
        scenario("read-blocked", read_blocked),
        scenario("read-drop-blocked", read_drop_blocked),
        scenario("read-drop-queued", read_drop_queued),
        scenario("read-drop-delivered", read_drop_delivered),
        scenario("read-drop-host-slow", read_drop_host_slow),
        scenario("read-dropped-with-count", read_dropped_with_count),
        scenario("read-cancel-host-slow", read_cancel_host_slow),
        scenario("read-cancel-blocked", read_cancel_blocked).aborts(),
        scenario("read-host-lies", read_host_lies).aborts(),
        scenario("read-appends", read_appends),
        scenario("read-longest", read_longest),
        scenario("inline-write", inline_write),
        scenario("inline-read", inline_read),
        scenario("inline-read-pinned-late", inline_read_pinned_late),
        scenario("inline-drop-blocked", inline_drop_blocked),
        scenario("inline-scalar-allocates-nothing", inline_scalar_allocates_nothing),
        scenario("pool-write-and-read", pool_write_and_read),
        scenario("pool-block-reused", pool_block_reused),
        scenario("pool-spent", pool_spent),
        scenario("heap-too-large", heap_too_large),
        scenario("forget-in-flight", forget_in_flight).leaks(),
        scenario("forget-delivered", forget_delivered).leaks(),
        scenario("forget-never-started", forget_never_started).leaks(),
        scenario("forget-pool-block", forget_pool_block).leaks(),
        scenario("task-switch", task_switch),
        scenario("task-switch-after-event", task_switch_after_event),
        scenario("task-dropped-first", task_dropped_first),
        scenario("task-dropped-after-done", task_dropped_after_done),
        scenario("handle-reused", handle_reused),
        scenario("handle-reused-after-switch", handle_reused_after_switch),
        scenario("task-wait-and-poll", task_wait_and_poll),
        scenario("task-full", task_full),
        scenario("poll-and-drop", poll_and_drop),
        scenario("poll-after-done", poll_after_done),
        scenario("future-write", future_write),
        scenario("future-write-dropped", future_write_dropped),
        scenario("future-write-cancel-retry", future_write_cancel_retry),
        scenario("future-write-drop-blocked", future_write_drop_blocked),
        scenario("future-write-drop-queued", future_write_drop_queued),
        scenario("future-unwritten", future_unwritten),
        scenario("future-read", future_read),
        scenario("future-read-cancel-retry", future_read_cancel_retry),
        scenario("future-read-drop-blocked", future_read_drop_blocked),
        scenario("future-read-drop-queued", future_read_drop_queued),
        scenario("subtask-at-once", subtask_at_once),
        scenario("subtask-steps", subtask_steps),
        scenario("subtask-started-at-once", subtask_started_at_once),
        scenario("subtask-drop-starting", subtask_drop_starting),
        scenario("subtask-drop-started", subtask_drop_started),
        scenario("subtask-drop-started-unseen", subtask_drop_started_unseen),
        scenario("subtask-drop-returned", subtask_drop_returned),
        scenario("subtask-cancel-not-started", subtask_cancel_not_started),
        scenario("subtask-cancel-answers-returned", subtask_cancel_answers_returned),
        scenario("subtask-cancel-not-final", subtask_cancel_not_final).aborts(),
        scenario("subtask-started-and-returned-at-once", subtask_both_events),
        scenario("panic-in-sent", panic_in_sent),
        scenario("panic-in-sent-on-drop", panic_in_sent_on_drop).leaks(),
        scenario("panic-in-lift", panic_in_lift),
        scenario("panic-in-lift-on-drop", panic_in_lift_on_drop),
        scenario("panic-in-lower", panic_in_lower),
        scenario("panic-while-in-flight", panic_while_in_flight),
        scenario("blocking-cancel-other-operation", blocking_cancel_other_operation),
        scenario("blocking-cancel-other-registers", blocking_cancel_other_registers),
        scenario("blocking-cancel-current-task", blocking_cancel_current_task),
        scenario("relay-through", relay_through),
        scenario("relay-dropped-reading", relay_dropped_reading),
        scenario("relay-dropped-writing", relay_dropped_writing),
        scenario("relay-cancelled", relay_cancelled),
    ]
}

pub fn expect(holds: bool, about: &str) {
    if !holds {
        fault("wrong-value", about);
    }
}

pub fn tokens(numbers: std::ops::Range<u64>) -> Buffer<Token, Heap<*mut u64>> {
    let mut buffer = Buffer::new(Heap::new(numbers.clone().count()));
    for number in numbers {
        expect(buffer.push(Token::new(number)).is_ok(), "there is room");
    }
    buffer
}

pub fn room(capacity: usize) -> Buffer<Token, Heap<*mut u64>> {
    Buffer::new(Heap::new(capacity))
}

fn numbers<S: Storage<u32>>(storage: S, items: &[u32]) -> Buffer<u32, S> {
    let mut buffer = Buffer::new(storage);
    for item in items {
        expect(buffer.push(*item).is_ok(), "there is room");
    }
    buffer
}

pub fn writer<T: Item>(shape: Shape) -> (u32, StreamWriter<T>) {
    let end = host::new_end(Kind::StreamWrite, shape);
    (end, unsafe { StreamWriter::from_handle(end) })
}

pub fn reader<T: Item>(shape: Shape) -> (u32, StreamReader<T>) {
    let end = host::new_end(Kind::StreamRead, shape);
    (end, unsafe { StreamReader::from_handle(end) })
}

/// The next event of the task's set goes to the task.
pub fn event(task: &Task) -> bool {
    match host::next_event(task.set()) {
        Some((event, waitable, code)) => {
            task.deliver(event, waitable, code);
            heap::check_freed();
            true
        }
        None => false,
    }
}

pub fn pending<O: Operation>(operation: Pin<&mut InFlight<O>>, task: &Rc<Task>) {
    expect(operation.poll_in(task).is_pending(), "it is pending");
    host::run();
}

pub fn ready<O: Operation>(operation: Pin<&mut InFlight<O>>, task: &Rc<Task>) -> O::Done {
    match operation.poll_in(task) {
        Poll::Ready(done) => done,
        Poll::Pending => fault("wrong-value", "it should be done"),
    }
}

fn values(buffer: &mut Buffer<Token, Heap<*mut u64>>) -> Vec<u64> {
    let mut found = Vec::new();
    while let Some(token) = buffer.pop() {
        found.push(*token.0);
    }
    found
}

fn blocked_write(task: &Rc<Task>, count: u64) -> (u32, Pin<Box<HeapWrite>>) {
    let (end, writer) = writer(TOKEN);
    let mut write = Box::pin(writer.write(tokens(0..count)));
    pending(write.as_mut(), task);
    (end, write)
}

fn blocked_read(task: &Rc<Task>, capacity: usize) -> (u32, Pin<Box<HeapRead>>) {
    let (end, reader) = reader(TOKEN);
    let mut read = Box::pin(reader.read(room(capacity)));
    pending(read.as_mut(), task);
    (end, read)
}

fn write_at_once() {
    let task = Task::new();
    let (end, writer) = writer(TOKEN);
    host::peer_reads(end, 3);
    let mut done = ready(Box::pin(writer.write(tokens(0..5))).as_mut(), &task);
    expect(done.result == COMPLETED && done.buffer.len() == 2, "two are left");
    expect(values(&mut done.buffer) == [3, 4], "the last two");
    drop(done);
    check_books();
}

fn write_blocked() {
    let task = Task::new();
    let (end, mut write) = blocked_write(&task, 6);
    host::peer_reads(end, 2);
    host::run();
    host::peer_reads(end, 1);
    expect(task.waiting() == 1 && event(&task), "an event");
    let done = ready(write.as_mut(), &task);
    expect(task.waiting() == 0, "nobody waits");
    expect(done.buffer.len() == 3 && host::received() == [0, 1, 2], "three were taken");
    drop((write, done));
    check_books();
}

fn write_all_resumed() {
    let task = Task::new();
    let (end, writer) = writer(TOKEN);
    let mut write = Box::pin(writer.write_all(tokens(0..7)));
    pending(write.as_mut(), &task);
    for count in [2, 1, 3] {
        host::peer_reads(end, count);
        expect(event(&task), "an event");
        pending(write.as_mut(), &task);
        pending(write.as_mut(), &task);
    }
    host::peer_reads(end, 1);
    expect(event(&task), "an event");
    let done = ready(write.as_mut(), &task);
    expect(done.buffer.is_empty() && host::received() == [0, 1, 2, 3, 4, 5, 6], "all, in order");
    drop((write, done));
    check_books();
}

fn write_drop_never_started() {
    let (_, writer) = writer(TOKEN);
    drop(writer.write(tokens(0..3)));
    check_books();
}

fn write_drop_blocked() {
    let task = Task::new();
    let (_, write) = blocked_write(&task, 4);
    drop(write);
    expect(host::cancels() == 1, "one cancel");
    check_books();
}

fn write_drop_queued() {
    let task = Task::new();
    let (end, write) = blocked_write(&task, 4);
    host::peer_reads(end, 3);
    drop(write);
    check_books();
}

fn write_drop_delivered() {
    let task = Task::new();
    let (end, write) = blocked_write(&task, 4);
    host::peer_reads(end, 3);
    expect(event(&task), "an event");
    drop(write);
    expect(host::cancels() == 0, "nothing to cancel");
    check_books();
}

fn write_drop_host_slow() {
    let task = Task::new();
    let (end, write) = blocked_write(&task, 4);
    host::on_cancel(end, OnCancel::Later(CANCELLED, 2));
    drop(write);
    check_books();
}

fn write_all_drop_delivered() {
    let task = Task::new();
    let (end, writer) = writer(TOKEN);
    let mut write = Box::pin(writer.write_all(tokens(0..5)));
    pending(write.as_mut(), &task);
    host::peer_reads(end, 2);
    expect(event(&task), "an event");
    pending(write.as_mut(), &task);
    host::peer_reads(end, 1);
    expect(event(&task), "an event");
    drop(write);
    expect(host::cancels() == 0, "nothing to cancel");
    check_books();
}

fn write_dropped_with_count() {
    let task = Task::new();
    let (end, mut write) = blocked_write(&task, 4);
    host::peer_reads(end, 2);
    host::peer_drops(end);
    expect(event(&task), "an event");
    let done = ready(write.as_mut(), &task);
    expect(done.result == DROPPED && done.buffer.len() == 2 && done.writer.is_done(), "two went before");
    let mut again = Box::pin(done.writer.write(done.buffer));
    let mut done = ready(again.as_mut(), &task);
    expect(done.result == DROPPED && values(&mut done.buffer) == [2, 3], "nobody reads any more");
    drop((write, again, done));
    check_books();
}

fn write_dropped_then_drop() {
    let task = Task::new();
    let (end, write) = blocked_write(&task, 4);
    host::peer_reads(end, 2);
    host::peer_drops(end);
    drop(write);
    check_books();
}

fn write_cancel() {
    let task = Task::new();
    let (end, mut write) = blocked_write(&task, 4);
    host::peer_reads(end, 1);
    match write.as_mut().cancel() {
        Cancelled::Done(mut done) => {
            expect(done.result == COMPLETED && values(&mut done.buffer) == [1, 2, 3], "the queued event is the answer")
        }
        _ => fault("wrong-value", "it was in flight"),
    }
    drop(write);
    check_books();
}

fn write_cancel_host_slow() {
    let task = Task::new();
    let (end, mut write) = blocked_write(&task, 4);
    host::on_cancel(end, OnCancel::Later(CANCELLED, 2));
    match write.as_mut().cancel() {
        Cancelled::Done(mut done) => {
            expect(done.result == CANCELLED && values(&mut done.buffer) == [2, 3], "two went while it was cancelled")
        }
        _ => fault("wrong-value", "it was in flight"),
    }
    drop(write);
    check_books();
}

fn write_cancel_twice() {
    let task = Task::new();
    let (_, mut write) = blocked_write(&task, 2);
    expect(matches!(write.as_mut().cancel(), Cancelled::Done(_)), "it was in flight");
    expect(matches!(write.as_mut().cancel(), Cancelled::Nothing), "it is done");
    drop(write);
    expect(host::cancels() == 1, "one cancel");
    let (_, writer) = writer(TOKEN);
    let mut write: Pin<Box<HeapWrite>> = Box::pin(writer.write(tokens(10..12)));
    expect(matches!(write.as_mut().cancel(), Cancelled::NeverStarted(_)), "it was not started");
    drop(write);
    check_books();
}

fn write_cancel_blocked() {
    let task = Task::new();
    let (end, write) = blocked_write(&task, 2);
    host::on_cancel(end, OnCancel::Blocked);
    drop(write);
}

fn write_host_lies() {
    let task = Task::new();
    let (end, writer) = writer(NUMBER);
    let mut write = Box::pin(writer.write(numbers(Heap::new(2), &[1, 2])));
    pending(write.as_mut(), &task);
    host::peer_reads(end, 2);
    host::lie(end, 1);
    expect(event(&task), "an event");
    std::mem::forget(write.as_mut().poll_in(&task));
    fault("host-believed", "a count above what was lent");
}

fn write_moved_before_pinned() {
    let task = Task::new();
    let (end, writer) = writer(NUMBER);
    let write = writer.write(numbers(Inline::new(), &[41]));
    let moved = Box::new(write);
    let mut write = Box::pin(*moved);
    pending(write.as_mut(), &task);
    host::peer_reads(end, 1);
    expect(event(&task), "an event");
    expect(ready(write.as_mut(), &task).buffer.is_empty() && host::received() == [41], "the item");
}

fn write_again_same_end() {
    let task = Task::new();
    let (end, mut first) = blocked_write(&task, 2);
    host::peer_reads(end, 1);
    expect(event(&task), "an event");
    let done = ready(first.as_mut(), &task);
    drop(first);
    let mut second = Box::pin(done.writer.write(done.buffer));
    pending(second.as_mut(), &task);
    host::peer_reads(end, 1);
    expect(event(&task), "an event");
    expect(ready(second.as_mut(), &task).buffer.is_empty(), "all are gone");
    drop(second);
    check_books();
}

fn read_at_once() {
    let task = Task::new();
    let (end, reader) = reader(TOKEN);
    host::peer_writes(end, &[1, 2]);
    let mut done = ready(Box::pin(reader.read(room(4))).as_mut(), &task);
    expect(done.result == COMPLETED && values(&mut done.buffer) == [1, 2], "two items");
    drop(done);
    check_books();
}

fn read_blocked() {
    let task = Task::new();
    let (end, mut read) = blocked_read(&task, 5);
    host::peer_writes(end, &[1, 2]);
    host::run();
    host::peer_writes(end, &[3]);
    expect(event(&task), "an event");
    let mut done = ready(read.as_mut(), &task);
    expect(values(&mut done.buffer) == [1, 2, 3], "three items");
    drop((read, done));
    check_books();
}

fn read_drop_blocked() {
    let task = Task::new();
    let (_, read) = blocked_read(&task, 4);
    drop(read);
    expect(host::cancels() == 1, "one cancel");
    check_books();
}

fn read_drop_queued() {
    let task = Task::new();
    let (end, read) = blocked_read(&task, 4);
    host::peer_writes(end, &[1, 2]);
    drop(read);
    check_books();
}

fn read_drop_delivered() {
    let task = Task::new();
    let (end, read) = blocked_read(&task, 4);
    host::peer_writes(end, &[1, 2]);
    expect(event(&task), "an event");
    drop(read);
    expect(host::cancels() == 0, "nothing to cancel");
    check_books();
}

fn read_drop_host_slow() {
    let task = Task::new();
    let (end, read) = blocked_read(&task, 4);
    host::on_cancel(end, OnCancel::Later(COMPLETED, 3));
    drop(read);
    check_books();
}

fn read_dropped_with_count() {
    let task = Task::new();
    let (end, mut read) = blocked_read(&task, 4);
    host::peer_writes(end, &[1, 2]);
    host::peer_drops(end);
    expect(event(&task), "an event");
    let mut done = ready(read.as_mut(), &task);
    expect(done.result == DROPPED && values(&mut done.buffer) == [1, 2], "two came before");
    let done = ready(Box::pin(done.reader.read(room(2))).as_mut(), &task);
    expect(done.result == DROPPED && done.buffer.is_empty(), "nobody writes any more");
    drop((read, done));
    check_books();
}

fn read_cancel_host_slow() {
    let task = Task::new();
    let (end, mut read) = blocked_read(&task, 4);
    host::on_cancel(end, OnCancel::Later(CANCELLED, 2));
    match read.as_mut().cancel() {
        Cancelled::Done(mut done) => expect(
            done.result == CANCELLED && values(&mut done.buffer) == [900, 901],
            "two came while it was cancelled",
        ),
        _ => fault("wrong-value", "it was in flight"),
    }
    drop(read);
    check_books();
}

fn read_cancel_blocked() {
    let task = Task::new();
    let (end, read) = blocked_read(&task, 2);
    host::on_cancel(end, OnCancel::Blocked);
    drop(read);
}

fn read_host_lies() {
    let task = Task::new();
    let (end, mut read) = blocked_read(&task, 2);
    host::peer_writes(end, &[1, 2]);
    host::lie(end, 1);
    expect(event(&task), "an event");
    std::mem::forget(read.as_mut().poll_in(&task));
    fault("host-believed", "a count above what was lent");
}

fn read_appends() {
    let task = Task::new();
    let (end, reader) = reader(TOKEN);
    let mut buffer = room(4);
    expect(buffer.push(Token::new(7)).is_ok(), "there is room");
    host::peer_writes(end, &[8]);
    let done = ready(Box::pin(reader.read(buffer)).as_mut(), &task);
    let mut read = Box::pin(done.reader.read(done.buffer));
    pending(read.as_mut(), &task);
    host::peer_writes(end, &[9, 10, 11]);
    expect(event(&task), "an event");
    let mut done = ready(read.as_mut(), &task);
    expect(done.buffer.room() == 0 && values(&mut done.buffer) == [7, 8, 9, 10], "behind what was there");
    drop((read, done));
    check_books();
}

fn read_longest() {
    let task = Task::new();
    let (end, reader) = reader::<Unit>(UNIT);
    host::peer_writes(end, &[1]);
    let done = ready(Box::pin(reader.read(Buffer::new(Heap::new(1 << 30)))).as_mut(), &task);
    expect(done.buffer.len() == 1, "one item");
}

fn inline_write() {
    let task = Task::new();
    let (end, writer) = writer(TOKEN);
    let mut buffer = Buffer::new(Inline::new());
    expect(buffer.push(Token::new(5)).is_ok(), "there is room");
    expect(buffer.push(Token::new(6)).is_err(), "for one");
    let mut write = Box::pin(writer.write(buffer));
    pending(write.as_mut(), &task);
    host::peer_reads(end, 1);
    host::run();
    expect(event(&task), "an event");
    expect(ready(write.as_mut(), &task).buffer.is_empty(), "it was taken");
    drop(write);
    check_books();
}

fn inline_read() {
    let task = Task::new();
    let (end, reader) = reader::<Token>(TOKEN);
    let mut read = Box::pin(reader.read(Buffer::new(Inline::new())));
    pending(read.as_mut(), &task);
    host::peer_writes(end, &[5]);
    host::run();
    expect(event(&task), "an event");
    let mut done = ready(read.as_mut(), &task);
    expect(done.buffer.pop().is_some_and(|token| *token.0 == 5), "the item");
    drop((read, done));
    check_books();
}

#[inline(never)]
fn made_elsewhere(reader: StreamReader<u32>) -> InFlight<StreamRead<u32, Inline<u32>>> {
    reader.read(Buffer::new(Inline::new()))
}

fn inline_read_pinned_late() {
    let task = Task::new();
    let (end, reader) = reader(NUMBER);
    let mut read = pin!(made_elsewhere(reader));
    pending(read.as_mut(), &task);
    host::peer_writes(end, &[55]);
    expect(event(&task), "an event");
    let mut done = ready(read.as_mut(), &task);
    expect(done.buffer.pop() == Some(55), "the item");
}

fn inline_drop_blocked() {
    let task = Task::new();
    for queued in [false, true] {
        let (end, reader) = reader::<Token>(TOKEN);
        let mut read = Box::pin(reader.read(Buffer::new(Inline::new())));
        pending(read.as_mut(), &task);
        if queued {
            host::peer_writes(end, &[5]);
        } else {
            host::on_cancel(end, OnCancel::Later(COMPLETED, 1));
        }
        drop(read);
    }
    check_books();
}

fn inline_scalar_allocates_nothing() {
    let task = Task::new();
    let (write_end, writer) = writer(NUMBER);
    let (read_end, reader) = reader(NUMBER);
    let before = host::allocations();
    {
        let mut write = pin!(writer.write(numbers(Inline::new(), &[41])));
        pending(write.as_mut(), &task);
        let mut read = pin!(reader.read(Buffer::<u32, _>::new(Inline::new())));
        pending(read.as_mut(), &task);
        host::peer_reads(write_end, 1);
        host::peer_writes(read_end, &[42]);
        expect(event(&task) && event(&task), "two events");
        expect(ready(write.as_mut(), &task).buffer.is_empty(), "it was taken");
        expect(ready(read.as_mut(), &task).buffer.pop() == Some(42), "it came");
    }
    if host::allocations() != before {
        fault("allocation", "on the path of a single scalar");
    }
}

fn pool_write_and_read() {
    let task = Task::new();
    let (write_end, writer) = writer(NUMBER);
    let (read_end, reader) = reader(NUMBER);
    let blocks = (Pooled::take().expect("a block"), Pooled::take().expect("a block"));
    let mut write = Box::pin(writer.write_all(numbers(blocks.0, &[1, 2, 3, 4])));
    pending(write.as_mut(), &task);
    let mut read = Box::pin(reader.read(Buffer::<u32, _>::new(blocks.1)));
    pending(read.as_mut(), &task);
    host::peer_reads(write_end, 2);
    host::peer_writes(read_end, &[7, 8]);
    expect(event(&task) && event(&task), "two events");
    pending(write.as_mut(), &task);
    let mut done = ready(read.as_mut(), &task);
    expect(done.buffer.pop() == Some(7) && done.buffer.pop() == Some(8), "two items");
    drop(write);
    expect(host::received() == [1, 2], "two were taken");
}

fn pool_block_reused() {
    let task = Task::new();
    let mut reads = Vec::new();
    for _ in 0..BLOCKS {
        let (_, reader) = reader::<u32>(NUMBER);
        let mut read = Box::pin(reader.read(Buffer::new(Pooled::take().expect("a block"))));
        pending(read.as_mut(), &task);
        reads.push(read);
    }
    expect(Pooled::take().is_none(), "all are out");
    drop(reads.remove(1));
    let (end, reader) = reader::<u32>(NUMBER);
    let mut read = Box::pin(reader.read(Buffer::new(Pooled::take().expect("a block"))));
    pending(read.as_mut(), &task);
    host::peer_writes(end, &[3]);
    expect(event(&task), "an event");
    expect(ready(read.as_mut(), &task).buffer.pop() == Some(3), "the item");
}

fn pool_spent() {
    let blocks: Vec<Pooled> = std::iter::from_fn(Pooled::take).take(BLOCKS + 1).collect();
    expect(blocks.len() == BLOCKS, "as many as there are");
    drop(blocks);
    expect(Pooled::take().is_some(), "they came back");
}

fn heap_too_large() {
    // Eight bytes, if the size could wrap.
    let capacity = usize::MAX / 8 + 2;
    expect(quietly(|| std::mem::forget(Heap::<u64>::new(capacity))).is_err(), "the size would wrap");
}

fn forget_in_flight() {
    let task = Task::new();
    let (end, write) = blocked_write(&task, 4);
    std::mem::forget(write);
    host::peer_reads(end, 2);
    host::run();
    drop(task);
    host::run();
    expect(host::held().0 == 1, "the end is there");
    host::peer_drops(end);
    let task = Task::new();
    let (end, read) = blocked_read(&task, 4);
    std::mem::forget(read);
    host::peer_writes(end, &[1]);
    expect(event(&task), "an event");
    host::run();
}

fn forget_delivered() {
    let task = Task::new();
    let (end, write) = blocked_write(&task, 4);
    host::peer_reads(end, 2);
    expect(event(&task), "an event");
    std::mem::forget(write);
    drop(task);
    host::run();
    expect(host::held().0 == 1, "the end is there");
}

fn forget_never_started() {
    let (_, writer) = writer(TOKEN);
    std::mem::forget(writer.write(tokens(0..3)));
    host::run();
    expect(host::held().0 == 1 && host::cancels() == 0, "the end is there");
}

fn forget_pool_block() {
    let task = Task::new();
    let (_, reader) = reader::<u32>(NUMBER);
    let mut read = Box::pin(reader.read(Buffer::new(Pooled::take().expect("a block"))));
    pending(read.as_mut(), &task);
    std::mem::forget(read);
    drop(task);
    let task = Task::new();
    for _ in 1..BLOCKS {
        let (_, reader) = self::reader::<u32>(NUMBER);
        let mut read = Box::pin(reader.read(Buffer::new(Pooled::take().expect("a block"))));
        pending(read.as_mut(), &task);
        std::mem::forget(read);
    }
    expect(Pooled::take().is_none(), "what was forgotten is lent for good");
}

fn task_switch() {
    let (first, second) = (Task::new(), Task::new());
    let (end, mut write) = blocked_write(&first, 3);
    pending(write.as_mut(), &second);
    expect(first.waiting() == 0 && second.waiting() == 1, "it waits in the second");
    drop(first);
    host::peer_reads(end, 3);
    expect(event(&second), "an event");
    expect(ready(write.as_mut(), &second).buffer.is_empty(), "all were taken");
    drop(write);
    expect(second.waiting() == 0, "nobody waits");
    check_books();
}

fn task_switch_after_event() {
    let (first, second) = (Task::new(), Task::new());
    let (end, writer) = writer(TOKEN);
    let mut write = Box::pin(writer.write_all(tokens(0..4)));
    pending(write.as_mut(), &first);
    host::peer_reads(end, 1);
    expect(event(&first), "an event");
    pending(write.as_mut(), &second);
    expect(first.waiting() == 0 && second.waiting() == 1, "it waits in the second");
    host::peer_reads(end, 1);
    expect(!event(&first) && event(&second), "an event in the second");
    drop(write);
    check_books();
}

fn task_dropped_first() {
    let (first, second) = (Task::new(), Task::new());
    let (end, mut write) = blocked_write(&first, 3);
    drop(first);
    expect(host::held().2 == 2, "the set is there as long as somebody is in it");
    host::peer_reads(end, 1);
    pending(write.as_mut(), &second);
    expect(host::held().2 == 1, "nobody is in it");
    expect(event(&second), "the event moved with it");
    drop(second);
    drop(write);
    expect(host::held().2 == 0, "no set is left");
    check_books();
}

fn task_dropped_after_done() {
    let task = Task::new();
    let (end, mut write) = blocked_write(&task, 2);
    host::peer_reads(end, 2);
    expect(event(&task), "an event");
    let done = ready(write.as_mut(), &task);
    drop(task);
    drop((write, done));
    check_books();
}

fn handle_reused() {
    let task = Task::new();
    let (first, write) = blocked_write(&task, 2);
    drop(write);
    let (end, mut read) = blocked_read(&task, 2);
    expect(end == first, "the handle of the first");
    host::peer_writes(end, &[5]);
    expect(event(&task), "an event");
    expect(values(&mut ready(read.as_mut(), &task).buffer) == [5], "the item");
    drop(read);
    check_books();
}

fn handle_reused_after_switch() {
    let (first, second) = (Task::new(), Task::new());
    let (old, mut write) = blocked_write(&first, 2);
    pending(write.as_mut(), &second);
    drop(write);
    let (end, mut read) = blocked_read(&first, 2);
    expect(end == old, "the handle of the old");
    host::peer_writes(end, &[5]);
    expect(event(&first), "an event");
    expect(values(&mut ready(read.as_mut(), &first).buffer) == [5], "the item");
    drop(read);
    check_books();
}

fn task_wait_and_poll() {
    let task = Task::new();
    let (end, mut read) = blocked_read(&task, 2);
    expect(!task.poll(), "no event");
    host::other_code(move || host::peer_writes(end, &[4]));
    task.wait();
    let mut done = ready(read.as_mut(), &task);
    expect(values(&mut done.buffer) == [4], "the item");
    let mut again = Box::pin(done.reader.read(done.buffer));
    pending(again.as_mut(), &task);
    host::peer_writes(end, &[5]);
    expect(task.poll() && !task.poll(), "one event");
    let mut done = ready(again.as_mut(), &task);
    expect(values(&mut done.buffer) == [5], "the item");
    drop((read, again, done));
    check_books();
}

fn task_full() {
    let task = Task::new();
    let mut writes = Vec::new();
    for _ in 0..ENTRIES {
        let (_, writer) = writer(NUMBER);
        let mut write = Box::pin(writer.write(numbers(Heap::new(1), &[1])));
        pending(write.as_mut(), &task);
        writes.push(write);
    }
    let (_, writer) = writer(NUMBER);
    let mut write = Box::pin(writer.write(numbers(Heap::new(1), &[1])));
    expect(quietly(|| drop(write.as_mut().poll_in(&task))).is_err(), "there is no entry left");
    host::run();
    drop(writes.pop());
    pending(write.as_mut(), &task);
    expect(task.waiting() == ENTRIES, "it has the entry");
    let (_, writer) = self::writer(NUMBER);
    let mut write = Box::pin(writer.write(numbers(Heap::new(1), &[1])));
    expect(quietly(|| drop(write.as_mut().poll_in(&task))).is_err(), "there is no entry left");
    drop(write);
    expect(host::cancels() == 2, "what no task knows of is cancelled as well");
}

/// The client drops at once whatever it gets.
fn poll_and_drop() {
    let task = Task::new();
    let (_, reader) = reader(TOKEN);
    let mut read = Box::pin(reader.read(room(2)));
    drop(read.as_mut().poll_in(&task));
    drop(read);
    let (_, writer) = future_writer();
    let mut write = Box::pin(writer.write(Token::new(1)));
    drop(write.as_mut().poll_in(&task));
    drop(write);
    check_books();
}

fn poll_after_done() {
    let task = Task::new();
    let (end, writer) = writer(NUMBER);
    host::peer_reads(end, 1);
    let mut write = Box::pin(writer.write(numbers(Heap::new(1), &[1])));
    drop(ready(write.as_mut(), &task));
    expect(quietly(|| drop(write.as_mut().poll_in(&task))).is_err(), "a panic");
}

fn future_writer() -> (u32, FutureWriter<Token>) {
    let end = host::new_end(Kind::FutureWrite, TOKEN);
    (end, unsafe { FutureWriter::from_handle(end) })
}

fn future_reader() -> (u32, FutureReader<Token>) {
    let end = host::new_end(Kind::FutureRead, TOKEN);
    (end, unsafe { FutureReader::from_handle(end) })
}

fn future_write() {
    let task = Task::new();
    let (end, writer) = future_writer();
    let mut write = Box::pin(writer.write(Token::new(1)));
    pending(write.as_mut(), &task);
    host::peer_reads(end, 1);
    expect(event(&task), "an event");
    let done = ready(write.as_mut(), &task);
    expect(done.result == COMPLETED && done.item.is_none() && host::received() == [1], "it was taken");
    drop((write, done));
    check_books();
}

fn future_write_dropped() {
    let task = Task::new();
    let (end, writer) = future_writer();
    let mut write = Box::pin(writer.write(Token::new(1)));
    pending(write.as_mut(), &task);
    host::peer_drops(end);
    expect(event(&task), "an event");
    let done = ready(write.as_mut(), &task);
    expect(done.result == DROPPED && done.item.is_some_and(|token| *token.0 == 1), "it came back");
    let done = ready(Box::pin(done.writer.write(Token::new(2))).as_mut(), &task);
    expect(done.result == DROPPED && done.item.is_some(), "nobody reads any more");
    drop((write, done));
    check_books();
}

fn future_write_cancel_retry() {
    let task = Task::new();
    let (end, writer) = future_writer();
    let mut write = Box::pin(writer.write(Token::new(1)));
    pending(write.as_mut(), &task);
    let Cancelled::Done(done) = write.as_mut().cancel() else { fault("wrong-value", "it was in flight") };
    expect(done.result == CANCELLED, "it was cancelled");
    let item = done.item.expect("it came back");
    let mut again = Box::pin(done.writer.write(item));
    pending(again.as_mut(), &task);
    host::peer_reads(end, 1);
    drop((write, again));
    expect(host::received() == [1], "it was taken the second time");
    check_books();
}

fn future_write_drop_blocked() {
    let task = Task::new();
    let (_, writer) = future_writer();
    let mut write = Box::pin(writer.write(Token::new(1)));
    pending(write.as_mut(), &task);
    drop(write);
    expect(host::received() == [777], "the reader gets the default");
    check_books();
}

fn future_write_drop_queued() {
    let task = Task::new();
    for goes in [false, true] {
        let (end, writer) = future_writer();
        let mut write = Box::pin(writer.write(Token::new(1)));
        pending(write.as_mut(), &task);
        if goes {
            host::peer_drops(end);
        } else {
            host::peer_reads(end, 1);
        }
        drop(write);
    }
    expect(host::received() == [1], "the reader of the first");
    check_books();
}

fn future_unwritten() {
    let (_, writer) = future_writer();
    drop(writer);
    expect(host::received() == [777], "the reader gets the default");
    let (end, writer) = future_writer();
    host::peer_drops(end);
    drop(writer);
    check_books();
}

fn future_read() {
    let task = Task::new();
    let (end, reader) = future_reader();
    let mut read = Box::pin(reader.read());
    pending(read.as_mut(), &task);
    host::peer_writes(end, &[6]);
    host::run();
    expect(event(&task), "an event");
    let done = ready(read.as_mut(), &task);
    expect(matches!(done, ReadDone::Item(token) if *token.0 == 6), "the item");
    drop(read);
    check_books();
}

fn future_read_cancel_retry() {
    let task = Task::new();
    let (end, reader) = future_reader();
    let mut read = Box::pin(reader.read());
    pending(read.as_mut(), &task);
    let reader = match read.as_mut().cancel() {
        Cancelled::Done(ReadDone::Cancelled(reader)) => reader,
        _ => fault("wrong-value", "it was cancelled"),
    };
    host::peer_writes(end, &[6]);
    let done = ready(Box::pin(reader.read()).as_mut(), &task);
    expect(matches!(done, ReadDone::Item(token) if *token.0 == 6), "the item");
    drop(read);
    check_books();
}

fn future_read_drop_blocked() {
    let task = Task::new();
    for choice in [OnCancel::AtOnce, OnCancel::Later(COMPLETED, 1), OnCancel::Later(CANCELLED, 0)] {
        let (end, reader) = future_reader();
        host::on_cancel(end, choice);
        let mut read = Box::pin(reader.read());
        pending(read.as_mut(), &task);
        drop(read);
    }
    check_books();
}

fn future_read_drop_queued() {
    let task = Task::new();
    for delivered in [false, true] {
        let (end, reader) = future_reader();
        let mut read = Box::pin(reader.read());
        pending(read.as_mut(), &task);
        host::peer_writes(end, &[6]);
        expect(!delivered || event(&task), "an event");
        drop(read);
    }
    check_books();
}

/// A call with an owned and a borrowed parcel; the latter belongs to the caller as well.
fn call() -> (u32, Rc<Parcel>, Pin<Box<InFlight<Call>>>) {
    let handle = host::new_parcel();
    let owned = unsafe { Parcel::from_handle(handle) };
    let borrowed = Rc::new(unsafe { Parcel::from_handle(host::new_parcel()) });
    let text = b"parcel".to_vec().into_boxed_slice();
    (handle, Rc::clone(&borrowed), Box::pin(Call::exchange(owned, borrowed, text)))
}

fn returned(done: CallDone) {
    expect(matches!(done, CallDone::Returned(text) if text == b"hello"), "what the callee returned");
}

fn subtask_at_once() {
    let task = Task::new();
    let (owned, borrowed, mut call) = call();
    host::next_callee(RETURNED, RETURNED);
    drop(borrowed);
    returned(ready(call.as_mut(), &task));
    expect(host::given() == [owned], "the callee has the parcel");
    // Resolved at once, and dropped with the results in memory.
    let (_, _, mut call) = self::call();
    host::next_callee(RETURNED, RETURNED);
    drop(ready(call.as_mut(), &task));
}

fn subtask_steps() {
    let task = Task::new();
    let (_, borrowed, mut call) = call();
    drop(borrowed);
    pending(call.as_mut(), &task);
    let subtask = host::last_subtask();
    host::callee_steps(subtask, STARTED);
    host::run();
    expect(event(&task), "STARTED");
    pending(call.as_mut(), &task);
    host::callee_steps(subtask, RETURNED);
    host::run();
    expect(event(&task), "RETURNED");
    returned(ready(call.as_mut(), &task));
}

fn subtask_started_at_once() {
    let task = Task::new();
    let (_, _, mut call) = call();
    host::next_callee(STARTED, RETURNED);
    pending(call.as_mut(), &task);
    host::callee_steps(host::last_subtask(), RETURNED);
    expect(event(&task), "RETURNED");
    returned(ready(call.as_mut(), &task));
}

fn subtask_drop_starting() {
    let task = Task::new();
    for answer in [CANCELLED_BEFORE_STARTED, CANCELLED_BEFORE_RETURNED, RETURNED] {
        let (_, _, mut call) = call();
        host::next_callee(STARTING, answer);
        pending(call.as_mut(), &task);
        drop(call);
    }
    expect(host::given().len() == 2, "the first was not started");
}

fn subtask_drop_started() {
    let task = Task::new();
    for answer in [CANCELLED_BEFORE_RETURNED, RETURNED] {
        let (_, _, mut call) = call();
        host::next_callee(STARTED, answer);
        pending(call.as_mut(), &task);
        drop(call);
    }
}

fn subtask_drop_started_unseen() {
    let task = Task::new();
    for delivered in [false, true] {
        let (_, _, mut call) = call();
        host::next_callee(STARTING, CANCELLED_BEFORE_RETURNED);
        pending(call.as_mut(), &task);
        host::callee_steps(host::last_subtask(), STARTED);
        expect(!delivered || event(&task), "an event");
        drop(call);
        expect(host::cancels() == 1 + u32::from(delivered), "STARTED does not end it");
    }
}

fn subtask_drop_returned() {
    let task = Task::new();
    for delivered in [false, true] {
        let (_, _, mut call) = call();
        pending(call.as_mut(), &task);
        host::callee_steps(host::last_subtask(), RETURNED);
        expect(!delivered || event(&task), "an event");
        drop(call);
    }
    expect(host::cancels() == 1, "only before the delivery");
}

fn subtask_cancel_not_started() {
    let task = Task::new();
    let (owned, _, mut call) = call();
    host::next_callee(STARTING, CANCELLED_BEFORE_STARTED);
    pending(call.as_mut(), &task);
    match call.as_mut().cancel() {
        Cancelled::Done(CallDone::NotStarted(parcel)) => expect(parcel.handle() == owned, "the parcel comes back"),
        _ => fault("wrong-value", "it was not started"),
    }
}

fn subtask_cancel_answers_returned() {
    let task = Task::new();
    let (_, _, mut call) = call();
    host::next_callee(STARTED, RETURNED);
    pending(call.as_mut(), &task);
    match call.as_mut().cancel() {
        Cancelled::Done(done) => returned(done),
        _ => fault("wrong-value", "it was in flight"),
    }
}

fn subtask_cancel_not_final() {
    let task = Task::new();
    let (_, _, mut call) = call();
    host::next_callee(STARTING, STARTED);
    pending(call.as_mut(), &task);
    drop(call);
}

fn subtask_both_events() {
    let task = Task::new();
    let (_, _, mut call) = call();
    pending(call.as_mut(), &task);
    let subtask = host::last_subtask();
    host::callee_steps(subtask, STARTED);
    expect(event(&task), "STARTED");
    host::callee_steps(subtask, RETURNED);
    expect(event(&task), "RETURNED, before anybody polled");
    returned(ready(call.as_mut(), &task));
}

/// The panic is expected: no message.
fn quietly(run: impl FnOnce()) -> std::thread::Result<()> {
    heap::outside(|| std::panic::set_hook(Box::new(|_| {})));
    let result = catch_unwind(AssertUnwindSafe(run));
    heap::outside(|| drop(std::panic::take_hook()));
    result
}

fn panic_in_sent() {
    let task = Task::new();
    let (end, mut write) = blocked_write(&task, 5);
    host::peer_reads(end, 3);
    expect(event(&task), "an event");
    panic_at(Code::Sent, 1);
    expect(quietly(|| drop(write.as_mut().poll_in(&task))).is_err(), "a panic");
    drop(write);
    check_books();
}

fn panic_in_sent_on_drop() {
    let task = Task::new();
    let (end, write) = blocked_write(&task, 5);
    host::peer_reads(end, 3);
    panic_at(Code::Sent, 1);
    expect(quietly(|| drop(write)).is_err(), "a panic");
    expect(task.waiting() == 0, "nobody waits");
    host::run();
}

fn panic_in_lift() {
    let mut buffer = tokens(0..4);
    panic_at(Code::Lift, 1);
    drop(buffer.pop());
    expect(quietly(|| drop(buffer.pop())).is_err(), "a panic");
    expect(buffer.pop().is_some_and(|token| *token.0 == 2), "the one after it");
    drop(buffer);
    check_books();
}

fn panic_in_lift_on_drop() {
    let task = Task::new();
    let (end, writer) = writer(TOKEN);
    let mut buffer = Buffer::new(Inline::new());
    expect(buffer.push(Token::new(1)).is_ok(), "there is room");
    let mut write = Box::pin(writer.write(buffer));
    pending(write.as_mut(), &task);
    panic_at(Code::Lift, 1);
    expect(quietly(|| drop(write)).is_err() && !host::is_lent(end), "a panic");
    check_books();
}

fn panic_in_lower() {
    let mut buffer = room(3);
    expect(buffer.push(Token::new(1)).is_ok(), "there is room");
    panic_at(Code::Lower, 2);
    expect(quietly(|| drop(buffer.push(Token::new(2)))).is_err() && buffer.len() == 1, "a panic");
    expect(buffer.push(Token::new(3)).is_ok(), "there is room");
    expect(values(&mut buffer) == [1, 3], "without the one that was not lowered");
    drop(buffer);
    check_books();
}

fn panic_while_in_flight() {
    let task = Task::new();
    let result = quietly(|| {
        let (_, write) = blocked_write(&task, 3);
        let (_, read) = blocked_read(&task, 3);
        let _both = (write, read);
        panic!("somewhere else");
    });
    expect(result.is_err() && task.waiting() == 0, "a panic");
    host::run();
    check_books();
}

fn blocking_cancel_other_operation() {
    let task = Task::new();
    let (slow, write) = blocked_write(&task, 3);
    let (end, read) = blocked_read(&task, 3);
    host::on_cancel(slow, OnCancel::Later(CANCELLED, 1));
    let read = Rc::new(RefCell::new(read));
    let (theirs, other) = (Rc::clone(&task), Rc::clone(&read));
    host::other_code(move || {
        host::peer_writes(end, &[30]);
        expect(event(&theirs), "an event of the other");
        let mut done = ready(other.borrow_mut().as_mut(), &theirs);
        expect(values(&mut done.buffer) == [30], "the item");
    });
    drop(write);
    expect(task.waiting() == 0, "nobody waits");
    drop(read);
    check_books();
}

fn blocking_cancel_other_registers() {
    let task = Task::new();
    let (slow, write) = blocked_write(&task, 3);
    host::on_cancel(slow, OnCancel::Later(CANCELLED, 0));
    let kept = Rc::new(RefCell::new(None));
    let (theirs, place) = (Rc::clone(&task), Rc::clone(&kept));
    host::other_code(move || *place.borrow_mut() = Some(blocked_read(&theirs, 2)));
    drop(write);
    expect(task.waiting() == 1, "the other waits");
    let (end, mut read) = kept.borrow_mut().take().expect("the other");
    host::peer_writes(end, &[31]);
    expect(event(&task), "an event");
    drop(ready(read.as_mut(), &task));
    drop(read);
    check_books();
}

fn blocking_cancel_current_task() {
    let (task, other) = (Task::new(), Task::new());
    let (slow, write) = blocked_write(&task, 3);
    host::on_cancel(slow, OnCancel::Later(CANCELLED, 0));
    let theirs = Rc::clone(&other);
    host::other_code(move || {
        enter(&theirs, || expect(runtime::task::current().is_some_and(|now| Rc::ptr_eq(&now, &theirs)), "the other"));
    });
    enter(&task, || {
        drop(write);
        expect(runtime::task::current().is_some_and(|now| Rc::ptr_eq(&now, &task)), "this one again");
    });
    expect(quietly(|| enter(&task, || panic!("inside"))).is_err(), "a panic");
    expect(runtime::task::current().is_none(), "none");
    check_books();
}

fn relayed() -> (u32, u32, Executor) {
    let (read, reader) = reader::<Token>(TOKEN);
    let (write, writer) = writer(TOKEN);
    (read, write, Executor::new(relay(reader, writer, 3)))
}

/// Calls back for each event, until there is none.
fn drive(executor: &mut Executor, first: u32) -> u32 {
    let mut answer = first;
    while let Some(set) = host::callback_answers(answer) {
        match host::next_event(set) {
            Some((event, waitable, code)) => answer = executor.callback(event, waitable, code),
            None => break,
        }
    }
    answer
}

fn relay_through() {
    let (read, write, mut executor) = relayed();
    let mut answer = executor.start();
    for items in [&[1, 2, 3][..], &[4], &[5, 6]] {
        host::peer_writes(read, items);
        answer = drive(&mut executor, answer);
        for _ in items {
            host::peer_reads(write, 1);
            answer = drive(&mut executor, answer);
        }
    }
    host::peer_drops(read);
    expect(drive(&mut executor, answer) == 0 && host::received() == [1, 2, 3, 4, 5, 6], "all, in order");
    drop(executor);
    check_books();
}

fn relay_dropped_reading() {
    let (read, _, mut executor) = relayed();
    let answer = executor.start();
    host::callback_answers(answer);
    host::peer_writes(read, &[1, 2]);
    drop(executor);
    check_books();
}

fn relay_dropped_writing() {
    let (read, write, mut executor) = relayed();
    let answer = executor.start();
    host::peer_writes(read, &[1, 2, 3]);
    drive(&mut executor, answer);
    host::peer_reads(write, 1);
    host::on_cancel(write, OnCancel::Later(CANCELLED, 1));
    drop(executor);
    check_books();
}

fn relay_cancelled() {
    let (read, _, mut executor) = relayed();
    let answer = executor.start();
    host::peer_writes(read, &[1, 2, 3]);
    drive(&mut executor, answer);
    host::cancel_task();
    let answer = executor.callback(6, 0, 0);
    expect(
        host::callback_answers(answer).is_none() && executor.task().waiting() == 0,
        "it ends when the task is cancelled",
    );
    drop(executor);
    check_books();
}
