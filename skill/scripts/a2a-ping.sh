#!/usr/bin/env bash
# Whether the room lives, and when the partner was last heard of.   a2a-ping.sh host|join
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

take_role "${1-}"
use_session PING_ERROR
ping_room
result=$?
say "$event"
exit $result
