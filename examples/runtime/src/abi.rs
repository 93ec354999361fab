//! The host's built-ins and its codes, as the canonical ABI names them. On wasm they are imports; natively a mock host
//! defines the same symbols.

/// The call goes on; an event will tell.
pub const BLOCKED: u32 = 0xffff_ffff;

/// How a copy ended: the low four bits of a stream's code, the count is above; a future's code is just this.
pub const COMPLETED: u32 = 0;
pub const DROPPED: u32 = 1;
pub const CANCELLED: u32 = 2;

/// Rule: a longer buffer traps.
pub const LONGEST: usize = (1 << 28) - 1;

/// The states of a subtask.
pub const STARTING: u32 = 0;
pub const STARTED: u32 = 1;
pub const RETURNED: u32 = 2;
pub const CANCELLED_BEFORE_STARTED: u32 = 3;
pub const CANCELLED_BEFORE_RETURNED: u32 = 4;

/// The events.
pub const EVENT_NONE: u32 = 0;
pub const EVENT_TASK_CANCELLED: u32 = 6;

/// What a callback answers. WAIT has the set above its four bits.
pub const EXIT: u32 = 0;
pub const WAIT: u32 = 2;

#[link(wasm_import_module = "$root")]
extern "C" {
    #[link_name = "[waitable-set-new]"]
    pub fn waitable_set_new() -> u32;
    #[link_name = "[waitable-set-drop]"]
    pub fn waitable_set_drop(set: u32);
    #[link_name = "[waitable-set-wait]"]
    pub fn waitable_set_wait(set: u32, payload: *mut [u32; 2]) -> u32;
    #[link_name = "[waitable-set-poll]"]
    pub fn waitable_set_poll(set: u32, payload: *mut [u32; 2]) -> u32;
    /// Set 0 is no set.
    #[link_name = "[waitable-join]"]
    pub fn waitable_join(waitable: u32, set: u32);
    #[link_name = "[subtask-cancel]"]
    pub fn subtask_cancel(subtask: u32) -> u32;
    #[link_name = "[subtask-drop]"]
    pub fn subtask_drop(subtask: u32);
}

// The export that an executor runs has no result.
#[link(wasm_import_module = "[export]$root")]
extern "C" {
    #[link_name = "[task-return]run"]
    pub fn task_return();
    #[link_name = "[task-cancel]"]
    pub fn task_cancel();
}

// `exchange` is the imported function whose type has stream 0 and future 1; it is what a subtask runs, too.
#[link(wasm_import_module = "proofmark:examples/exchange")]
extern "C" {
    #[link_name = "[async-lower][stream-read-0]exchange"]
    pub fn stream_read(end: u32, items: *mut u8, count: usize) -> u32;
    #[link_name = "[stream-cancel-read-0]exchange"]
    pub fn stream_cancel_read(end: u32) -> u32;
    #[link_name = "[stream-drop-readable-0]exchange"]
    pub fn stream_drop_readable(end: u32);
    #[link_name = "[async-lower][stream-write-0]exchange"]
    pub fn stream_write(end: u32, items: *const u8, count: usize) -> u32;
    #[link_name = "[stream-cancel-write-0]exchange"]
    pub fn stream_cancel_write(end: u32) -> u32;
    #[link_name = "[stream-drop-writable-0]exchange"]
    pub fn stream_drop_writable(end: u32);

    #[link_name = "[async-lower][future-read-1]exchange"]
    pub fn future_read(end: u32, item: *mut u8) -> u32;
    #[link_name = "[future-cancel-read-1]exchange"]
    pub fn future_cancel_read(end: u32) -> u32;
    #[link_name = "[future-drop-readable-1]exchange"]
    pub fn future_drop_readable(end: u32);
    #[link_name = "[async-lower][future-write-1]exchange"]
    pub fn future_write(end: u32, item: *const u8) -> u32;
    /// The synchronous form: comes back when the reader took the item, or is gone.
    #[link_name = "[future-write-1]exchange"]
    pub fn future_write_and_wait(end: u32, item: *const u8) -> u32;
    #[link_name = "[future-cancel-write-1]exchange"]
    pub fn future_cancel_write(end: u32) -> u32;
    #[link_name = "[future-drop-writable-1]exchange"]
    pub fn future_drop_writable(end: u32);

    #[link_name = "[async-lower]exchange"]
    pub fn exchange(parameters: *const u8, results: *mut u8) -> u32;
    #[link_name = "[resource-drop]parcel"]
    pub fn parcel_drop(parcel: u32);
}
