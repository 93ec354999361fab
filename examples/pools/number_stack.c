/* Eight slots of 32 bytes, or as many as SLOTS says. The numbers of those that were released lie on a stack; slots that
 * were never taken are taken in turn. A flag for each slot says whether it is taken.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#ifndef SLOTS
#define SLOTS 8u
#endif
#define SLOT_BYTES 32u

u32 depth;
u32 fresh;
u8 stack[SLOTS];
u8 taken[SLOTS];
u8 pool[SLOTS * SLOT_BYTES] __attribute__((aligned(8)));

__attribute__((export_name("take")))
u8 *take(void) {
    u32 number;
    if (depth != 0) {
        depth -= 1;
#ifdef TAKEN_FROM_BELOW
        number = stack[0];
#else
        number = stack[depth];
#endif
    } else {
#ifdef ONE_TOO_MANY
        if (fresh > SLOTS)
#else
        if (fresh == SLOTS)
#endif
#ifdef NULL_WHEN_SPENT
            return 0;
#else
            __builtin_trap();
#endif
        number = fresh;
        fresh += 1;
    }
    taken[number] = 1;
    return pool + number * SLOT_BYTES;
}

__attribute__((export_name("release")))
void release(u8 *block) {
    u32 offset = (u32)block - (u32)pool;
    u32 number = offset / SLOT_BYTES;
    if (number >= SLOTS || offset % SLOT_BYTES != 0)
        __builtin_trap();
#ifdef RELEASED_TWICE
    if (depth == SLOTS)
        __builtin_trap();
#else
    if (!taken[number])
        __builtin_trap();
#endif
    taken[number] = 0;
    stack[depth] = (u8)number;
    depth += 1;
}
