#!/bin/sh
# Installs a package on this machine, runs the program as its account does, and purges it again:
# for a container that is thrown away. Usage: smoke.sh PACKAGE.deb
set -eu

package=$1
export DEBIAN_FRONTEND=noninteractive
say() { echo "smoke: $*"; }
fail() {
    say "$*" >&2
    exit 1
}
# Becomes the program, so that a signal reaches that: for a subshell.
as_service() {
    set -a
    # shellcheck disable=SC1091
    . /etc/jumpstarter/jumpstarter.env
    cd /
    exec setpriv --reuid jumpstarter --regid jumpstarter --init-groups jumpstarter "$@"
}

if command -v apt-get > /dev/null && [ "${2-}" != --offline ]; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$package" > /dev/null
else
    dpkg -i "$package" > /dev/null
fi
say "installed: $(jumpstarter version)"
[ "$(stat -c '%a %U:%G' /etc/jumpstarter/jumpstarter.env)" = '640 root:jumpstarter' ] ||
    fail 'the settings are not for root and the service alone'
[ -f /usr/lib/systemd/system/jumpstarter.service ] || fail 'there is no unit'

# What systemd makes for the service.
install -d -o jumpstarter -g jumpstarter -m 700 /var/lib/jumpstarter
install -d -o jumpstarter -g jumpstarter /var/cache/jumpstarter /run/jumpstarter
sockets=unix:/run/jumpstarter
as_service serve --workers 2 --listen "$sockets" &
server=$!
jumpstarter healthcheck "$sockets" --wait 120 --pid "$server" ||
    fail 'it did not become ready'
[ "$(stat -c %U /var/lib/jumpstarter/postgres)" = jumpstarter ] || fail 'it ran as somebody else'
(as_service verify > /dev/null) || fail 'its counts do not agree'
kill -USR2 "$server"
sleep 3
jumpstarter healthcheck "$sockets" --wait 30 || fail 'it was not ready after a reload'
kill -TERM "$server"
wait "$server" || fail "it ended with $?"
say 'served, reloaded, stopped'

dpkg -r jumpstarter > /dev/null
[ -d /var/lib/jumpstarter/postgres ] || fail 'removing it took the data'
[ -f /etc/jumpstarter/jumpstarter.env ] || fail 'removing it took the settings'
id jumpstarter > /dev/null || fail 'removing it took the account'
dpkg -P jumpstarter > /dev/null
[ ! -e /etc/jumpstarter ] || fail 'purging it left settings'
[ -d /var/lib/jumpstarter/postgres ] || fail 'purging it took the data, which nobody had said'
id jumpstarter > /dev/null || fail 'data were kept without their owner'
say 'removed and purged; the data were kept'

dpkg -i "$package" > /dev/null
echo 'jumpstarter jumpstarter/delete-data boolean true' | debconf-set-selections
dpkg -r jumpstarter > /dev/null
dpkg -P jumpstarter > /dev/null
[ ! -e /var/lib/jumpstarter ] || fail 'purging it left data that were to go'
! id jumpstarter > /dev/null 2>&1 || fail 'purging it left the account'
say 'purged with its data'
