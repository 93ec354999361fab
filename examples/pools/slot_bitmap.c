/* Eight buffers of 48 bytes, one bit each that says whether it is taken.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#define SLOTS 8u
#define SLOT_BYTES 48u
#ifdef ONE_SLOT_TOO_MANY
#define LAST_SLOT SLOTS
#else
#define LAST_SLOT (SLOTS - 1)
#endif
#ifdef SLOTS_TOO_CLOSE
#define STRIDE 40u
#else
#define STRIDE SLOT_BYTES
#endif

#ifdef POOL_NOT_ALIGNED
u32 taken;
u8 pool[SLOTS * SLOT_BYTES] __attribute__((aligned(4)));
#else
u32 taken;
u8 pool[SLOTS * SLOT_BYTES] __attribute__((aligned(8)));
#endif

/* A buffer, for a 64-bit number or anything smaller. */
__attribute__((export_name("take")))
u8 *take(void) {
    u32 slot = 0;
    while (taken & (1u << slot)) {
#ifdef SPINS_WHEN_SPENT
        slot = (slot + 1) % SLOTS;
#else
        if (slot == LAST_SLOT) {
#ifdef NULL_WHEN_SPENT
            return 0;
#else
            __builtin_trap();
#endif
        }
        slot++;
#endif
    }
#ifndef BIT_NOT_SET
    taken |= 1u << slot;
#endif
    return pool + slot * STRIDE;
}

__attribute__((export_name("release")))
void release(const u8 *block) {
    u32 at = (u32)block - (u32)pool;
    u32 slot = at / STRIDE;
    if (slot >= SLOTS || at % STRIDE != 0 || !(taken & (1u << slot)))
        __builtin_trap();
#ifdef CLEARS_THE_OTHERS
    taken &= 1u << slot;
#else
    taken &= ~(1u << slot);
#endif
}
