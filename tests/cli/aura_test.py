"""conf.d/aura over the generator's logs: every line arrives once, in the right daily index, found by what was planted in
it, and without the personal data that was planted in it."""
import collections
import glob
import json
import os
import re
import socket
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD = os.environ.get('PENSTOCK_BUILD', os.path.join(ROOT, 'build', 'release'))
LINES = int(os.environ.get('AURA_LINES', '30000'))


def run_aura(folder, logs, extra_env=None):
    env = dict(os.environ, AURA_LOGS=logs, AURA_READ_MODE='read', AURA_EXIT='true', AURA_STORE='embedded', AURA_INDICES=folder + '/indices',
               AURA_GEOIP='', AURA_USERAGENTS='/usr/share/uap-core/regexes.yaml' if os.path.exists('/usr/share/uap-core/regexes.yaml') else '')
    env.update(extra_env or {})
    return subprocess.run(
        [BUILD + '/penstock', '-f', ROOT + '/conf.d/aura/{10,20,30,40,50,90}-*.conf', '--path.data', folder + '/data',
         '--pipeline.ecs_compatibility', 'disabled', '--api.enabled', 'false', '--log.level', 'warn', '--summary', folder + '/summary.json'],
        env=env, capture_output=True, timeout=300)


class AuraTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        folder = cls.temporary.name
        subprocess.run([BUILD + '/aura-logs', '--out', folder + '/logs', '--events', str(LINES)], check=True)
        with open(folder + '/logs/manifest.json') as f:
            cls.manifest = json.load(f)
        cls.result = run_aura(folder, folder + '/logs')
        cls.documents = collections.defaultdict(list)
        for path in glob.glob(folder + '/indices/*.ndjson'):
            with open(path, encoding='utf-8') as f:
                cls.documents[os.path.basename(path)[:-7]] = [json.loads(line) for line in f]
        cls.all = [d for documents in cls.documents.values() for d in documents]

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def count(self, wanted):
        return sum(1 for d in self.all if wanted(d))

    def test_it_ends_by_itself_with_status_0(self):
        self.assertEqual(self.result.returncode, 0, self.result.stderr.decode(errors='replace')[-2000:])

    def test_every_line_is_a_document(self):
        self.assertEqual(len(self.all), self.manifest['total'])

    def test_indices_are_daily_and_of_the_four_kinds(self):
        kinds = {name[:-11] for name in self.documents}
        self.assertEqual(kinds, {'aura-logs', 'aura-security', 'aura-performance', 'aura-metrics'})
        for name, documents in self.documents.items():
            self.assertRegex(name, r'-\d{4}\.\d\d\.\d\d$')
            for d in documents:
                self.assertEqual(d['@timestamp'][:10].replace('-', '.'), name[-10:])

    def test_searches_find_what_was_planted(self):
        counts = self.manifest['counts']
        number = lambda d, f: d.get(f) if isinstance(d.get(f), (int, float)) else 0
        self.assertEqual(self.count(lambda d: d.get('levelname') == 'ERROR'), counts['level_error'])
        self.assertEqual(self.count(lambda d: d.get('security_event') is True and d.get('threat_type') == 'authentication_failed'),
                         counts['authentication_failed'])
        self.assertEqual(self.count(lambda d: number(d, 'request_duration') > 2.0 or number(d, 'db_queries') > 20), counts['slow_or_heavy'])
        self.assertEqual(self.count(lambda d: d.get('correlation_id') == self.manifest['correlation_id']), counts.get('correlation', 0))

    def test_slow_and_heavy_requests_have_their_category(self):
        category = lambda d: d.get('performance_category') or []
        self.assertEqual(self.count(lambda d: 'slow_request' in category(d)), self.manifest['counts']['slow_request'])
        self.assertEqual(self.count(lambda d: 'query_heavy' in category(d)), self.manifest['counts']['query_heavy'])

    def test_attacks_are_in_the_security_index_with_their_type(self):
        for name, planted in self.manifest['counts'].items():
            if not name.startswith('attack_'):
                continue
            found = self.count(lambda d: name[7:] in ([d.get('threat_type')] + (d.get('threat_types') or [])))
            self.assertGreaterEqual(found, planted, name)
        for d in self.all:
            self.assertEqual('attack' in d.get('tags', []), False)

    def test_ordinary_requests_are_no_attacks(self):
        # Everything that was not planted: attacks and failed logins are all there may be.
        planted = sum(n for name, n in self.manifest['counts'].items() if name.startswith('attack_')) + self.manifest['counts']['authentication_failed']
        flagged = self.count(lambda d: d.get('security_event') is True)
        self.assertLessEqual(flagged - planted, len(self.all) * 5 // 10000)

    def test_no_personal_data_is_left(self):
        card, ssn = re.compile(r'\b\d{4}-\d{4}-\d{4}-\d{4}\b'), re.compile(r'\bSSN \d{3}-\d{2}-\d{4}\b')
        mail, password = re.compile(r'[a-z]+\.[a-z]+\d+(@|%40)(mail\.)?(example|clinic|post)\.'), re.compile('Tr0ub4dor')
        for name, documents in self.documents.items():
            for d in documents:
                text = json.dumps(d)
                for pattern in (card, ssn, mail, password):
                    self.assertIsNone(pattern.search(text), text[:400])

    def test_broken_lines_are_kept_and_tagged(self):
        broken = self.count(lambda d: '_jsonparsefailure' in d.get('tags', []))
        self.assertEqual(broken, self.manifest['counts'].get('broken', 0))

    def test_the_ledger_adds_up(self):
        with open(self.temporary.name + '/summary.json') as f:
            summary = json.load(f)
        total = 0
        for line in summary['ledger']['sources']:
            self.assertEqual(line['in_flight'], 0)
            self.assertEqual(line['read'] + line['created'],
                             line['delivered'] + line['dead_lettered'] + sum(line['dropped'].values()) + line['in_flight'])
            total += line['read']
        self.assertEqual(total, self.manifest['total'])


class AuraNetworkTest(unittest.TestCase):
    def test_json_lines_over_tcp_and_datagrams_over_udp(self):
        with tempfile.TemporaryDirectory() as folder:
            ports = []
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                with socket.socket(socket.AF_INET, kind) as s:
                    s.bind(('127.0.0.1', 0))
                    ports.append(s.getsockname()[1])
            env = dict(os.environ, AURA_STORE='embedded', AURA_INDICES=folder + '/indices', AURA_TCP_PORT=str(ports[0]),
                       AURA_UDP_PORT=str(ports[1]), AURA_GEOIP='', AURA_USERAGENTS='')
            process = subprocess.Popen(
                [BUILD + '/penstock', '-f', ROOT + '/conf.d/aura/{11,20,30,40,50,90}-*.conf', '--path.data', folder + '/data',
                 '--pipeline.ecs_compatibility', 'disabled', '--api.enabled', 'false'], env=env, stderr=subprocess.PIPE, text=True)
            try:
                for line in process.stderr:
                    if 'started' in line.lower():
                        break
                event = {'timestamp': '2026-11-18T10:00:00Z', 'levelname': 'ERROR', 'message': 'over the wire'}
                with socket.create_connection(('127.0.0.1', ports[0]), 10) as s:
                    s.sendall((json.dumps(event) + '\n').encode() * 3)
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.sendto(json.dumps({'timestamp': '2026-11-18T10:00:00Z', 'metric': 'x', 'value': 1}).encode(), ('127.0.0.1', ports[1]))
                self.wait_for(folder + '/indices/aura-logs-2026.11.18.ndjson', 3)
                self.wait_for(folder + '/indices/aura-metrics-2026.11.18.ndjson', 1)
                process.terminate()
                self.assertEqual(process.wait(30), 0)
            finally:
                process.kill()
                process.wait()
                process.stderr.close()

    def wait_for(self, path, lines):
        """Bounded: looks at the file until it has the lines."""
        import time
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if os.path.exists(path):
                with open(path) as f:
                    if len(f.readlines()) >= lines:
                        return
            time.sleep(0.02)
        self.fail(f'{path} did not get {lines} lines')


if __name__ == '__main__':
    unittest.main()
