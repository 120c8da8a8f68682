// A file that includes itself.
#include "preprocess_include_recursive.p4"
