//! A log that wraps around.
const SIZE: usize = 128;
struct Log {
    data: [u8; SIZE],
    write: usize,
    wrapped: bool,
}
static mut LOG: Log = Log { data: [0; SIZE], write: 0, wrapped: false };

#[allow(static_mut_refs)]
pub fn log(text: &[u8]) {
    let log = unsafe { &mut LOG };
    let text = if text.len() > SIZE { &text[text.len() - SIZE..] } else { text };
    let room = SIZE - log.write;
    let first = text.len().min(room);
    log.data[log.write..log.write + first].copy_from_slice(&text[..first]);
    let rest = text.len() - first;
    if rest > 0 {
        log.data[..rest].copy_from_slice(&text[first..]);
        log.wrapped = true;
    }
    log.write = (log.write + text.len()) % SIZE;
}
#[allow(static_mut_refs)]
pub fn log_str(text: &str) {
    log(text.as_bytes());
    log(b"\r\n");
}
#[allow(static_mut_refs)]
pub fn parts() -> (usize, bool) {
    unsafe { (LOG.write, LOG.wrapped) }
}
#[allow(static_mut_refs)]
pub fn oldest() -> &'static [u8] {
    let log = unsafe { &LOG };
    if log.wrapped { &log.data[log.write..] } else { &log.data[..log.write] }
}
