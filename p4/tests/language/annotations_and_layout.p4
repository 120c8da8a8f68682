// Specification 1.2.5, "Lexical constructs", "Annotations" and "Optional trailing commas":
// comments and blanks anywhere, annotations in all their forms, empty statements.
#include "parts/begin.p4"

/* a comment
   over lines /* that does not nest */
@brief("A header.")
header x_t {
    @format("hex") bit<8> a; /* between */ bit<8> /**/ b;
    bit // to the end of the line
        c;
    bit<7> _pad;
}
@deprecated("no") @my_own[k = 1, other = "text"] @list[1, 2, 3]
@tokens(anything { goes ( here ) } 0x12 == "x")
struct headers { x_t x; }
struct metadata {}

enum Color { red, green, blue, }
const tuple<bit<8>, bit<8>> PAIR = { 1, 2, };

INGRESS {
    @hidden action set(bit<8>v){h.x.b=v;}
    @name("t") @pragma_like
    table t {
        key = { h.x.a : exact @name("a"); }
        actions = { @tableonly set; @defaultonly NoAction; }
        default_action = NoAction;
        size = 16;
        const entries = { 1 : set(0x10); 2 : set(PAIR[1]); }
    }
    apply {
        ;;
        @atomic {
            t . apply ( ) ;
        }
        if(h.x.a==3){h.x.c=1;}else{}
    }
}

#include "parts/end.p4"
