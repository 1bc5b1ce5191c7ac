#!/bin/sh
# Installs Parley from the archive beside this script: no network, no root needed.
#   sh install.sh [--prefix DIR]     default: ~/.local, so the program is ~/.local/bin/parley
set -eu

prefix=${HOME:-}/.local
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) [ $# -gt 1 ] || { echo "install: --prefix needs a folder" >&2; exit 2; }; prefix=$2; shift 2 ;;
        --prefix=*) prefix=${1#--prefix=}; shift ;;
        -h | --help) sed -n '2,3s/^# *//p' "$0"; exit 0 ;;
        *) echo "install: unknown option $1" >&2; exit 2 ;;
    esac
done

here=$(cd "$(dirname "$0")" && pwd)
archive=parley-linux-x64.tar.gz
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || {
    echo "install: this archive is for Linux on x86-64; elsewhere unpack parley-portable.tar.gz (needs the .NET 10 runtime)" >&2
    exit 1
}
[ -f "$here/$archive" ] || { echo "install: $archive is not beside this script" >&2; exit 1; }
[ -f "$here/SHA256SUMS" ] || { echo "install: SHA256SUMS is not beside this script" >&2; exit 1; }
(cd "$here" && grep " $archive\$" SHA256SUMS | sha256sum -c - >/dev/null 2>&1) || {
    echo "install: $archive is damaged: its SHA-256 is not the one in SHA256SUMS" >&2
    exit 1
}

mkdir -p "$prefix/bin"
work=$(mktemp -d "$prefix/bin/.parley.XXXXXX")
trap 'rm -rf "$work"' EXIT
tar -xzf "$here/$archive" -C "$work"
chmod 755 "$work/parley"
# A rename: a running parley keeps its file, and no half-written program is ever there.
mv -f "$work/parley" "$prefix/bin/parley"
echo "installed $prefix/bin/parley"
case ":$PATH:" in
    *":$prefix/bin:"*) ;;
    *) echo "add it to PATH: export PATH=\"$prefix/bin:\$PATH\"" ;;
esac
