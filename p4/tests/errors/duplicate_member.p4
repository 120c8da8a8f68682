// Two members of one name.
#include "include/begin.p4"

enum Fruit { apple, pear, apple }

INGRESS { apply {} }

#include "include/end.p4"
