/* The payload check: a sequence number at the head of a message and its complement at the tail.
 *
 * A benchmark that loses, doubles or cuts messages is fast, so every case writes and checks these on every message.
 * Messages of 16 bytes and more carry 64-bit numbers, shorter ones (8 bytes at least) 32-bit ones. The top three bits
 * are marks that tell the receiver where in the run it is, so that no message beside the stream is needed for that.
 */
#ifndef BENCH_STAMP_H
#define BENCH_STAMP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The measured stretch begins with this message. */
#define MARK_START (1ull << 63)
/* This message is the last. */
#define MARK_END (1ull << 62)
/* Not part of the numbered stream: sent until the receiver is known to be there. */
#define MARK_SYNC (1ull << 61)
#define MARKS (MARK_START | MARK_END | MARK_SYNC)
#define SEQUENCE (~MARKS)

enum { STAMP_MIN_SIZE = 8, STAMP_WIDE = 16 };

static inline void stamp_write(void *message, size_t size, uint64_t stamp)
{
    char *bytes = message;
    if (size >= STAMP_WIDE) {
        uint64_t tail = ~stamp;
        memcpy(bytes, &stamp, sizeof stamp);
        memcpy(bytes + size - sizeof tail, &tail, sizeof tail);
    } else {
        /* the marks move from the top of 64 bits to the top of 32 */
        uint32_t head = (uint32_t)(stamp >> 32 & MARKS >> 32) | (uint32_t)stamp;
        uint32_t tail = ~head;
        memcpy(bytes, &head, sizeof head);
        memcpy(bytes + size - sizeof tail, &tail, sizeof tail);
    }
}

/* Ends the run: the message is not one that this benchmark wrote, or was cut. */
_Noreturn void stamp_broken(size_t size, size_t expected);
/* Ends the run: a message is missing, doubled or out of order. */
_Noreturn void stamp_misplaced(uint64_t sequence, uint64_t expected);

/* The stamp of a message that arrived with `size` bytes where `expected` were sent. */
static inline uint64_t stamp_read(const void *message, size_t size, size_t expected)
{
    const char *bytes = message;
    if (size != expected)
        stamp_broken(size, expected);
    if (size >= STAMP_WIDE) {
        uint64_t head, tail;
        memcpy(&head, bytes, sizeof head);
        memcpy(&tail, bytes + size - sizeof tail, sizeof tail);
        if (head != ~tail)
            stamp_broken(size, expected);
        return head;
    }
    uint32_t head, tail;
    memcpy(&head, bytes, sizeof head);
    memcpy(&tail, bytes + size - sizeof tail, sizeof tail);
    if (head != ~tail)
        stamp_broken(size, expected);
    uint32_t marks = (uint32_t)(MARKS >> 32);
    return (uint64_t)(head & marks) << 32 | (head & ~marks);
}

/* Reads the stamp and checks that it is the next of its stream; `next` counts on. Returns the marks. */
static inline uint64_t stamp_follow(const void *message, size_t size, size_t expected, uint64_t *next)
{
    uint64_t stamp = stamp_read(message, size, expected);
    if (stamp & MARK_SYNC)
        return MARK_SYNC;
    if ((stamp & SEQUENCE) != *next)
        stamp_misplaced(stamp & SEQUENCE, *next);
    ++*next;
    return stamp & MARKS;
}

#endif
