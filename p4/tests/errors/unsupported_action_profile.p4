// Not supported: action_profile.
#include "parts/begin.p4"

INGRESS {
    action_profile(32) profile;
    apply {

    }
}

#include "parts/end.p4"
