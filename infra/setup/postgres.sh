#!/bin/sh
# The tests of the server mode start a PostgreSQL of their own: installs it if it is missing.
set -eu
. infra/setup/debian.sh

command -v initdb >/dev/null && exit 0
for initdb in /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$initdb" ] && exit 0
done
debian_install "the tests need PostgreSQL 13 or newer (initdb and pg_ctl)" postgresql
