# Shared by the scripts of this folder, which start real servers for tests and the quickstart.
# Sourced, not run. Everything that is downloaded stays in CACHE, so that a second start is quick
# and needs no network.

CACHE=${PENSTOCK_CACHE:-$HOME/.cache/penstock}
MAVEN_REPOSITORY=$CACHE/maven
JAVA_BIN=${JAVA_HOME:+$JAVA_HOME/bin/}

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

require_commands() {
  local missing=()
  local command
  for command in "$@"; do
    command -v "$command" > /dev/null || missing+=("$command")
  done
  [ ${#missing[@]} -eq 0 ] ||
    fail "needs ${missing[*]}; on Debian and Ubuntu: apt-get install maven openjdk-17-jdk-headless curl jq unzip openssl"
}

# maven ARGUMENTS...: says what to do when there is no network.
run_maven() {
  local log
  log=$(mktemp)
  if ! mvn -B -q -Dmaven.repo.local="$MAVEN_REPOSITORY" "$@" > "$log" 2>&1; then
    grep -E 'ERROR' "$log" | head -5 >&2
    rm -f "$log"
    fail "the download from Maven Central failed; is there a network? (set PENSTOCK_CACHE to a filled cache to work without)"
  fi
  rm -f "$log"
}

fetch_artifact() {  # group:name:version:type
  run_maven org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get -Dtransitive=false -Dartifact="$1"
}

# One installation at a time, however many tests start together.
lock_cache() { mkdir -p "$CACHE"; exec 8> "$CACHE/.lock"; flock 8; }
unlock_cache() { exec 8>&-; }

write_log4j() {
  cat > "$1" <<'P'
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
P
}

# A CA and certificates signed by it: make_certificates FOLDER NAME:COMMON_NAME...
make_certificates() {
  local folder=$1 pair file
  shift
  [ -e "$folder/ca.pem" ] && return 0
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$folder/ca.key" -out "$folder/ca.pem" \
    -subj /CN=test-ca -days 3650 2> /dev/null
  for pair in "$@"; do
    file=$folder/${pair%%:*}
    openssl req -newkey rsa:2048 -nodes -keyout "$file.key" -out "$file.csr" -subj "/CN=${pair#*:}" 2> /dev/null
    openssl x509 -req -in "$file.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 3650 \
      -out "$file.pem" 2> /dev/null \
      -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1"; echo "extendedKeyUsage=serverAuth,clientAuth")
  done
}

alive() { [ -s "$1/pid" ] && kill -0 "$(cat "$1/pid")" 2> /dev/null; }

# wait_until_ready DATADIR CURL-ARGUMENTS...: up to 120 s for the node to answer.
wait_until_ready() {
  local folder=$1 deadline=$((SECONDS + 120))
  shift
  while [ $SECONDS -lt $deadline ]; do
    curl -fsS -o /dev/null --max-time 10 "$@" 2> /dev/null && return 0
    alive "$folder" || { tail -20 "$folder/node.log" >&2; fail "the node died; see $folder/node.log"; }
    sleep 0.1
  done
  stop_node "$folder"
  fail "not ready after 120 s; see $folder/node.log"
}

stop_node() {
  local pid
  alive "$1" || { rm -f "$1/pid"; return 0; }
  pid=$(cat "$1/pid")
  kill "$pid" 2> /dev/null || true
  for _ in $(seq 200); do
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.1
  done
  kill -9 "$pid" 2> /dev/null || true
  rm -f "$1/pid"
}

# parse_arguments start|stop|status PORT DATADIR [SECURITY=1]: sets COMMAND PORT DATADIR.
parse_arguments() {
  [ $# -ge 3 ] || { sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$0" >&2; exit 2; }
  COMMAND=$1 PORT=$2
  DATADIR=$(mkdir -p "$3" && cd "$3" && pwd)
  shift 3
  local setting
  for setting in "$@"; do
    case $setting in
      SECURITY=*|VERSION=*|HEAP=*|EXTRA=*) export "${setting?}" ;;
      *) fail "what is '$setting'?" ;;
    esac
  done
}
