"""Pipelines that hand events to each other: Logstash's usual patterns, the ledger, backpressure, kills."""
import json
import os
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli_test
import pipelines_test
from pipelines_test import GENERATE

DEAD = 'output { elasticsearch { hosts => ["http://127.0.0.1:1"] index => "a" manage_template => false } }'


class PipelineToPipeline(pipelines_test.WithPipelines):
    def json_to(self, name):
        return 'output { file { path => "%s" codec => json_lines } }' % self.path(name)

    def events(self, name):
        return [json.loads(line) for line in self.lines(name)]

    def ledger_of(self, summary):
        out = {}
        for source in summary['ledger']['sources']:
            self.assert_adds_up(source)
            read, delivered = out.get(source['pipeline'], (0, 0))
            out[source['pipeline']] = (read + source['read'], delivered + source['delivered'])
        return out

    def input_file(self, count):
        self.write('in.log', ''.join(f'line {i}\n' for i in range(count)))
        return 'input { file { path => "%s" mode => read file_completed_action => log file_completed_log_path => "/dev/null" ' \
               'start_position => beginning exit_after_read => true } } ' % self.path('in.log')

    def wait_for(self, condition, what):
        deadline = time.monotonic() + cli_test.TIMEOUT_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)

    def test_distributor_one_pipeline_routes_to_others(self):
        flags = self.settings(
            ('entry', 'input { generator { lines => ["a", "b", "c"] count => 1000 } } output { if [message] == "a" '
                      '{ pipeline { send_to => aa } } else if [message] == "b" { pipeline { send_to => "bb" } } else { null {} } }'),
            ('for-a', 'input { pipeline { address => aa } } ' + self.to_file('a.log')),
            ('for-b', 'input { pipeline { address => "bb" } } ' + self.to_file('b.log'), 'pipeline.workers: 2'))
        _, summary = self.summary(*flags)
        self.assertEqual((self.lines('a.log'), self.lines('b.log')), (['a'] * 1000, ['b'] * 1000))
        self.assertEqual(self.ledger_of(summary), {'entry': (3000, 3000), 'for-a': (1000, 1000), 'for-b': (1000, 1000)})

    def test_forked_path_each_changes_its_own_copy(self):
        flags = self.settings(
            ('entry', 'input { generator { count => 500 message => \'{"user":{"name":"anna"},"tags":["t"]}\' codec => json } } '
                      'filter { mutate { add_field => { "[@metadata][from]" => "entry" } } } '
                      'output { pipeline { send_to => ["plain", "masked"] } }'),
            ('plain', 'input { pipeline { address => plain add_field => { "via" => "%{[@metadata][from]}" } } } ' + self.json_to('plain.log')),
            ('masked', 'input { pipeline { address => masked tags => ["m"] } } filter { mutate { replace => { "[user][name]" => "x" } '
                       'add_field => { "[user][deep][er]" => "y" } } } ' + self.json_to('masked.log')))
        _, summary = self.summary(*flags)
        plain, masked = self.events('plain.log'), self.events('masked.log')
        self.assertEqual(len(plain), 500)
        self.assertEqual({(e['user']['name'], e['via'], tuple(e['tags'])) for e in plain}, {('anna', 'entry', ('t',))})
        self.assertEqual({(json.dumps(e['user']), tuple(e['tags'])) for e in masked},
                         {('{"name": "x", "deep": {"er": "y"}}', ('t', 'm'))})
        self.assertEqual(sorted(e['@timestamp'] for e in plain), sorted(e['@timestamp'] for e in masked))
        self.assertEqual(self.ledger_of(summary), {'entry': (500, 500), 'plain': (500, 500), 'masked': (500, 500)})

    def test_collector_several_send_to_one(self):
        flags = self.settings(
            ('one', GENERATE % ('a', 700) + 'output { pipeline { send_to => ["all"] } }'),
            ('two', GENERATE % ('b', 900) + 'output { pipeline { send_to => ["all"] } }', 'pipeline.workers: 3'),
            ('all', 'input { pipeline { address => "all" } } ' + self.to_file('all.log')))
        _, summary = self.summary(*flags)
        self.assertEqual(sorted(self.lines('all.log')), ['a'] * 700 + ['b'] * 900)
        self.assertEqual({(s['source'], s['read']) for s in summary['ledger']['sources'] if s['pipeline'] == 'all'},
                         {('one', 700), ('two', 900)})

    def test_an_event_crosses_whole(self):
        event = '{"@timestamp":"2020-01-02T03:04:05.678Z","n":1.50,"big":12345678901234567890,"l":[1,[],{}],"e":"","t":"\\u00e4\\n\\"",' \
                '"nil":null,"b":true,"@metadata":{"k":["v",2]}}'
        keep = 'filter { mutate { add_field => { "k" => "%{[@metadata][k]}" } } } '
        flags = self.settings(
            ('in', "input { generator { count => 1 codec => json message => '" + event + "' } } output { pipeline { send_to => xx } }"),
            ('out', 'input { pipeline { address => xx } } ' + keep + self.json_to('out.log')))
        self.summary(*flags)
        got = self.lines('out.log')[0]
        for part in ('"@timestamp":"2020-01-02T03:04:05.678Z"', '"n":1.50', '"big":12345678901234567890', '"l":[1,[],{}]',
                     '"e":""', '"nil":null', '"b":true', '"k":"v,2"'):
            self.assertIn(part, got)
        self.assertEqual(json.loads(got)['t'], 'ä\n"')

    def test_output_isolator_a_blocked_one_holds_its_share_and_the_end_is_bounded(self):
        flags = self.settings(
            ('entry', self.input_file(3000) + 'output { pipeline { send_to => ["good", "dead"] } }'),
            ('good', 'input { pipeline { address => good } } ' + self.to_file('good.log')),
            ('dead', 'input { pipeline { address => dead } } ' + DEAD))
        process = self.start(*flags, '--shutdown.grace', '1', '--summary', self.path('summary.json'))
        self.wait_for(lambda: os.path.exists(self.path('good.log')) and len(self.lines('good.log')) == 3000, 'the good one goes on')
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(cli_test.TIMEOUT_S), 0)
        self.assertLess(time.monotonic() - began, 20)
        with open(self.path('summary.json')) as file:
            summary = json.load(file)
        self.assertFalse(summary['complete'])
        self.assertEqual(summary['ledger']['total']['in_flight'], 6000)  # entry's and dead's
        # Nothing was acknowledged, so the file is read again from its start.
        os.unlink(self.path('good.log'))
        flags = self.settings(
            ('entry', self.input_file(3000) + 'output { pipeline { send_to => ["good", "dead"] } }'),
            ('good', 'input { pipeline { address => good } } ' + self.to_file('good.log')),
            ('dead', 'input { pipeline { address => dead } } ' + self.to_file('dead.log')))
        _, summary = self.summary(*flags)
        wanted = sorted(f'line {i}' for i in range(3000))
        self.assertEqual((sorted(self.lines('good.log')), sorted(self.lines('dead.log'))), (wanted, wanted))
        self.assertEqual(self.ledger_of(summary)['entry'], (3000, 3000))

    def test_a_kill_loses_nothing_that_crossed(self):
        pipelines = (('entry', self.input_file(20000) + 'output { pipeline { send_to => ["down"] } }'),
                     ('down', 'input { pipeline { address => down } } ' + self.to_file('out.log')))
        process = self.start(*self.settings(*pipelines))
        self.wait_for(lambda: os.path.exists(self.path('out.log')) and os.path.getsize(self.path('out.log')) > 0, 'first lines')
        process.kill()
        process.wait(cli_test.TIMEOUT_S)
        self.summary(*self.settings(*pipelines))
        self.assertEqual(set(self.lines('out.log')) - {''}, {f'line {i}' for i in range(20000)})

    def test_a_slow_one_holds_its_senders_back(self):
        flags = self.settings(
            ('entry', 'input { generator { } } output { pipeline { send_to => ["dead"] } }'),
            ('dead', 'input { pipeline { address => dead } } ' + DEAD))
        process = self.start(*flags, '--shutdown.grace', '1', '--summary', self.path('summary.json'))
        time.sleep(1)  # as fast as it can, against a wall
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(cli_test.TIMEOUT_S), 0)
        with open(self.path('summary.json')) as file:
            total = json.load(file)['ledger']['total']
        self.assertEqual(total['read'] + total['created'], total['delivered'] + total['in_flight'])
        self.assertEqual(total['delivered'], 0)

    def test_without_a_listener_events_wait_or_are_dropped(self):
        entry = GENERATE % ('a', 40) + 'output { pipeline { send_to => "nobody" %s } }'
        result, summary = self.summary(*self.settings(('entry', entry % 'ensure_delivery => false')))
        self.assertEqual(self.ledger_of(summary), {'entry': (40, 40)})
        self.assertIn('nobody listens on `nobody`', result.stderr)
        dropped = [m['value'] for m in summary['metrics'] if m['name'] == 'penstock_output_dropped_total']
        self.assertEqual(dropped, [40])

        process = self.start(*self.settings(('entry', entry % '')), '--shutdown.grace', '0', '--summary', self.path('s.json'))
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(cli_test.TIMEOUT_S), 0)
        with open(self.path('s.json')) as file:
            self.assertEqual(json.load(file)['ledger']['total']['in_flight'], 40)

    def test_two_listeners_and_circles_are_refused(self):
        listen = 'input { pipeline { address => %s } } output { %s }'
        send = 'pipeline { send_to => ["%s"] }'
        for pipelines, wanted in (
                ((('a', listen % ('"x"', 'null {}')), ('b', listen % ('"x"', 'null {}'))), r'b.conf:1:9: another input listens on the address `x`'),
                ((('a', listen % ('"xx"', send % 'xx')),), r'a.conf:1:49: pipelines send to each other in a circle \(a -> a\)'),
                ((('a', listen % ('"xx"', send % 'yy')), ('b', listen % ('"yy"', send % 'xx'))), r'circle \((a -> b -> a|b -> a -> b)\)')):
            result = self.run_it(*self.settings(*pipelines), '-t')
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertRegex(result.stderr, wanted)


if __name__ == '__main__':
    unittest.main()
