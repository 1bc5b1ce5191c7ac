#!/usr/bin/env bash
# Whether the hub answers.   check-remote.sh [--server ADDRESS] [--pin PIN]
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

while [ "${1-}" = --server ] || [ "${1-}" = --pin ]; do
    take_target "$1" "${2-}"
    shift 2
done
find_hub
ask 5 GET /health
case $failed:$status:$answer in
0:200:*'"ok"'*) say 'HTTP API is READY' ;;
*) fail "FAILED: $base unreachable or unhealthy ($(reason))" ;;
esac
