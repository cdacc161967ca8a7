"""The penstock binary against a real Elasticsearch: plain, and with TLS, passwords and API keys.

Run by ./test elasticsearch, or: python3 -m unittest discover -s tests/integration -p '*_test.py'
PENSTOCK names the binary (build/release/penstock).
"""

import base64
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PENSTOCK = os.environ.get("PENSTOCK", str(ROOT / "build/release/penstock"))
START = str(ROOT / "tools/servers/elasticsearch.sh")


def free_port():
    """A port whose neighbour at +1000 (the engine's transport) is free too."""
    while True:
        with socket.socket() as http, socket.socket() as transport:
            http.bind(("127.0.0.1", 0))
            port = http.getsockname()[1]
            if port > 60000:
                continue
            try:
                transport.bind(("127.0.0.1", port + 1000))
            except OSError:
                continue
            return port


class Server:
    def __init__(self, secure=False):
        self.folder = tempfile.mkdtemp(prefix="penstock-es-")
        self.port = free_port()
        self.secure = secure
        arguments = [START, "start", str(self.port), self.folder] + (["SECURITY=1"] if secure else [])
        done = subprocess.run(arguments, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr)
        self.url = f"http{'s' if secure else ''}://localhost:{self.port}"
        self.authority = self.folder + "/conf/ca.pem"

    def stop(self):
        subprocess.run([START, "stop", str(self.port), self.folder], check=True)
        shutil.rmtree(self.folder)

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        context = None
        if self.secure:
            request.add_header("Authorization", "Basic " + base64.b64encode(b"admin:admin-pw").decode())
            context = ssl.create_default_context(cafile=self.authority)
        with urllib.request.urlopen(request, context=context, timeout=60) as reply:
            return json.load(reply)

    def count(self, index, query="*"):
        self.ask("POST", f"/{index}/_refresh")
        found = self.ask("POST", f"/{index}/_count", {"query": {"query_string": {"query": query}}})
        return found["count"]


class Case(unittest.TestCase):
    secure = False

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.secure)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="penstock-it-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def command(self, output, stdin_codec="json_lines"):
        config = self.folder / "test.conf"
        config.write_text("input { stdin { codec => %s } }\noutput { elasticsearch { %s } }\n" % (stdin_codec, output))
        return [PENSTOCK, "-f", str(config), "--path.data", str(self.folder / "data"), "--api.enabled", "false",
                "--pipeline.ecs_compatibility", "disabled"]

    def run_events(self, events, output, extra=""):
        text = "".join(json.dumps(event) + "\n" for event in events)
        host = f'hosts => ["{self.server.url}"] ilm_enabled => false {extra} '
        return subprocess.run(self.command(host + output), input=text, capture_output=True, text=True, timeout=120)

    def dlq(self, *arguments):
        return subprocess.run([PENSTOCK, "dlq", *arguments, "--path.data", str(self.folder / "data")],
                              capture_output=True, text=True, timeout=120)


class PlainTest(Case):
    def test_stores_each_event_once_in_its_daily_index(self):
        days = ["2026-11-19", "2026-11-20", "2026-11-21"]
        events = [{"@timestamp": f"{days[n % 3]}T10:00:00.000Z", "n": n, "message": 'a "quoted"\nline'}
                  for n in range(30000)]
        done = self.run_events(events, 'index => "daily-%{+YYYY.MM.dd}" manage_template => false')
        self.assertEqual(done.returncode, 0, done.stderr)
        for day in days:
            self.assertEqual(self.server.count("daily-" + day.replace("-", ".")), 10000)
        self.assertEqual(self.server.count("daily-*", "message:quoted"), 30000)

    def test_installs_the_templates_of_a_folder(self):
        event = {"@timestamp": "2026-11-21T10:00:00.000Z", "levelname": "ERROR", "client_ip": "81.2.69.142",
                 "request_duration": 2.5, "security_event": True, "threat_type": "authentication_failed"}
        done = self.run_events([event], 'index => "aura-logs-%{+YYYY.MM.dd}" template => "' + str(ROOT / "templates") + '"')
        self.assertEqual(done.returncode, 0, done.stderr)
        mapping = self.server.ask("GET", "/aura-logs-2026.11.21/_mapping")["aura-logs-2026.11.21"]["mappings"]
        self.assertEqual(mapping["properties"]["client_ip"]["type"], "ip")
        settings = self.server.ask("GET", "/aura-logs-2026.11.21/_settings")["aura-logs-2026.11.21"]["settings"]
        self.assertEqual(settings["index"]["codec"], "best_compression")
        for query in ["levelname:ERROR", 'security_event:true AND threat_type:"authentication_failed"',
                      "request_duration:>2.0 OR db_queries:>20"]:
            self.assertEqual(self.server.count("aura-logs-*", query), 1, query)

    def test_refused_events_become_letters_and_are_mended(self):
        events = [{"status": 200, "n": 1}, {"status": {"code": 5}, "n": 2}, {"status": 404, "n": 3}]
        done = self.run_events(events, 'index => "mend" manage_template => false')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.server.count("mend"), 2)
        letters = [json.loads(line) for line in self.dlq("show").stdout.splitlines()]
        self.assertEqual([(letter["status"], letter["event"]["n"]) for letter in letters], [(400, 2)])
        replayed = self.dlq("replay", "-f", str(self.folder / "test.conf"), "--set", "status=500", "--remove")
        self.assertEqual(replayed.returncode, 0, replayed.stderr)
        self.assertEqual(self.server.count("mend"), 3)
        self.assertEqual(self.server.count("mend", "status:500"), 1)
        self.assertIn("0  in all", self.dlq("list").stdout)

    def test_an_event_without_the_index_field_becomes_a_letter(self):
        done = self.run_events([{"n": 1}], 'index => "x-%{service}" manage_template => false')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("could not be resolved", self.dlq("list").stdout)

    def test_ids_with_create_store_a_repeated_event_once(self):
        events = [{"id": n % 10} for n in range(100)]
        done = self.run_events(events, 'index => "ids" action => create document_id => "%{id}" manage_template => false')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.server.count("ids"), 10)


