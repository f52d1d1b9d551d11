#!/bin/sh
# Makes .venv with the locked packages and this project in it; quick when all is there already.
# usage: sh infra/setup/install.sh run|test
set -eu

case "${1:-}" in
run) lock=requirements.txt ;;
test) lock=requirements-test.txt ;;
*) echo "usage: sh infra/setup/install.sh run|test" >&2 && exit 2 ;;
esac
python=${PYTHON:-python3}
venv=.venv

say() { echo "==> $*"; }
die() { echo "set-up stopped: $*" >&2 && exit 1; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    die "Python 3.11 or newer is needed; install it, or name it: make run PYTHON=/path/to/python3"

# A virtual environment breaks when it is moved, and is stale when a lock changed.
made_from=$(
    { pwd && "$python" -V && cat requirements.txt requirements-test.txt infra/setup/install.sh; } |
        sha256sum
)
project=$(sha256sum pyproject.toml)
holds() { [ "$(cat "$venv/$1" 2>/dev/null)" = "$2" ] && "$venv/bin/python" -c '' 2>/dev/null; }

# Debian's python3 cannot put pip into an environment without python3-venv; the pip of the system
# can install into it from the outside.
if "$python" -c 'import ensurepip' 2>/dev/null; then
    with_pip='' pip="$venv/bin/python -m pip"
elif "$python" -m pip --version >/dev/null 2>&1; then
    with_pip='--without-pip' pip="$python -m pip --python $venv/bin/python"
else
    die "pip is missing; install it with: apt-get install python3-pip"
fi

if ! holds made-from "$made_from"; then
    say "making $venv with $("$python" -V)"
    "$python" -m venv --clear $with_pip "$venv"
    echo "$made_from" >"$venv/made-from"
fi

# The test packages are a superset of those needed to run.
if ! holds "$lock.done" "$made_from" && ! holds requirements-test.txt.done "$made_from"; then
    say "installing $(grep -c '^[a-z].*==' "$lock") packages from $lock (once; about 300 MB)"
    # Only ready-made wheels: building one would fetch build tools that no lock pins.
    $pip install --require-hashes --only-binary :all: --disable-pip-version-check -r "$lock"
    echo "$made_from" >"$venv/$lock.done"
fi

if ! holds project.done "$project"; then
    say "installing duban itself"
    $pip install --quiet --no-index --no-deps --no-build-isolation --disable-pip-version-check \
        --editable .
    echo "$project" >"$venv/project.done"
fi
