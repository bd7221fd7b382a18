#!/bin/sh
# Installs from Debian what a verb of the Makefile needs and this machine lacks; otherwise does nothing.
#   deploy/debian.sh venv PYTHON      what PYTHON needs to make virtual environments
#   deploy/debian.sh postgresql-15    PostgreSQL 15's programs, which only the tests use
#   deploy/debian.sh kafka            Java and Maven, for the Kafka broker of tests and trials
set -eu

fail() {
    echo "deploy/debian.sh: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

can_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }
}

install_packages() {
    can_install || fail "cannot install $* here; install it by hand, then run this again"
    echo "deploy/debian.sh: installing $*" >&2
    as_root apt-get -qq update >/dev/null || fail "apt-get update failed; $* is needed"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --yes --no-install-recommends "$@" >/dev/null ||
        fail "apt-get could not install $*; install it by hand, then run this again"
}

venv() {
    command -v "$1" >/dev/null || fail "no Python ${1:-found}; install Python 3.11 or later, or name one: make PYTHON=..."
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$1 is older than Python 3.11; name a later one: make PYTHON=..."
    "$1" -c 'import ensurepip, venv' 2>/dev/null ||
        install_packages "$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
}

# Installing Debian's server starts a database cluster on port 5432. Nobody asked for one, so its
# creation is switched off for the time of the installation.
without_a_cluster() {
    conf=/etc/postgresql-common/createcluster.conf
    as_root cp -p "$conf" "$conf.before"
    trap 'as_root mv "$conf.before" "$conf"' EXIT
    trap 'exit 130' INT TERM
    echo "create_main_cluster = false" | as_root tee -a "$conf" >/dev/null
    "$@"
}

postgresql_15() {
    [ ! -x /usr/lib/postgresql/15/bin/postgres ] || return 0
    install_packages postgresql-common
    without_a_cluster install_packages postgresql-15
}

kafka() {
    missing=""
    command -v java >/dev/null || missing="openjdk-17-jre-headless"
    command -v mvn >/dev/null || missing="$missing maven"
    # Unquoted on purpose: one word a package.
    [ -z "$missing" ] || install_packages $missing
}

case "${1:-}" in
    venv) venv "${2:-}" ;;
    postgresql-15) postgresql_15 ;;
    kafka) kafka ;;
    *) fail "usage: deploy/debian.sh venv PYTHON | postgresql-15 | kafka" ;;
esac
