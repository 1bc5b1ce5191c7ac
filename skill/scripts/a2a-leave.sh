#!/usr/bin/env bash
# Leaves the room and forgets its token.   A2A_ALLOW_CLOSE=true a2a-leave.sh host|join|listen
# Closing is a person's decision, hence the variable. A room that is over needs none.
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

take_role "${1-}"
use_session LEAVE_ERROR
if ! is_true "${A2A_ALLOW_CLOSE-}" && ! is_true "${A2A_FORCE_CLEANUP-}"; then
    ask 5 GET /ping
    case $failed:$status in
    0:400 | 0:401) ;;
    *) fail 'LEAVE_DENIED: closing is a person'\''s decision. If a person asked for it: A2A_ALLOW_CLOSE=true. Otherwise send [STANDBY] and wait.' ;;
    esac
fi
ask 15 POST /leave
forget_session
say LEFT
