#!/bin/sh
# The tests of the server mode start a real Kafka: installs Java and Maven if they are missing, and
# fetches Kafka's jars once into a cache outside of the project.
set -eu

packages=
if ! command -v java >/dev/null; then
    packages="default-jre-headless maven"
elif ! command -v mvn >/dev/null; then
    packages="maven"
fi

fetch() { exec .venv/bin/python -c 'from infra.kafka_local.jars import *; java(); require_jars()'; }

# With the jars already there nobody needs Maven.
[ "$packages" != maven ] || ! .venv/bin/python -c \
    'import sys; from infra.kafka_local.jars import present; sys.exit(not present())' || fetch
[ -n "$packages" ] || fetch

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
    echo "the tests start a Kafka, which needs Java 17 or newer and Maven;" \
        "as root, run: apt-get install $packages" >&2
    exit 1
fi

echo "==> installing $packages (once)"
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $packages
fetch
