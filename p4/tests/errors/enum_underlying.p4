// An enum whose underlying type is no number.
#include "parts/begin.p4"

enum bool Fruit { apple = 1 }

INGRESS { apply {} }

#include "parts/end.p4"