class SecureTest(Case):
    secure = True

    def good(self, **changes):
        options = {"ssl_certificate_authorities": self.server.authority, "user": "admin", "password": "admin-pw"}
        options.update(changes)
        return " ".join(f'{name} => "{value}"' for name, value in options.items() if value is not None)

    def test_stores_over_tls_with_a_password(self):
        done = self.run_events([{"n": 1}], 'index => "tls-a" manage_template => false ' + self.good())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.server.count("tls-a"), 1)

    def test_stores_with_an_api_key(self):
        key = self.server.ask("POST", "/_security/api_key", {"name": "k"})
        done = self.run_events([{"n": 1}], 'index => "tls-b" manage_template => false ' +
                               self.good(user=None, password=None, api_key=f'{key["id"]}:{key["api_key"]}'))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.server.count("tls-b"), 1)

    def test_trusts_an_authority_by_its_fingerprint(self):
        shown = subprocess.run(["openssl", "x509", "-in", self.server.authority, "-noout", "-fingerprint", "-sha256"],
                               capture_output=True, text=True, check=True).stdout
        chain = self.good(ssl_certificate_authorities=None, ca_trusted_fingerprint=shown.strip().split("=")[1])
        # The engine sends only its own certificate, so the authority's fingerprint can't be found: refused.
        self.expect_fault(chain, "unknown authority")

    def expect_fault(self, options, message):
        """The event is held, the fault is said, no secret is, and a stop lets it be read again."""
        config = f'hosts => ["{self.server.url}"] ilm_enabled => false index => "tls-c" manage_template => false {options}'
        process = subprocess.Popen(self.command(config), stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdin.write('{"n":1}\n')
        process.stdin.flush()
        seen = ""
        deadline = time.monotonic() + 60
        while message not in seen and time.monotonic() < deadline:
            line = process.stderr.readline()
            if not line:
                break
            seen += line
        process.terminate()
        process.terminate()
        try:
            seen += process.communicate(timeout=60)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            seen += process.communicate()[1]
        self.assertIn(message, seen)
        self.assertNotIn("wrong-pw", seen)
        self.assertNotIn("admin-pw", seen)

    def test_says_that_the_password_is_wrong(self):
        self.expect_fault(self.good(password="wrong-pw"), "wrong user, password or api_key")

    def test_says_that_the_authority_is_unknown(self):
        self.expect_fault(self.good(ssl_certificate_authorities=None), "unknown authority")

    def test_can_leave_the_certificate_unchecked(self):
        done = self.run_events([{"n": 1}], 'index => "tls-d" manage_template => false ' +
                               self.good(ssl_certificate_authorities=None, ssl_verification_mode="none"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.server.count("tls-d"), 1)


class AbsentTest(unittest.TestCase):
    def test_says_that_the_connection_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            config = 'input { generator { count => 1 } } output { elasticsearch { hosts => ["http://127.0.0.1:%d"] manage_template => false } }' % free_port()
            process = subprocess.Popen([PENSTOCK, "-e", config, "--path.data", folder, "--api.enabled", "false"],
                                       stderr=subprocess.PIPE, text=True)
            seen = ""
            while "Connection refused" not in seen:
                line = process.stderr.readline()
                if not line:
                    break
                seen += line
            process.kill()
            process.communicate()
            self.assertIn("Connection refused", seen)


if __name__ == "__main__":
    unittest.main()
