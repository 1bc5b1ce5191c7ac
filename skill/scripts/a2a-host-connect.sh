#!/usr/bin/env bash
# HOST: opens a room and prints its invite, or takes the host's seat of a listener's room.
#   a2a-host-connect.sh [--server ADDRESS] [--pin PIN] [--surface-join-notice|--park] ["" true|false]
#   a2a-host-connect.sh [--server ADDRESS] [--pin PIN] listen_CODE
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

stay=no
while :; do
    case ${1-} in
    --surface-join-notice | --park) stay=yes ;;
    # Older callers say so; there is nobody here to notify but who reads the output.
    --notify-human) ;;
    --server | --pin)
        take_target "$1" "${2-}"
        shift
        ;;
    --*) fail "ERROR: unknown option $1" ;;
    *) break ;;
    esac
    shift
done
code=${1-} headless=${2:-false}
need_boolean "$headless"
begin_session host

case $code in
'')
    ask 15 POST /setup -H 'Content-Type: application/json' -d "{\"type\":\"standard\",\"headless\":$headless}"
    end_begin
    say "INVITE_CODE: $(field code)"
    say 'ROLE: host'
    say "HEADLESS_SET: $headless"
    say "SERVER: $base"
    if [ -n "$pin" ]; then say "PIN: $pin"; fi
    say 'NEXT_STEP: give the code to the person at the other side, with the server (and the pin, if there is one), then wait: a2a-loop.sh --surface-join-notice host. Speak first once the partner has joined.'
    if [ $stay = yes ]; then exec bash "$(dirname "${BASH_SOURCE[0]}")/a2a-loop.sh" --surface-join-notice host; fi
    ;;
invite_*) fail 'ERROR: an invite code is for the joiner: a2a-join-connect.sh' ;;
*)
    need_code "$code" listen 'that is no listener code (listen_...)'
    ask 15 POST "/register-and-join/$code"
    end_begin
    say "STATUS: $(field status)"
    say "ROLE: $(field role)"
    say "HEADLESS: $(literal headless)"
    say 'NEXT_STEP: you are the host and speak first: a2a-loop.sh host --stdin'
    ;;
esac
