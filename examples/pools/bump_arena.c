/* A canonical-ABI realloc over a bump arena: blocks are handed out from the bottom up and never come back.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

#define POOL_BYTES 2048u

u32 used;
u8 pool[POOL_BYTES] __attribute__((aligned(4))); /* at an address that is no multiple of 8 */

__attribute__((noinline)) static u8 *spent(void) {
#ifdef NULL_WHEN_SPENT
    return 0;
#elif defined SPINS_WHEN_SPENT
    for (;;) {
    }
#else
    __builtin_trap();
#endif
}

static u8 *take(u32 align, u32 size) {
#ifndef ANY_ALIGNMENT
    if (align != 1 && align != 2 && align != 4 && align != 8)
        __builtin_trap();
#endif
#ifdef OFFSET_ALIGNED
    u32 at = (used + align - 1) & ~(align - 1);
#else
    u32 at = (((u32)pool + used + align - 1) & ~(align - 1)) - (u32)pool;
#endif
#ifdef SIZE_WRAPS
    u32 end = at + size;
    if (end > POOL_BYTES)
        return spent();
#elif defined SIZE_WRAPS_AT_16_BITS
    u16 end = at + size;
    if (end > POOL_BYTES)
        return spent();
#elif defined END_OFF_BY_ONE
    if (at > POOL_BYTES || size > POOL_BYTES - at + 1)
        return spent();
    u32 end = at + size;
#else
    if (at > POOL_BYTES || size > POOL_BYTES - at)
        return spent();
    u32 end = at + size;
#endif
#ifdef PADDING_NOT_COUNTED
    end = used + size;
#endif
    used = end;
    return pool + at;
}

/* Whether the arena handed out these bytes. */
static int owned(const u8 *block, u32 size) {
    u32 at = (u32)block - (u32)pool;
    return at <= used && size <= used - at;
}

__attribute__((export_name("cabi_realloc")))
u8 *cabi_realloc(u8 *old, u32 old_size, u32 align, u32 new_size) {
#ifdef ZERO_SIZE_TAKES
    if (new_size == 0)
        new_size = 1;
#else
    if (new_size == 0)
        return (u8 *)align;
#endif
#ifdef GROWS_FROM_ANYWHERE
    (void)owned;
#else
    if (old_size != 0 && !owned(old, old_size))
        __builtin_trap();
#endif
    u8 *block = take(align, new_size);
    if (block == 0)
        return 0;
#ifdef COPIES_THE_NEW_SIZE
    u32 keep = old_size == 0 ? 0 : new_size;
#else
    u32 keep = old_size < new_size ? old_size : new_size;
#endif
    for (u32 i = 0; i < keep; i++)
        block[i] = old[i];
    return block;
}
