#!/usr/bin/env bash
# Sets the room's rule about asking people.   a2a-set-headless.sh host|join true|false
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

take_role "${1-}"
need_boolean "${2-}"
use_session ERROR
ask 10 POST /room-rule/headless -H 'Content-Type: application/json' -d "{\"headless\":$2}"
if [ "$status" = 401 ]; then forget_session; fi
need_success
say "HEADLESS_SET: $2"
