//! Random schedules: operations are started, polled, moved to another task, cancelled and dropped while the host copies,
//! drops and delivers, in any order. The seed is the schedule.

use crate::fixed::{event, reader, room, tokens, writer, HeapRead, HeapWrite};
use crate::items::{check_books, TOKEN};
use crate::{scenario, Scenario};
use mock_host::{self as host, heap, OnCancel};
use runtime::operation::{Cancelled, InFlight, Operation};
use runtime::task::Task;
use std::pin::Pin;
use std::rc::Rc;

const SCHEDULES: u64 = 60;
const STEPS: u32 = 80;

pub fn scenarios() -> Vec<Scenario> {
    vec![scenario("random-schedules", random_schedules)]
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

enum Running {
    Write(u32, Pin<Box<HeapWrite>>),
    Read(u32, Pin<Box<HeapRead>>),
}

fn cancel<O: Operation>(operation: Pin<&mut InFlight<O>>) {
    if let Cancelled::Done(done) = operation.cancel() {
        drop(done);
    }
}

fn poll<O: Operation>(operation: Pin<&mut InFlight<O>>, task: &Rc<Task>) -> bool {
    operation.poll_in(task).is_ready()
}

impl Running {
    fn start(random: &mut Random, next: &mut u64) -> Running {
        let count = 1 + random.below(5);
        let first = *next;
        *next += count;
        let choice = match random.below(4) {
            0 => OnCancel::Later(host::CANCELLED, random.below(count + 1) as usize),
            1 => OnCancel::Later(host::COMPLETED, random.below(count) as usize + 1),
            2 => OnCancel::Later(host::DROPPED, random.below(count + 1) as usize),
            _ => OnCancel::AtOnce,
        };
        if random.below(2) == 0 {
            let (end, writer) = writer(TOKEN);
            host::on_cancel(end, choice);
            let items = tokens(first..first + count);
            let write = if random.below(2) == 0 { writer.write(items) } else { writer.write_all(items) };
            return Running::Write(end, Box::pin(write));
        }
        let (end, reader) = reader(TOKEN);
        host::on_cancel(end, choice);
        Running::Read(end, Box::pin(reader.read(room(count as usize))))
    }

    fn poll(&mut self, task: &Rc<Task>) -> bool {
        match self {
            Running::Write(_, write) => poll(write.as_mut(), task),
            Running::Read(_, read) => poll(read.as_mut(), task),
        }
    }

    fn cancel(&mut self) {
        match self {
            Running::Write(_, write) => cancel(write.as_mut()),
            Running::Read(_, read) => cancel(read.as_mut()),
        }
    }

    fn host_copies(&self, random: &mut Random, next: &mut u64) {
        match self {
            Running::Write(end, _) => host::peer_reads(*end, 1 + random.below(3) as usize),
            Running::Read(end, _) => {
                // Only while it is lent: what the peer keeps is nobody's.
                if host::is_lent(*end) {
                    host::peer_writes(*end, &[100_000 + *next]);
                    *next += 1;
                }
            }
        }
    }

    fn host_drops(&self) {
        match self {
            Running::Write(end, _) | Running::Read(end, _) => host::peer_drops(*end),
        }
    }
}

fn random_schedules() {
    for seed in 1..=SCHEDULES {
        host::reset();
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        one_schedule(&mut random);
        check_books();
        heap::sweep();
    }
}

fn one_schedule(random: &mut Random) {
    let tasks = [Task::new(), Task::new()];
    let mut running: Vec<Running> = Vec::new();
    let mut next = 0;
    for _ in 0..STEPS {
        if running.is_empty() || (running.len() < 5 && random.below(6) == 0) {
            running.push(Running::start(random, &mut next));
        }
        let at = random.below(running.len() as u64) as usize;
        let task = &tasks[random.below(2) as usize];
        match random.below(10) {
            0..=3 => {
                if running[at].poll(task) {
                    drop(running.swap_remove(at));
                }
            }
            4 | 5 => running[at].host_copies(random, &mut next),
            6 => {
                event(task);
            }
            7 => drop(running.swap_remove(at)),
            8 => {
                if random.below(3) == 0 {
                    running[at].host_drops();
                } else {
                    host::run();
                }
            }
            _ => {
                if random.below(3) == 0 {
                    running[at].cancel();
                    drop(running.swap_remove(at));
                }
            }
        }
    }
}
