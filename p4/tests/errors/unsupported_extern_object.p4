// Not supported: extern objects of the program.
#include "parts/begin.p4"

extern Cipher {
    Cipher(bit<32> key);
    void encrypt(inout bit<8> v);
}

INGRESS { apply {} }

#include "parts/end.p4"
