#!/bin/sh
# Writes both locks from pyproject.toml: every package, pinned, with the hashes of all its files.
# Without --upgrade, what is pinned already stays as it is.
set -eu

compile() {
    out=$1 && shift
    .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links \
        --custom-compile-command 'make lock' --output-file "$out" --extra build "$@"
    echo "==> $out: $(grep -c '^[a-z].*==' "$out") packages"
}
compile requirements.txt "$@"
compile requirements-test.txt --extra test --constraint requirements.txt "$@"
