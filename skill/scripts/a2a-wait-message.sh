#!/usr/bin/env bash
# Waits once, until the hub has something or its patience ends.   a2a-wait-message.sh host|join
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

take_role "${1-}"
use_session ERROR
wait_once "$(poll_seconds)"
result=$?
show "$event"
exit $result
