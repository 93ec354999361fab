/* A canonical-ABI realloc over a static pool: when the pool is spent the call traps. Twin: growing_c.c. */

typedef unsigned int u32;
typedef unsigned char u8;

#define POOL_BYTES 4096u

static u8 pool[POOL_BYTES] __attribute__((aligned(16)));
static u32 used;

/* Where a block of `size` bytes starts when the pool has no room for it: nowhere. */
__attribute__((noinline)) static u8 *spent(u32 size) {
    (void)size;
    __builtin_trap();
}

static u8 *take(u32 align, u32 size) {
    u32 at = (used + align - 1) & ~(align - 1);
    if (align > 16 || at > POOL_BYTES || size > POOL_BYTES - at)
        return spent(size);
    used = at + size;
    return pool + at;
}

__attribute__((export_name("cabi_realloc")))
u8 *cabi_realloc(u8 *old, u32 old_size, u32 align, u32 new_size) {
    if (new_size == 0)
        return (u8 *)align;
    u8 *block = take(align, new_size);
    u32 keep = old_size < new_size ? old_size : new_size;
    for (u32 i = 0; i < keep; i++)
        block[i] = old[i];
    return block;
}

/* The boundary function for whose argument the host calls realloc: passes a list of bytes in. */
__attribute__((export_name("checksum")))
u32 checksum(const u8 *bytes, u32 length) {
    u32 sum = 0;
    for (u32 i = 0; i < length; i++)
        sum = sum * 31 + bytes[i];
    return sum;
}
