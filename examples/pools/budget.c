/* A canonical-ABI realloc over eight slots of 128 bytes, for clients that may hold 640 bytes in all.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#define SLOTS 8u
#define SLOT_BYTES 128u
#define BUDGET 640u

u32 spent;
u8 sizes[SLOTS]; /* zero: the slot is free */
u8 pool[SLOTS][SLOT_BYTES] __attribute__((aligned(16)));

static u32 free_slot(void) {
    for (u32 slot = 0; slot < SLOTS; slot++)
        if (sizes[slot] == 0)
            return slot;
    __builtin_trap();
}

static u32 slot_of(const u8 *block, u32 size) {
    u32 at = (u32)block - (u32)pool;
    u32 slot = at / SLOT_BYTES;
    if (slot >= SLOTS || at % SLOT_BYTES != 0 || sizes[slot] == 0)
        __builtin_trap();
#ifndef TRUSTS_THE_SIZE
    if (sizes[slot] != size)
        __builtin_trap();
#endif
    (void)size;
    return slot;
}

/* Puts `size` bytes on the account in place of `before`. */
static void spend(u32 before, u32 size) {
#ifdef CHECKED_BLOCK_BY_BLOCK
    if (size > BUDGET)
        __builtin_trap();
#else
    if (size > BUDGET - (spent - before)) {
#ifdef IGNORED_WHEN_SPENT
        return;
#endif
        __builtin_trap();
    }
#endif
#ifndef NOT_RECORDED
    spent = spent - before + size;
#endif
}

__attribute__((export_name("cabi_realloc")))
u8 *cabi_realloc(u8 *old, u32 old_size, u32 align, u32 new_size) {
    if (new_size == 0)
        return (u8 *)align;
    if (new_size > SLOT_BYTES || (align != 1 && align != 2 && align != 4 && align != 8))
        __builtin_trap();
    u32 slot = old_size == 0 ? free_slot() : slot_of(old, old_size);
#ifdef GROWTH_NOT_RECORDED
    if (old_size == 0)
        spend(0, new_size);
#else
    spend(old_size, new_size);
#endif
    sizes[slot] = new_size;
    return pool[slot];
}

__attribute__((export_name("release")))
void release(const u8 *block, u32 size) {
    u32 slot = slot_of(block, size);
    spent -= size;
    sizes[slot] = 0;
}
