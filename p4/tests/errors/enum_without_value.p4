// A member of an enum with underlying type without a value.
#include "parts/begin.p4"

enum bit<8> Fruit { apple = 1, pear }

INGRESS { apply {} }

#include "parts/end.p4"
