//! SHA-256 (FIPS 180-4), over bytes that come in pieces.

const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[rustfmt::skip]
const ROUNDS: [[u32; 16]; 4] = [
    [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    ], [
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    ], [
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    ], [
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ],
];

const BLOCK: usize = 64;

pub(crate) struct Sha256 {
    state: [u32; 8],
    waiting: [u8; BLOCK],
    filled: usize,
    length: u64,
}

impl Sha256 {
    pub(crate) const fn new() -> Sha256 {
        Sha256 { state: INITIAL, waiting: [0; BLOCK], filled: 0, length: 0 }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.length = self.length.wrapping_add(bytes.len() as u64);
        let mut rest = bytes;
        if self.filled != 0 {
            rest = self.fill(rest);
        }
        let mut blocks = rest.chunks_exact(BLOCK);
        for block in &mut blocks {
            compress(&mut self.state, block);
        }
        self.fill(blocks.remainder());
    }

    /// Puts bytes behind those that wait for a whole block; returns what is left once one is whole.
    fn fill<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let free = BLOCK.saturating_sub(self.filled);
        let taken = bytes.len().min(free);
        for (slot, byte) in self.waiting.iter_mut().skip(self.filled).zip(bytes) {
            *slot = *byte;
        }
        self.filled = self.filled.wrapping_add(taken);
        if self.filled == BLOCK {
            compress(&mut self.state, &self.waiting);
            self.filled = 0;
        }
        bytes.get(taken..).unwrap_or(&[])
    }

    pub(crate) fn finish(mut self) -> [u8; 32] {
        let bits = self.length.wrapping_mul(8);
        self.fill(&[0x80]);
        while self.filled != BLOCK.wrapping_sub(8) {
            self.fill(&[0]);
        }
        self.fill(&bits.to_be_bytes());
        let mut digest = [0; 32];
        let bytes = self.state.iter().flat_map(|word| word.to_be_bytes());
        for (slot, byte) in digest.iter_mut().zip(bytes) {
            *slot = byte;
        }
        digest
    }
}

/// The word of the schedule at `index`, of which only the last sixteen are kept.
#[inline(always)]
fn at(schedule: &[u32; 16], index: usize) -> u32 {
    schedule.get(index & 15).copied().unwrap_or(0)
}

fn compress(state: &mut [u32; 8], block: &[u8]) {
    let mut schedule = [0u32; 16];
    for (word, bytes) in schedule.iter_mut().zip(block.chunks_exact(4)) {
        if let [a, b, c, d] = *bytes {
            *word = u32::from_be_bytes([a, b, c, d]);
        }
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (number, constants) in ROUNDS.iter().enumerate() {
        if number != 0 {
            extend(&mut schedule);
        }
        for (constant, word) in constants.iter().zip(&schedule) {
            let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = g ^ (e & (f ^ g));
            let first = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(*constant).wrapping_add(*word);
            let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let majority = (a & b) | (c & (a | b));
            h = g;
            g = f;
            f = e;
            e = d.wrapping_add(first);
            d = c;
            c = b;
            b = a;
            a = first.wrapping_add(s0).wrapping_add(majority);
        }
    }
    for (word, added) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(added);
    }
}

#[inline(always)]
fn extend(schedule: &mut [u32; 16]) {
    for index in 0..16usize {
        let (early, late) = (at(schedule, index.wrapping_add(1)), at(schedule, index.wrapping_add(14)));
        let s0 = early.rotate_right(7) ^ early.rotate_right(18) ^ (early >> 3);
        let s1 = late.rotate_right(17) ^ late.rotate_right(19) ^ (late >> 10);
        let sum =
            at(schedule, index).wrapping_add(s0).wrapping_add(at(schedule, index.wrapping_add(9))).wrapping_add(s1);
        if let Some(word) = schedule.get_mut(index) {
            *word = sum;
        }
    }
}
