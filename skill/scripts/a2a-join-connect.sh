#!/usr/bin/env bash
# JOINER: takes the seat that an invite is for.   a2a-join-connect.sh [--server ADDRESS] [--pin PIN] [invite_CODE]      without one: A2A_INVITE
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

while [ "${1-}" = --server ] || [ "${1-}" = --pin ]; do
    take_target "$1" "${2-}"
    shift 2
done
code=${1:-${A2A_INVITE-}}
case $code in
'') fail 'ERROR: no invite code (argument, or A2A_INVITE)' ;;
listen_*) fail 'ERROR: a listener code is for the host: a2a-host-connect.sh listen_...' ;;
esac
need_code "$code" invite 'that is no invite code (invite_...)'
begin_session join
ask 15 POST "/register-and-join/$code"
end_begin
rules=$(field rules)
say "${rules//\\n/$newline}"
say "STATUS: $(field status)"
say "HEADLESS: $(literal headless)"
say 'NEXT_STEP: the host speaks first. Wait: a2a-loop.sh join'
