//! The client of an asynchronous call of an import: one list goes in, one comes out.

use crate::client::{held, Client, Operation, Received};
use crate::elements::{new_elements, numbers_of, user_code, Token};
use crate::subject::runtime::Subtask;
use crate::{calls, fault};
use std::alloc::Layout;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What generated bindings have for an import.
struct Import;

unsafe impl Subtask for Import {
    type Params = Token;
    type ParamsLower = *mut u8;
    type Results = Token;

    fn abi_layout(&mut self) -> Layout {
        Layout::new::<[u64; 2]>()
    }

    fn results_offset(&mut self) -> usize {
        8
    }

    unsafe fn call_import(&mut self, parameters: *mut u8, results: *mut u8) -> u32 {
        calls::start(parameters, results)
    }

    unsafe fn params_lower(&mut self, parameters: Token, at: *mut u8) -> *mut u8 {
        user_code("params_lower");
        unsafe { parameters.put(at) };
        at
    }

    unsafe fn params_dealloc_lists(&mut self, at: *mut u8) {
        unsafe { Token::free(at) };
        user_code("params_dealloc_lists");
    }

    unsafe fn params_dealloc_lists_and_own(&mut self, at: *mut u8) {
        unsafe { Token::free(at) };
        user_code("params_dealloc_lists_and_own");
    }

    unsafe fn results_lift(&mut self, at: *mut u8) -> Token {
        let results = unsafe { Token::take(at) };
        user_code("results_lift");
        results
    }
}

pub struct Call(Pin<Box<dyn Future<Output = Token>>>);

impl Future for Call {
    type Output = Token;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Token> {
        self.0.as_mut().poll(context)
    }
}

impl Operation for Call {
    type End = ();
    type Cancelled = ();

    fn make(_: &mut Option<Box<()>>, _: usize, _: usize) -> (Self, Vec<u64>) {
        let (mut elements, numbers) = new_elements(1, 1);
        let parameters = held(elements.pop());
        (Call(Box::pin(async move { Import.call(parameters).await })), numbers)
    }

    fn cancel(self: Pin<&mut Self>) {
        fault("no-scenario", "nothing public cancels a call but its drop")
    }

    fn output(_: &Token) -> String {
        "returned".to_string()
    }

    fn cancelled(_: &()) -> String {
        String::new()
    }

    fn receive(results: Token) -> Received<()> {
        Received { numbers: numbers_of(vec![results]), end: None }
    }

    fn receive_cancelled(_: ()) -> Received<()> {
        Received { numbers: Vec::new(), end: None }
    }
}

pub fn subtask() -> Client<Call> {
    Client::new(|| ())
}
