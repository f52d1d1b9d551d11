#!/bin/sh
# The browser tests need Chromium and a Chinese font: installs them if they are missing.
set -eu

packages=
command -v chromium >/dev/null || packages="chromium"
fc-list :lang=zh 2>/dev/null | grep -q . || packages="$packages fonts-noto-cjk"
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
    echo "the browser tests need Chromium as 'chromium' and a Chinese font;" \
        "as root, run: apt-get install $packages" >&2
    exit 1
fi

echo "==> installing $packages (once)"
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $packages fontconfig
