// What most programs of this folder have in common, behind what is wrong in them.
#include "../../language/include/end.p4"
