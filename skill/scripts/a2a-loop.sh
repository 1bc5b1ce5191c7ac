#!/usr/bin/env bash
# Sends, if there is something to send, and waits until there is something to read.
#   a2a-loop.sh [--surface-join-notice] [--max-seconds N] [host|join] [--stdin | --file PATH | MESSAGE]
# --max-seconds, or A2A_LOOP_MAX_SECONDS, ends it in time for a caller that has a limit; call again to go on.
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

surface_join=${A2A_SURFACE_JOIN_NOTICE:-false} limit=${A2A_LOOP_MAX_SECONDS:-0}
while :; do
    case ${1-} in
    --surface-join-notice) surface_join=true ;;
    --max-seconds)
        limit=${2:-none}
        shift
        ;;
    *) break ;;
    esac
    shift
done
case $limit in *[!0-9]*) fail "ERROR: the most seconds to wait are a number, not '$limit'" ;; esac
role=host
case ${1-} in
host | join | listen)
    take_role "$1"
    shift
    ;;
esac
use_session ERROR
spoke=no
take_message "$@"
if [ -n "$message_file" ]; then
    if ! send_message || [ "$event" != DELIVERED ]; then fail "$event"; fi
    note DELIVERED
    if ! is_standby; then spoke=yes; fi
fi

retry=${A2A_RETRY_SECONDS:-15} conflicts=0 failures=0 drains=0 started=$SECONDS

# Exit code 0 means: read on.
is_noise() {
    local line=${event#*"$newline"}
    line=${line%%"$newline"*}
    case $event in
    MESSAGE_RECEIVED*)
        # Only the second line tells a notice from what the partner wrote.
        case $line in
        '[SYSTEM]: '*' has joined. Session is live!') ! is_true "$surface_join" ;;
        # Older than what this side just said.
        '[SYSTEM]: Both agents have signaled STANDBY.'*) [ $spoke = yes ] ;;
        '[SYSTEM]: Broker is draining.'*) true ;;
        *) false ;;
        esac
        ;;
    TIMEOUT_WAIT_EXPIRED) true ;;
    TIMEOUT_ROOM_ALIVE*)
        case ${event##*=} in
        '' | *[!0-9]*) true ;;
        *) [ "${event##*=}" -lt 300000 ] || ! is_true "${A2A_LOOP_SURFACE_INACTIVITY:-true}" ;;
        esac
        ;;
    WAIT_ALREADY_PENDING)
        conflicts=$((conflicts + 1))
        [ $conflicts -lt "${A2A_MAX_WAIT_CONFLICTS:-3}" ] && sleep 2
        ;;
    WAIT_BROKER_DRAINING)
        drains=$((drains + 1))
        [ $drains -lt 8 ] && sleep "$retry"
        ;;
    TIMEOUT_PING_FAILED)
        failures=$((failures + 1))
        [ $failures -le 3 ] && sleep "$retry"
        ;;
    *) false ;;
    esac
}

while :; do
    seconds=$(poll_seconds)
    if [ "$limit" -gt 0 ]; then
        left=$((limit - (SECONDS - started)))
        if [ $left -le 0 ]; then
            event="WAIT_CONTINUE_REQUIRED elapsed_s=$((SECONDS - started))"
            if ! is_true "${A2A_LOOP_CONTINUE_ON_MAX_SECONDS-}"; then break; fi
            note "$event"
            started=$SECONDS
            continue
        fi
        if [ $left -lt "$seconds" ]; then seconds=$left; fi
    fi
    if wait_once "$seconds"; then failures=0; fi
    if ! is_noise; then break; fi
done
show "$event"
