// What most programs of this folder have in common, before what is wrong in them.
#ifndef ERRORS_BEGIN_P4
#define ERRORS_BEGIN_P4

#include "../../language/parts/begin.p4"

enum Color { red, green }
enum bit<8> Kind { one = 1, two = 2 }

header x_t { bit<8> a; bit<16> b; int<8> i; bit<8> c; }
header y_t { bit<8> v; bit<8> w; }
header v_t { bit<8> size; varbit<64> data; }
struct pair_t { bit<8> first; bit<8> second; }
struct headers { x_t x; y_t y; v_t v; y_t[3] stack; }
struct metadata { bit<8> n; bool flag; Color color; Kind kind; pair_t pair; }

#endif
