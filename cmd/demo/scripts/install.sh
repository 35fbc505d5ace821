#!/bin/sh
# Installs the Debian packages that the demo or the tests need and that are missing, as root or by sudo
# without a password; otherwise says in one line what to install. Usage: install.sh demo|test|contract
set -eu

have() { command -v "$1" >/dev/null 2>&1; }
have_postgres() {
	have postgres && have initdb && return 0
	for bin in /usr/lib/postgresql/*/bin; do [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] && return 0; done
	return 1
}
have_browser() { have chromium || have chromium-browser || have google-chrome; }
# A page without a font that knows Vietnamese is drawn as boxes.
have_font() { for font in /usr/share/fonts/truetype/*/*.ttf; do [ -e "$font" ] && return 0; done; return 1; }

missing() {
	have_postgres || echo postgresql
	if [ "$1" = contract ]; then
		have node || echo nodejs
		have npm || echo npm
	fi
	if [ "$1" = test ]; then
		have_browser || echo chromium
		have_font || echo fonts-dejavu-core
		have pdftotext && have pdftoppm && have pdfsig || echo poppler-utils
		have certutil || echo libnss3-tools
		have pgbouncer || [ -x /usr/sbin/pgbouncer ] || echo pgbouncer
		have haproxy || [ -x /usr/sbin/haproxy ] || echo haproxy
	fi
}

what=${1:?demo, test or contract}
have "${GO:-go}" || {
	echo "make $what needs Go 1.26 or newer (https://go.dev/dl), with its bin folder in PATH" >&2
	exit 1
}
need=$(missing "$what" | tr '\n' ' ')
[ -n "$need" ] || exit 0

as=none
if [ "$(id -u)" = 0 ]; then as=; elif have sudo && sudo -n true 2>/dev/null; then as="sudo -n"; fi
if [ "$as" = none ] || ! have apt-get; then
	echo "make $what needs packages that are missing. As root, run:  apt-get install -y $need" >&2
	exit 1
fi
echo "installing $need" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { $as env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1; }
install_all() {
	apt update || return 1
	case " $need" in *" postgresql "*)
		# Only the programs are wanted, not a server of the machine's own.
		apt install -y --no-install-recommends postgresql-common || return 1
		conf=/etc/postgresql-common/createcluster.conf
		[ ! -e $conf ] ||
			$as sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' $conf || return 1
	esac
	apt install -y --no-install-recommends $need || return 1
	case " $need" in *" pgbouncer "*)
		# So too here; a test starts one of its own.
		! have systemctl || $as systemctl disable --now pgbouncer >>"$log" 2>&1 || :
	esac
}
if ! install_all; then
	tail -n 15 "$log" >&2
	echo "make $what could not install:  apt-get install -y $need" >&2
	exit 1
fi
left=$(missing "$what" | tr '\n' ' ')
if [ -n "$left" ]; then
	echo "make $what still misses what these packages should bring:  $left" >&2
	exit 1
fi
