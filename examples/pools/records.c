/* An arena for arrays of records of 24 bytes: what is asked for is a count, and it is multiplied.
 * Each `#ifdef` is one defect: corpus.toml says what it breaks. */

typedef unsigned int u32;
typedef unsigned char u8;

#define RECORDS 50u

struct record {
    unsigned long long time;
    u32 values[4];
};

u32 used; /* records */
struct record pool[RECORDS];

__attribute__((export_name("take")))
struct record *take(u32 count) {
#ifdef COUNT_WRAPS
    if (used * sizeof(struct record) + count * sizeof(struct record) > sizeof pool)
#elif defined END_OFF_BY_ONE
    if (count > RECORDS - used + 1)
#elif defined COUNTED_IN_BYTES
    if (count > sizeof pool - used * sizeof(struct record))
#else
    if (count > RECORDS - used)
#endif
    {
#ifdef NULL_WHEN_SPENT
        return 0;
#elif defined GROWS_WHEN_SPENT
        return (struct record *)(__builtin_wasm_memory_grow(0, count / 2730 + 1) * 65536);
#else
        __builtin_trap();
#endif
    }
    struct record *first = &pool[used];
#ifdef ONE_IS_ENOUGH
    used += count > 0;
#else
    used += count;
#endif
    return first;
}
