#!/usr/bin/env bash
# Installs what podbus needs on Debian 12 or 13, as root. Idempotent: a second run takes well under a second.
# setup.sh --for-tests also installs what only tests need: Docker Engine for the compose file.
# Needs: Node >= 18 with npm (only to bootstrap), make, git, Debian's archive and an npm registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PNPM_VERSION=12.21.0
CONTAINERD_FLOOR=1.7
NATS_FLOOR=2.10
KUBECTL_FLOOR=1.27
# Debian 12's own containerd, nats-server and kubectl are too old; these of Debian 13 depend only on libc6 >= 2.34.
DONOR_SUITE=trixie

TOOLS_BIN=$(cat libs/binaries/tools-dir.txt)
TOOLS_ROOT=$(dirname "$TOOLS_BIN")
FOR_TESTS=""
[ "${1:-}" != --for-tests ] || FOR_TESTS=yes
STAMP=.tools/setup-stamp${FOR_TESTS:+-for-tests}
APT_PACKAGES=(
  ca-certificates debian-archive-keyring   # signatures
  runc containernetworking-plugins iptables iproute2 # what containerd and CNI run
  docker-registry busybox-static           # images for the demo and the tests
)
SYSTEM_PROGRAMS=(runc iptables ip docker-registry busybox)
if [ -n "$FOR_TESTS" ]; then
  APT_PACKAGES+=(docker.io docker-compose debootstrap slirp4netns)
  # Debian 13 has the client in a package of its own.
  ! grep -qs '^VERSION_ID="13"' /etc/os-release || APT_PACKAGES+=(docker-cli)
  SYSTEM_PROGRAMS+=(dockerd docker docker-compose debootstrap slirp4netns)
fi
# The tests speak to old clients too: Debian 12's own kubectl is 1.20.
OLD_KUBECTL_SUITE=bookworm
PRIVATE_PROGRAMS=(containerd containerd-shim-runc-v2 ctr nats-server)

say() { printf '%s setup: %s\n' "$(date +%H:%M:%S)" "$*"; }
fail() {
  printf 'setup: %s\n' "$@" >&2
  exit 1
}

