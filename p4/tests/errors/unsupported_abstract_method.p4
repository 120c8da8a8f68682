// Not supported: the extern Balancer of the program, with an abstract method.
#include "parts/begin.p4"

extern Balancer {
    Balancer();
    abstract bit<4> on_new_flow(in bit<32> address);
}

INGRESS { apply {} }

#include "parts/end.p4"
