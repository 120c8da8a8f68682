// The fixed parts of most programs of this folder, behind what a program says itself. A program
// with a parser of its own, say, defines OWN_PARSER. The parser here extracts `h.x`, the deparser
// emits all of `h`, and whatever sets no egress_spec goes out at port 0.
#ifndef OWN_PARSER
PARSER {
    state start {
        p.extract(h.x);
        transition accept;
    }
}
#endif

#ifndef OWN_VERIFY
VERIFY { apply {} }
#endif

#ifndef OWN_EGRESS
EGRESS { apply {} }
#endif

#ifndef OWN_UPDATE
UPDATE { apply {} }
#endif

#ifndef OWN_DEPARSER
DEPARSER { apply { p.emit(h); } }
#endif

V1Switch(MyParser(), MyVerify(), MyIngress(), MyEgress(), MyUpdate(), MyDeparser()) main;
