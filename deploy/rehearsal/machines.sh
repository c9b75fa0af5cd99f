#!/bin/sh
# Clean machines with Debian 12 on this one, to bring up the cluster by the words of deploy/README.md
# and to break it: each is a folder booted with its own systemd in a network namespace of its own. The
# bridge between them is in a namespace too, so this machine's network is left alone.
#
# Needs root and: apt-get install debootstrap systemd-container iproute2
set -eu

folder=${MACHINES:-/var/tmp/machines}
packages=${PACKAGES:-python3 python3-venv etcd-server etcd-client patroni postgresql-15 haproxy pgbouncer}
addresses="db1:10.0.0.11 db2:10.0.0.12 app1:10.0.0.21 app2:10.0.0.22 client:10.0.0.31"
machines="db1 db2 app1 app2"
switch=countersign-switch

usage() {
    cat <<END
machines.sh make               make db1, db2, app1, app2 and their network
machines.sh boot NAME          switch a machine on
machines.sh in NAME COMMAND…   run a command there as root; in client: from here, in its network
machines.sh power-off NAME     cut the power: every process there dies at once
machines.sh unplug NAME        cut the network, and nothing else
machines.sh plug NAME          join it again
machines.sh clear              switch everything off and take it away

They lie in $folder (MACHINES). As they reach no network but their own, packages are fetched
beforehand (PACKAGES) and installed there from what was fetched; what else needs a network, the
first ./countersign --help, is run by chroot into the folder. $folder/shared is
/var/lib/countersign of app1 and app2.
END
    exit 2
}

make_clean() { # one clean system, the packages fetched and not installed
    debootstrap bookworm "$folder/clean"
    cp -L /etc/resolv.conf "$folder/clean/etc/resolv.conf"
    echo 'APT::Get::Assume-Yes "true";' >"$folder/clean/etc/apt/apt.conf.d/90yes"
    # shellcheck disable=SC2086
    chroot "$folder/clean" apt-get -q install --download-only $packages
}

make_machine() { # NAME
    cp -a "$folder/clean" "$folder/$1"
    echo "$1" >"$folder/$1/etc/hostname"
    rm -f "$folder/$1/etc/machine-id"
    {
        echo "127.0.0.1 localhost"
        for each in $addresses; do echo "${each#*:} ${each%%:*}"; done
    } >"$folder/$1/etc/hosts"
}

make_network() {
    ip netns add "$switch"
    ip -n "$switch" link add lan type bridge
    ip -n "$switch" link set lan up
    for each in $addresses; do
        name=${each%%:*}
        ip netns add "$name"
        ip -n "$switch" link add "$name" type veth peer name eth0 netns "$name"
        ip -n "$switch" link set "$name" master lan up
        ip -n "$name" address add "${each#*:}/24" dev eth0
        ip -n "$name" link set lo up
        ip -n "$name" link set eth0 up
    done
}

make() {
    mkdir -p "$folder/shared"
    [ -d "$folder/clean" ] || make_clean
    for name in $machines; do make_machine "$name"; done
    make_network
}

# A group of processes for each machine, or services of one name on two machines would be one.
groups() { ls -d /sys/fs/cgroup/systemd /sys/fs/cgroup/unified 2>/dev/null || echo /sys/fs/cgroup; }

boot() { # NAME
    name=$1
    set -- --quiet --boot --directory="$folder/$name" --machine="$name" --keep-unit --register=no \
        --network-namespace-path="/run/netns/$name" --resolv-conf=off --timezone=off
    case $name in app*) set -- "$@" --bind="$folder/shared:/var/lib/countersign" ;; esac
    (
        for each in $(groups); do
            mkdir -p "$each/countersign-$name"
            echo 0 >"$each/countersign-$name/cgroup.procs"
        done
        exec systemd-nspawn "$@" </dev/null >"$folder/$name.console" 2>&1
    ) &
    echo $! >"$folder/$name.pid"
    until [ -n "$(first_process "$name")" ] && is_up "$name"; do
        kill -0 "$(cat "$folder/$name.pid")" || exit 1
        sleep 1
    done
}

# Degraded is up: a computer may lack what a service of Debian wants of its kernel.
is_up() { enter "$1" systemctl is-system-running --wait 2>&1 | grep -Eqx 'running|degraded'; } # NAME

first_process() { pgrep -P "$(cat "$folder/$1.pid")" || true; } # NAME

enter() { # NAME COMMAND…
    name=$1
    shift
    [ -d "$folder/$name" ] || exec ip netns exec "$name" "$@"
    nsenter --all --target "$(first_process "$name")" env -i HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

power_off() { # NAME
    [ -f "$folder/$1.pid" ] || return 0
    first=$(first_process "$1")
    [ -z "$first" ] || kill -KILL "$first"
    rm -f "$folder/$1.pid"
}

clear() {
    for name in $machines; do power_off "$name"; done
    sleep 2
    for each in $addresses; do ip netns delete "${each%%:*}" || true; done
    ip netns delete "$switch" || true
    for each in $(groups); do
        find "$each"/countersign-* -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    rm -rf "$folder"
}

case $# in 0) usage ;; esac
act=$1
shift
case $act in
    make | clear) "$act" ;;
    boot) boot "$1" ;;
    in) enter "$@" ;;
    power-off) power_off "$1" ;;
    unplug) ip -n "$switch" link set "$1" down ;;
    plug) ip -n "$switch" link set "$1" up ;;
    *) usage ;;
esac
