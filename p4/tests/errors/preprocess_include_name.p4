// An include without quotes.
#include nothing
