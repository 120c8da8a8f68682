// An enum whose underlying type is no number.
#include "include/begin.p4"

enum bool Fruit { apple = 1 }

INGRESS { apply {} }

#include "include/end.p4"
