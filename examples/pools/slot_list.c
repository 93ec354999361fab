/* A canonical-ABI realloc over eight slots of 64 bytes. Free slots are linked by their numbers, in a table beside the pool.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#define SLOTS 8u
#define SLOT_BYTES 64u
#define NONE SLOTS

#ifdef POOL_SHORTER_THAN_LIST
u8 pool[SLOTS - 1][SLOT_BYTES] __attribute__((aligned(8)));
#else
u8 pool[SLOTS][SLOT_BYTES] __attribute__((aligned(8)));
#endif
u8 next[SLOTS] = {1, 2, 3, 4, 5, 6, 7, NONE};
u8 sizes[SLOTS]; /* zero: the slot is free */
u32 head;

static u8 *take(u32 size) {
    u32 slot = head;
    if (slot == NONE) {
#ifdef NULL_WHEN_SPENT
        return 0;
#else
        __builtin_trap();
#endif
    }
    head = next[slot];
    sizes[slot] = size;
    return pool[slot];
}

/* The number of the slot that starts at `block` and is not free; else a trap. */
static u32 slot_of(const u8 *block) {
    u32 at = (u32)block - (u32)pool;
    u32 slot = at / SLOT_BYTES;
    if (slot >= SLOTS || at % SLOT_BYTES != 0)
        __builtin_trap();
#ifndef RELEASES_TWICE
    if (sizes[slot] == 0)
        __builtin_trap();
#endif
    return slot;
}

__attribute__((export_name("cabi_realloc")))
u8 *cabi_realloc(u8 *old, u32 old_size, u32 align, u32 new_size) {
#ifndef ZERO_SIZE_TAKES
    if (new_size == 0)
        return (u8 *)align;
#endif
#ifdef SIZE_NOT_CHECKED
    if (align != 1 && align != 2 && align != 4 && align != 8)
        __builtin_trap();
#else
    if (new_size > SLOT_BYTES || (align != 1 && align != 2 && align != 4 && align != 8))
        __builtin_trap();
#endif
    if (old_size == 0)
        return take(new_size);
    u32 slot = slot_of(old);
    if (sizes[slot] != old_size)
        __builtin_trap();
    sizes[slot] = new_size;
    return pool[slot]; /* it grows where it is */
}

__attribute__((export_name("release")))
void release(const u8 *block) {
    u32 slot = slot_of(block);
    sizes[slot] = 0;
#ifndef LINK_NOT_WRITTEN
    next[slot] = head;
#endif
    head = slot;
}
