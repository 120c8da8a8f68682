// Two members of one name.
#include "parts/begin.p4"

enum Fruit { apple, pear, apple }

INGRESS { apply {} }

#include "parts/end.p4"
