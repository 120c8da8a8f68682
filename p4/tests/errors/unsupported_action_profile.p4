// Not supported: action_profile.
#include "include/begin.p4"

INGRESS {
    action_profile(32) profile;
    apply {

    }
}

#include "include/end.p4"
