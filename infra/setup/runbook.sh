#!/bin/sh
# The test of the runbook runs its commands as they stand: installs what it asks for besides Duban.
set -eu
. infra/setup/debian.sh

packages=
command -v curl >/dev/null || packages="$packages curl"
command -v openssl >/dev/null || packages="$packages openssl"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || packages="$packages nginx-light"
[ -n "$packages" ] || exit 0
debian_install "the test of the runbook needs$packages" $packages ca-certificates
