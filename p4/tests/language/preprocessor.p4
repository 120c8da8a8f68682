// Specification 1.2.5, "Preprocessing": include, define, undef, if with its operators, elif, else,
// ifdef and ifndef, nested; names in comments and strings are not replaced.
#include <core.p4>
#include <v1model.p4>
#include "parts/constants.p4"
#include "parts/constants.p4"

#define FIELDS bit<8> a; \
               bit<8> b; \
               bit<8> c; \
               bit<8> d;
#define TWO 2
#define FOUR TWO + TWO
#define EMPTY
#define TYPE bit<8>

header x_t { FIELDS }
struct headers { x_t x; }
struct metadata {}

#if 0
This is not P4 at all, and doesn't have to be; an #else in the middle is nothing.
#endif

#ifdef NOWHERE
#error "not reached"
#elif defined(TWO) && !defined(NOWHERE) && TWO + 1 == 3
const TYPE A = 1;
#else
const TYPE A = 2;
#endif

#ifndef NOWHERE
# define INNER 1
#  if INNER
#    if FOUR * 2 == 6 && (1 << 4) > 15 || 0
const bit<8> B = 0x10;
#    else
const bit<8> B = 0x20;
#    endif
#  else
#    error "not reached either"
#  endif
#endif

#undef TWO
#ifdef TWO
const bit<8> C = 1;
#elif UNDEFINED
const bit<8> C = 2;
#elif 0x10 == 16 && -1 < 0 && ~0 == -1 && 7 / 2 == 3 && 7 % 4 == 3
const bit<8> C = 3;
#elif 1
const bit<8> C = 4;
#endif
#define TWO 3

parser MyParser(packet_in p, out headers h, inout metadata m, inout standard_metadata_t s) {
    state start {
        p.extract(h.x);
        transition accept;
    }
}

control MyVerify(inout headers h, inout metadata m) { apply {} }

control MyIngress(inout headers h, inout metadata m, inout standard_metadata_t s) {
    apply {
        h.x.a = A EMPTY;
        h.x.b = B; // FIELDS
        h.x.c = C /* TWO */ + FROM_INCLUDE;
        // 3 + 3 now, and no parentheses around it
        h.x.d = FOUR * TWO;
        log_msg("TWO and FIELDS");
    }
}

control MyEgress(inout headers h, inout metadata m, inout standard_metadata_t s) { apply {} }

control MyUpdate(inout headers h, inout metadata m) { apply {} }

control MyDeparser(packet_out p, in headers h) { apply { p.emit(h); } }

V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparser()) main;
