#!/bin/sh
# The test of the runbook runs its commands as they stand: installs what it asks for besides Duban.
set -eu

packages=
command -v curl >/dev/null || packages="$packages curl"
command -v openssl >/dev/null || packages="$packages openssl"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || packages="$packages nginx-light"
[ -n "$packages" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif [ -t 0 ] && command -v sudo >/dev/null; then
    as_root=sudo
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    as_root=none
fi
if [ "$as_root" = none ] || ! command -v apt-get >/dev/null; then
    echo "the test of the runbook needs$packages; as root, run: apt-get install$packages" >&2
    exit 1
fi

echo "==> installing$packages (once)"
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $packages ca-certificates
