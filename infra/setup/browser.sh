#!/bin/sh
# The browser tests need Chromium and a Chinese font: installs them if they are missing.
set -eu
. infra/setup/debian.sh

packages=
command -v chromium >/dev/null || packages="chromium"
fc-list :lang=zh 2>/dev/null | grep -q . || packages="$packages fonts-noto-cjk"
[ -n "$packages" ] || exit 0
debian_install "the browser tests need Chromium as 'chromium' and a Chinese font" \
    $packages fontconfig
