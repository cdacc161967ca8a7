#!/bin/bash
# elasticsearch.sh start|stop|status PORT DATADIR [SECURITY=1]
#
# One real Elasticsearch node on 127.0.0.1:PORT (and PORT+1000 for its transport), as root or as
# any user. `start` returns when the node answers and does nothing when it runs already; a second
# start on the same DATADIR finds the old data. Writes DATADIR/pid and DATADIR/node.log.
#
# It is Elasticsearch's own integration-test distribution from Maven Central (server, netty, x-pack
# core and security; Elastic License 2.0, fetched and never shipped) with the small plugin in
# elasticsearch/, which adds what that distribution leaves out: GET /, _ilm/policy, three analyzers.
#
# Environment or further arguments: VERSION (8.11.4; 8.11.0 and 7.17.29 work too), HEAP (512m),
#   SECURITY=1 (8.x): HTTPS, user admin / admin-pw, API keys, certificates DATADIR/conf/{ca,node}.pem
#   EXTRA: more lines for elasticsearch.yml;  PENSTOCK_CACHE: where downloads are kept
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
. "$HERE/common.sh"
parse_arguments "$@"
VERSION=${VERSION:-8.11.4} SECURITY=${SECURITY:-} HEAP=${HEAP:-512m}
HOME_DIR=$CACHE/elasticsearch-$VERSION
CONF=$DATADIR/conf

install_elasticsearch() {
  [ -e "$HOME_DIR/.ready" ] && return 0
  require_commands mvn unzip "${JAVA_BIN}javac"
  local group=org.elasticsearch.distribution.integ-test-zip
  fetch_artifact "$group:elasticsearch:$VERSION:zip"
  rm -rf "$HOME_DIR"
  unzip -q "$MAVEN_REPOSITORY/${group//.//}/elasticsearch/$VERSION/elasticsearch-$VERSION.zip" -d "$CACHE"
  mkdir -p "$HOME_DIR/launcher"
  "${JAVA_BIN}javac" -nowarn -cp "$HOME_DIR/lib/*" -d "$HOME_DIR/launcher" "$HERE/elasticsearch/Launcher.java"
  case $VERSION in 7.*) ;; *) install_shim ;; esac
  touch "$HOME_DIR/.ready"
}

install_shim() {  # written against the plugin API of 8.11
  local module=$HOME_DIR/modules/shim
  mkdir -p "$module/classes"
  "${JAVA_BIN}javac" -nowarn -cp "$HOME_DIR/lib/*:$HOME_DIR/modules/x-pack-core/*" -d "$module/classes" \
    "$HERE"/elasticsearch/ShimPlugin.java "$HERE"/elasticsearch/IlmShim.java
  (cd "$module/classes" && "${JAVA_BIN}jar" cf ../shim.jar .)
  rm -r "$module/classes"
  printf '%s\n' name=shim description=shim "version=$VERSION" "elasticsearch.version=$VERSION" \
    java.version=17 classname=ShimPlugin extended.plugins=x-pack-core > "$module/plugin-descriptor.properties"
}

configure() {
  mkdir -p "$CONF" "$DATADIR"/{data,repo,tmp}
  write_log4j "$CONF/log4j2.properties"
  cat > "$CONF/elasticsearch.yml" <<Y
cluster.name: penstock-test
node.name: node-0
path.data: $DATADIR/data
path.repo: [$DATADIR/repo]
network.host: 127.0.0.1
http.port: $PORT
transport.port: $((PORT + 1000))
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
node.store.allow_mmap: false
action.destructive_requires_name: false
xpack.security.enabled: $([ -n "$SECURITY" ] && echo true || echo false)
${EXTRA:-}
Y
  [ -n "$SECURITY" ] || return 0
  require_commands openssl
  make_certificates "$CONF" node:localhost
  echo admin:admin-pw > "$CONF/users"   # the file realm takes a password that isn't hashed
  echo superuser:admin > "$CONF/users_roles"
  cat >> "$CONF/elasticsearch.yml" <<Y
xpack.security.http.ssl: {enabled: true, certificate: node.pem, key: node.key, certificate_authorities: [ca.pem], client_authentication: optional}
Y
}

launch() {
  local class_path
  case $VERSION in
    7.*) class_path=(-cp "$HOME_DIR/launcher:$HOME_DIR/lib/*") ;;
    # 8.x insists on its own named modules
    *) class_path=(--module-path "$HOME_DIR/lib" --add-modules=ALL-MODULE-PATH,jdk.net -cp "$HOME_DIR/launcher") ;;
  esac
  cd "$DATADIR"
  setsid "${JAVA_BIN}java" "-Xms$HEAP" "-Xmx$HEAP" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
    -Djava.io.tmpdir="$DATADIR/tmp" -Djava.awt.headless=true -Dfile.encoding=UTF-8 \
    -Dlog4j2.disable.jmx=true -Dlog4j.shutdownHookEnabled=false -Dio.netty.noUnsafe=true \
    -Des.path.home="$HOME_DIR" -Des.path.conf="$CONF" "${class_path[@]}" Launcher \
    > "$DATADIR/node.log" 2>&1 < /dev/null &
  echo $! > "$DATADIR/pid"
}

ready() {
  local url=http://127.0.0.1:$PORT credentials=()
  [ -z "$SECURITY" ] || { url=https://127.0.0.1:$PORT; credentials=(--cacert "$CONF/ca.pem" -u admin:admin-pw); }
  wait_until_ready "$DATADIR" "${credentials[@]}" "$url/_cluster/health?wait_for_status=yellow&timeout=5s"
}

case $COMMAND in
  start)
    require_commands curl "${JAVA_BIN}java"
    alive "$DATADIR" && { ready; cat "$DATADIR/pid"; exit 0; }
    lock_cache
    install_elasticsearch
    unlock_cache
    configure
    launch
    ready
    cat "$DATADIR/pid"
    ;;
  stop) stop_node "$DATADIR" ;;
  status) alive "$DATADIR" && echo running || { echo stopped; exit 3; } ;;
  *) fail "start, stop or status, not '$COMMAND'" ;;
esac
