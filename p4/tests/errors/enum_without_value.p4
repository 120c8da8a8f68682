// A member of an enum with underlying type without a value.
#include "include/begin.p4"

enum bit<8> Fruit { apple = 1, pear }

INGRESS { apply {} }

#include "include/end.p4"
