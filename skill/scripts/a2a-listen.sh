#!/usr/bin/env bash
# JOINER: opens a room beforehand, for a host who comes later with its code.   a2a-listen.sh [--server ADDRESS] [--pin PIN] [true|false]      headless unless false
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

while [ "${1-}" = --server ] || [ "${1-}" = --pin ]; do
    take_target "$1" "${2-}"
    shift 2
done
headless=${1:-true}
need_boolean "$headless"
begin_session join
ask 15 POST /setup -H 'Content-Type: application/json' -d "{\"type\":\"listener\",\"headless\":$headless}"
end_begin
say "LISTENER_CODE: $(field code)"
say "HEADLESS_SET: $headless"
say 'ROLE: join'
say "SERVER: $base"
if [ -n "$pin" ]; then say "PIN: $pin"; fi
say 'NEXT_STEP: show the code, then wait for the host: a2a-loop.sh join'
