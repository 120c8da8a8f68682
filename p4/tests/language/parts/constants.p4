// Something to include twice.
#ifndef CONSTANTS_P4
#define CONSTANTS_P4
const bit<8> FROM_INCLUDE = 0x40;
#endif