fingerprint() {
  cat scripts/setup.sh libs/binaries/tools-dir.txt pnpm-lock.yaml package.json pnpm-workspace.yaml \
    {libs,services}/*/package.json cli/package.json tests/package.json | sha256sum | cut -d' ' -f1
}

# have PROGRAM: is it in the private directory, on PATH or in the system directories?
have() { PATH="$TOOLS_BIN:$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

# at_least VERSION FLOOR
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n1)" = "$2" ]; }

# first_version: the first x.y(.z) on stdin
first_version() { grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n1; }

version_of() { # version_of PATH_OF_PROGRAM
  case "$(basename "$1")" in
    kubectl) "$1" version --client 2>/dev/null | first_version ;;
    *) "$1" --version 2>/dev/null | first_version ;;
  esac
}

# fresh_enough PROGRAM FLOOR: whether the program that would be found meets the floor
fresh_enough() {
  local path version
  path=$(PATH="$TOOLS_BIN:$PATH:/usr/sbin:/sbin" command -v "$1") || return 1
  version=$(version_of "$path") || return 1
  [ -n "$version" ] && at_least "$version" "$2"
}

up_to_date() {
  local program
  [ -r "$STAMP" ] && [ "$(cat "$STAMP")" = "$(fingerprint)" ] || return 1
  for program in "${PRIVATE_PROGRAMS[@]}"; do [ -x "$TOOLS_BIN/$program" ] || return 1; done
  for program in "${SYSTEM_PROGRAMS[@]}" kubectl ${FOR_TESTS:+kubectl-1.20}; do have "$program" || return 1; done
  [ -x .tools/node_modules/.bin/pnpm ] && [ -x node_modules/node/bin/node ] && [ -x node_modules/.bin/vitest ]
}

# ---- the operating system's part ----

missing_from_system() {
  local program
  for program in "${SYSTEM_PROGRAMS[@]}"; do have "$program" || echo "$program"; done
  [ -x /usr/lib/cni/bridge ] || [ -x /opt/cni/bin/bridge ] || echo "the CNI plugins"
  fresh_enough containerd "$CONTAINERD_FLOOR" || echo "containerd >= $CONTAINERD_FLOOR"
  have containerd-shim-runc-v2 || echo "containerd-shim-runc-v2"
  have ctr || echo "ctr"
  fresh_enough nats-server "$NATS_FLOOR" || echo "nats-server >= $NATS_FLOOR"
  fresh_enough kubectl "$KUBECTL_FLOOR" || echo "kubectl >= $KUBECTL_FLOOR"
  [ -z "$FOR_TESTS" ] || have kubectl-1.20 || echo "kubectl-1.20"
}

require_debian_root() {
  local release
  release=$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-?}") || release="unknown ?"
  case "$release" in
    "debian 12" | "debian 13") ;;
    *) fail "this is $release, and podbus installs its needs by itself only on Debian 12 and 13." \
      "Install yourself what is missing: $(echo "$1" | paste -sd, | sed 's/,/, /g')" ;;
  esac
  [ "$(id -u)" = 0 ] || fail "not root, so nothing can be installed. Missing: $(echo "$1" | paste -sd, | sed 's/,/, /g')" \
    "Run \"make setup\" once as root."
}

guard_dir=""
# The packages bring services (docker-registry, on Debian 13 also containerd and nats-server). Nobody asked for
# daemons: none is started (policy-rc.d), and none that comes with us is enabled for the next boot.
guard_services() {
  export RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod +x /usr/sbin/policy-rc.d
  guard_dir=/usr/sbin/policy-rc.d
}
unguard_services() {
  [ -z "$guard_dir" ] || rm -f "$guard_dir"
  guard_dir=""
}
trap unguard_services EXIT

apt_updated=""
apt_update() {
  [ -n "$apt_updated" ] && return
  say "reading Debian's package lists"
  apt-get update -qq -o Acquire::Retries=3 || fail "apt-get update failed: is Debian's archive reachable?"
  apt_updated=yes
}

apt_install() { # apt_install PACKAGE...: only those not there yet
  local package wanted=()
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || wanted+=("$package")
  done
  [ ${#wanted[@]} -gt 0 ] || return 0
  apt_update
  say "installing ${wanted[*]}"
  guard_services
  mkdir -p "$TOOLS_ROOT"
  apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "${wanted[@]}" >"$TOOLS_ROOT/apt.log" 2>&1 || {
    cat "$TOOLS_ROOT/apt.log" >&2
    fail "apt-get install failed"
  }
  unguard_services
  disable_services "${wanted[@]}"
}

disable_services() {
  local package units
  command -v systemctl >/dev/null || return 0
  for package in "$@"; do
    case "$package" in
      docker-registry | nats-server | containerd) units=("$package.service") ;;
      docker.io) units=(docker.service docker.socket containerd.service) ;;
      *) continue ;;
    esac
    systemctl disable "${units[@]}" >/dev/null 2>&1 || say "could not disable ${units[*]}"
  done
}

# The archive that this machine itself uses for its own suite. No host name is written down here.
archive_uri() {
  local codename
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt-get indextargets --format '$(CREATED_BY)|$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' |
    awk -F'|' -v c="$codename" '$1=="Packages" && $2=="Debian" && $3==c && $4=="main" {print $5; exit}'
}

# donor_unpack SUITE DIRECTORY PACKAGE...: takes packages of another suite from the machine's archive, checks their
# signatures, and unpacks their programs into a directory of ours. dpkg never hears of them.
donor_unpack() {
  local suite=$1 directory=$2 apt_dir=$TOOLS_ROOT/apt uri package deb apt=()
  shift 2
  apt_update
  uri=$(archive_uri)
  [ -n "$uri" ] || fail "apt has no entry for Debian's own archive; nothing to take $* from"
  mkdir -p "$apt_dir"/{state/lists/partial,cache/archives/partial,debs}
  # apt fetches as its own user.
  chmod 755 "$TOOLS_ROOT" "$apt_dir"
  : >"$apt_dir/status"
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
    "$uri" "$suite" /usr/share/keyrings/debian-archive-keyring.gpg >"$apt_dir/donor.sources"
  apt=(-o "Dir::Etc::sourcelist=$apt_dir/donor.sources" -o Dir::Etc::sourceparts=- -o "Dir::State=$apt_dir/state"
    -o "Dir::State::status=$apt_dir/status" -o "Dir::Cache=$apt_dir/cache" -o Acquire::Retries=3
    -o APT::Sandbox::User=root -o Acquire::Languages=none)
  say "reading $suite's package lists"
  apt-get "${apt[@]}" update -qq || fail "$suite's package lists could not be read or are not signed by Debian"
  for package in "$@"; do
    say "taking $package from $suite into $directory"
    rm -rf "$apt_dir/debs" "$apt_dir/unpacked"
    mkdir -p "$apt_dir/debs" "$apt_dir/unpacked" "$directory"
    (cd "$apt_dir/debs" && apt-get "${apt[@]}" download -qq "$package") || fail "$package could not be downloaded"
    deb=$(echo "$apt_dir"/debs/*.deb)
    dpkg-deb -x "$deb" "$apt_dir/unpacked"
    # A running program's file cannot be overwritten, but it can be replaced.
    cp -f --remove-destination "$apt_dir"/unpacked/usr/*bin/* "$directory/"
  done
  rm -rf "$apt_dir"
}

# link_system PROGRAM...: on Debian 13 the private directory only points to what apt installed.
link_system() {
  local program path
  mkdir -p "$TOOLS_BIN"
  for program in "$@"; do
    [ -x "$TOOLS_BIN/$program" ] && continue
    path=$(PATH="$PATH:/usr/sbin:/sbin" command -v "$program") || fail "$program is not where its package should put it"
    ln -sfn "$path" "$TOOLS_BIN/$program"
  done
}

install_system() {
  local debian donors=()
  debian=$(. /etc/os-release && echo "$VERSION_ID")
  apt_install "${APT_PACKAGES[@]}"
  fresh_enough containerd "$CONTAINERD_FLOOR" && have containerd-shim-runc-v2 && have ctr || donors+=(containerd)
  fresh_enough nats-server "$NATS_FLOOR" || donors+=(nats-server)
  fresh_enough kubectl "$KUBECTL_FLOOR" || donors+=(kubectl)
  if [ ${#donors[@]} -gt 0 ]; then
    if [ "$debian" = 12 ]; then donor_unpack "$DONOR_SUITE" "$TOOLS_BIN" "${donors[@]}"; else apt_install "${donors[@]}"; fi
  fi
  link_system "${PRIVATE_PROGRAMS[@]}"
  if [ -n "$FOR_TESTS" ] && ! have kubectl-1.20; then
    donor_unpack "$OLD_KUBECTL_SUITE" "$TOOLS_ROOT/kubectl-1.20" kubernetes-client
    ln -sfn ../kubectl-1.20/kubectl "$TOOLS_BIN/kubectl-1.20"
  fi
}

# ---- the workspace's part ----

install_workspace() {
  if [ "$(.tools/node_modules/.bin/pnpm --version 2>/dev/null)" != "$PNPM_VERSION" ]; then
    say "installing pnpm $PNPM_VERSION"
    npm install --prefix .tools --no-save --no-audit --no-fund --no-update-notifier --loglevel=error "pnpm@$PNPM_VERSION" >/dev/null
  fi
  say "installing the workspace's packages"
  local log=.tools/pnpm-install.log
  if ! CI=true .tools/node_modules/.bin/pnpm install --frozen-lockfile --reporter=append-only >"$log" 2>&1; then
    cat "$log" >&2
    fail "pnpm install failed"
  fi
  [ -x node_modules/node/bin/node ] || fail "pnpm install did not bring node_modules/node/bin/node"
}

main() {
  local missing
  if up_to_date; then
    say "everything is installed"
    return
  fi
  command -v npm >/dev/null || fail "npm is missing: install Node 18 or newer with npm first"
  mkdir -p .tools
  missing=$(missing_from_system)
  if [ -n "$missing" ] || ! [ -x "$TOOLS_BIN/containerd" ]; then
    require_debian_root "${missing:-links in $TOOLS_BIN}"
    install_system
    missing=$(missing_from_system)
    [ -z "$missing" ] || fail "still missing after the installation: $(echo "$missing" | paste -sd,)"
  fi
  install_workspace
  fingerprint >"$STAMP"
  say "done"
}

main "$@"
