#!/bin/sh
# The tests of the server mode start a PostgreSQL of their own: installs it if it is missing.
set -eu

command -v initdb >/dev/null && exit 0
for initdb in /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$initdb" ] && exit 0
done

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
    echo "the tests need PostgreSQL 13 or newer (initdb and pg_ctl);" \
        "as root, run: apt-get install postgresql" >&2
    exit 1
fi

echo "==> installing postgresql (once)"
$as_root apt-get update -q
# Only its programs are wanted: no cluster is made and nothing is started by the package.
$as_root mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends postgresql
