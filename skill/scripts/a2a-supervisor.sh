#!/usr/bin/env bash
# Holds a session for an agent that ends its turn after each call.   a2a-supervisor.sh --mode host|join|listen --agent-label NAME ...
# All of it is in the program parley; its options: parley supervise --help
set -u

program=${PARLEY_BIN:-parley}
if ! command -v "$program" >/dev/null 2>&1; then
    echo "ERROR: the supervisor is part of the program parley, and '$program' is not there. Install it, or set PARLEY_BIN to its path. The other scripts need only bash and curl." >&2
    exit 1
fi
exec "$program" supervise "$@"
