#!/bin/sh
# Installs the servers that some tests start: Dovecot and OpenSMTPD, from Debian. Does nothing where they are.
set -eu
PATH="$PATH:/usr/sbin:/sbin"
packages=""
command -v dovecot >/dev/null || packages="$packages dovecot-imapd"
command -v smtpd >/dev/null || packages="$packages opensmtpd"
[ -n "$packages" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "to run all tests, install:$packages (on Debian, as root: sh $0)" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# The tests start them; nothing of the system's should listen.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
fi
install() {
    # shellcheck disable=SC2086 - a list of words
    apt-get install -qq -y --no-install-recommends $packages >/dev/null
}
install 2>/dev/null || { apt-get update -qq && install; }
