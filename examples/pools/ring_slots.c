/* Eight messages of 32 bytes in a ring: the oldest is released first. Both counters run on and wrap.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#ifdef COUNTERS_OF_8_BITS
#define SLOTS 6u /* does not divide 256 */
typedef u8 counter;
#else
#define SLOTS 8u
typedef u32 counter;
#endif
#define SLOT_BYTES 32u

#ifdef ONE_TOO_MANY
#define LIMIT (SLOTS + 1)
#else
#define LIMIT SLOTS
#endif

counter taken;
counter released;
u8 pool[SLOTS][SLOT_BYTES] __attribute__((aligned(8)));

__attribute__((export_name("take")))
u8 *take(void) {
    if ((counter)(taken - released) == LIMIT) {
#ifdef NULL_WHEN_SPENT
        return 0;
#else
        __builtin_trap();
#endif
    }
#ifdef NOT_WRAPPED
    return pool[taken++];
#else
    return pool[taken++ % SLOTS];
#endif
}

__attribute__((export_name("release")))
void release(void) {
#ifndef RELEASES_NOTHING
    if (taken == released)
        __builtin_trap();
#endif
    released++;
}
