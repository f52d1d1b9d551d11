# Sourced by the scripts beside it: installs packages of Debian, or says what to run.
# usage: debian_install WHY PACKAGE…

debian_install() {
    why=$1 && shift
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
        echo "$why; as root, run: apt-get install $*" >&2
        exit 1
    fi
    echo "==> installing $* (once)"
    $as_root apt-get update -q
    if [ "$1" = postgresql ]; then
        # Only its programs are wanted: no cluster is made and nothing is started by the package.
        $as_root mkdir -p /etc/postgresql-common
        [ -e /etc/postgresql-common/createcluster.conf ] ||
            echo 'create_main_cluster = false' |
            $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}
