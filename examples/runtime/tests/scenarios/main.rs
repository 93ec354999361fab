//! The runtime against the mock host. Each scenario is a process of its own, since a fault ends it. Without arguments, all
//! are run and reported; with names, those; after the word `only`, in this process.

mod fixed;
mod items;
mod random;

use mock_host::{heap, Tracker};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{exit, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: Tracker = Tracker;

pub struct Scenario {
    name: &'static str,
    run: fn(),
    /// The guest ends itself, because the host breaks a rule.
    aborts: bool,
    /// Something is forgotten, or a drop unwinds half-way: no look at what is left.
    leaks: bool,
}

pub const fn scenario(name: &'static str, run: fn()) -> Scenario {
    Scenario { name, run, aborts: false, leaks: false }
}

impl Scenario {
    pub const fn aborts(self) -> Scenario {
        Scenario { aborts: true, ..self }
    }

    pub const fn leaks(self) -> Scenario {
        Scenario { leaks: true, ..self }
    }

    /// Runs in this process.
    fn perform(&self) {
        mock_host::reset();
        let before = mock_host::live_blocks();
        heap::inside(|| (self.run)());
        if !self.leaks {
            if mock_host::live_blocks() != before {
                mock_host::fault("leak", "blocks of the guest are left");
            }
            if mock_host::held() != (0, 0, 0, 0) {
                mock_host::fault("leak", &format!("ends, subtasks, sets, parcels: {:?}", mock_host::held()));
            }
        }
        heap::sweep();
    }

    /// None, or the fault.
    fn verdict(&self, output: &Output) -> Option<String> {
        let text = String::from_utf8_lossy(&output.stderr);
        if let Some(line) = text.lines().find_map(|line| line.strip_prefix("fault: ")) {
            return Some(line.to_string());
        }
        if self.aborts {
            return (output.status.signal() != Some(ABORT)).then(|| format!("no-abort: {}", output.status));
        }
        if output.status.success() {
            return None;
        }
        match output.status.code() {
            Some(_) => Some(format!("panic: {}", text.lines().nth(1).unwrap_or_default())),
            None => Some(format!("aborted: {}", text.lines().last().unwrap_or_default())),
        }
    }
}

const ABORT: i32 = 6;
const LIMIT: Duration = Duration::from_secs(10);

/// One scenario in a process of its own, which is ended when it does not end.
fn run_apart(program: &Path, name: &str) -> Output {
    let mut command = Command::new(program);
    command.args(["only", name]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a process");
    let start = Instant::now();
    while child.try_wait().expect("a state").is_none() {
        if start.elapsed() > LIMIT {
            let _ = child.kill();
        }
        sleep(Duration::from_micros(500));
    }
    child.wait_with_output().expect("an end")
}

fn main() {
    let scenarios: Vec<Scenario> = fixed::scenarios().into_iter().chain(random::scenarios()).collect();
    let mut names: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let only = names.first().is_some_and(|name| name == "only");
    if only {
        names.remove(0);
        for scenario in scenarios.iter().filter(|scenario| names.iter().any(|name| name == scenario.name)) {
            scenario.perform();
        }
        return;
    }
    let program = std::env::current_exe().expect("this program");
    let mut failed = 0;
    let chosen = |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    let chosen: Vec<&Scenario> = scenarios.iter().filter(chosen).collect();
    for scenario in &chosen {
        let output = run_apart(&program, scenario.name);
        match scenario.verdict(&output) {
            None => println!("ok {}", scenario.name),
            Some(fault) => {
                println!("FAULT {} {fault}", scenario.name);
                failed += 1;
            }
        }
    }
    println!("{} scenarios, {failed} failed", chosen.len());
    exit(i32::from(failed != 0));
}
