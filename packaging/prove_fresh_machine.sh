#!/usr/bin/env bash
# Proof of the two set-up commands on a machine that has nothing but Python.
#
#     sudo packaging/prove_fresh_machine.sh [SUITE] [FOLDER]
#
# Makes a minimal Debian system (debootstrap --variant=minbase) with only python3 in FOLDER, clones
# the project into it and runs there: run.py, run.py again, run.py killed with SIGKILL midway in a
# second clone and started again, test.py twice. Needs root, debootstrap and git; takes the mirror,
# certificates and pip settings of this machine. Every step must end as written here.
set -euo pipefail

suite=${1:-bookworm}
folder=${2:-$(mktemp -d /var/tmp/fresh.XXXXXX)}
source=$(cd "$(dirname "$0")/.." && pwd)
mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
mirror=${mirror:-$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\).*/\2/p' /etc/apt/sources.list | head -n 1)}

step() { printf '\n##### %s\n' "$*"; }
inside() {
    # Certificates of this machine under a name of their own: installing packages rewrites the usual.
    chroot "$folder" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        PIP_CERT=/etc/this-machine.crt SSL_CERT_FILE=/etc/this-machine.crt "$@"
}
cleanup() { umount -l "$folder/proc" "$folder/dev/shm" "$folder/dev" 2>/dev/null || true; }
trap cleanup EXIT

step "a minimal $suite with only python3 in $folder"
[ -e "$folder/usr/bin/python3" ] || debootstrap --variant=minbase --include=python3 "$suite" "$folder" "$mirror"
mount --bind /proc "$folder/proc"; mount --bind /dev "$folder/dev"; mount -t tmpfs shm "$folder/dev/shm"
cp -L /etc/ssl/certs/ca-certificates.crt "$folder/etc/this-machine.crt"
cp /etc/resolv.conf "$folder/etc/" 2>/dev/null || true
cp /etc/pip.conf "$folder/etc/" 2>/dev/null || true
cp /etc/apt/apt.conf.d/99* "$folder/etc/apt/apt.conf.d/" 2>/dev/null || true
inside python3 -c 'import venv, ensurepip' 2>/dev/null && echo "note: venv is complete here" || true

for name in one two; do
    rm -rf "$folder/root/$name"
    git clone -q "$source" "$folder/root/$name"
done

step "run.py, first time (no display: plays the example, leaves report and recording)"
inside python3 /root/one/packaging/run.py
test -s "$folder/root/one/build/demo/story.html"
test -s "$folder/root/one/build/demo/story.cxlrec"

step "run.py, second time (fast)"
start=$(date +%s)
inside python3 /root/one/packaging/run.py
echo "second start took $(($(date +%s) - start)) s"

step "run.py killed midway, then again"
inside python3 /root/two/packaging/run.py &
for _ in $(seq 600); do
    [ -d "$folder/root/two/.venv/lib" ] && break
    sleep 0.5
done
sleep 3
pkill -9 -f /root/two/packaging/run.py || true
pkill -9 -f /root/two/.venv/bin/python || true
wait || true
test ! -e "$folder/root/two/.venv/cxldesigner-stamp.json"
inside python3 /root/two/packaging/run.py
test -s "$folder/root/two/build/demo/story.html"

step "test.py, twice"
inside python3 /root/one/packaging/test.py
inside python3 /root/one/packaging/test.py

step "all of it worked"
