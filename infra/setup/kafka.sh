#!/bin/sh
# The tests of the server mode start a real Kafka: installs Java and Maven if they are missing, and
# fetches Kafka's jars once into a cache outside of the project.
set -eu
. infra/setup/debian.sh

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

debian_install "the tests start a Kafka, which needs Java 17 or newer and Maven" $packages
fetch
