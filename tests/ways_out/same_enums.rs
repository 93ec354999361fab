static mut A: [u8; 8] = [0; 8];
mod m { pub fn near(b: bool) -> usize { #[derive(Clone, Copy)] enum L { Near, Far } let l = if b { L::Far } else { L::Near }; l as usize } }
pub fn f(b: bool) {
    let i = m::near(b) + { enum L { Near = 3, Far = 40 } let l = if b { L::Far } else { L::Near }; l as usize } + { enum L { Near = 1, Far = 2 } let l = if b { L::Far } else { L::Near }; l as usize };
    unsafe { *(&raw mut A as *mut u8).add(i) = 1; }
}
