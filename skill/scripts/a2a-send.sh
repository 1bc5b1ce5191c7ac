#!/usr/bin/env bash
# Sends one message.   a2a-send.sh [host|join] --stdin | --file PATH | MESSAGE      host unless named
# Other users of the machine can read arguments, and they are limited in length: --stdin and --file are neither.
set -u
# shellcheck source=a2a-common.sh
. "$(dirname "${BASH_SOURCE[0]}")/a2a-common.sh"

role=host
case ${1-} in
host | join | listen)
    take_role "$1"
    shift
    ;;
esac
use_session NOT_DELIVERED
take_message "$@"
if [ -z "$message_file" ]; then fail 'ERROR: no message (--stdin, --file PATH, or words)'; fi
send_message
result=$?
say "$event"
exit $result
