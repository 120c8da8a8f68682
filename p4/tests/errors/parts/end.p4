// What most programs of this folder have in common, behind what is wrong in them.
#include "../../language/parts/end.p4"
