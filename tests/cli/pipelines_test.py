"""Several pipelines in one process, by pipelines.yml."""
import json
import os
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli_test
from cli_test import Penstock

GENERATE = 'input { generator { lines => ["%s"] count => %d } } '


class WithPipelines(Penstock):
    def write(self, name, text):
        with open(self.path(name), 'w') as file:
            file.write(text)

    def settings(self, *pipelines, more=''):
        """Each: an id, the configuration, further lines."""
        text = ''
        for name, config, *lines in pipelines:
            self.write(name + '.conf', config)
            text += '\n  '.join([f'- pipeline.id: {name}', f'path.config: "{self.path(name + ".conf")}"', *lines]) + '\n'
        self.write('pipelines.yml', text)
        self.write('penstock.yml', more)
        return ['--path.settings', self.folder.name]

    def to_file(self, name):
        return 'output { file { path => "%s" codec => line { format => "%%{message}" } } }' % self.path(name)

    def lines(self, name):
        with open(self.path(name)) as file:
            return file.read().splitlines()


class Pipelines(WithPipelines):
    def test_each_has_its_own_events_and_they_end_together(self):
        flags = self.settings(('one', GENERATE % ('a', 3000) + self.to_file('one.log'), 'pipeline.workers: 2'),
                              ('two', GENERATE % ('b', 200) + 'filter { drop { percentage => 0 } } ' + self.to_file('two.log')))
        _, summary = self.summary(*flags)
        self.assertEqual((self.lines('one.log'), self.lines('two.log')), (['a'] * 3000, ['b'] * 200))
        self.assertEqual(summary['pipeline'], 'one, two')
        self.assertEqual(summary['ledger']['total']['delivered'], 3200)
        self.assertEqual({(s['pipeline'], s['read']) for s in summary['ledger']['sources']}, {('one', 3000), ('two', 200)})
        self.assert_adds_up(summary['ledger']['total'])

    def test_a_configuration_on_the_command_line_sets_the_file_aside(self):
        flags = self.settings(('one', GENERATE % ('a', 3) + self.to_file('one.log')))
        result = self.run_it(*flags, '-e', GENERATE % ('x', 1) + 'output { stdout { codec => line { format => "%{message}" } } }')
        self.assertEqual((result.returncode, result.stdout), (0, 'x\n'), result.stderr)
        self.assertFalse(os.path.exists(self.path('one.log')))

    def test_one_run_shows_the_errors_of_all(self):
        flags = self.settings(('one', 'input { stdni { } }'), ('two', 'input { stdin { } } filter { grok { match => { "a" => "%{NOPE}" } } }'))
        for test in ([], ['-t']):
            result = self.run_it(*flags, *test)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, r'one.conf:1:9: .*stdni')
            self.assertRegex(result.stderr, r'two.conf:1:\d+: .*NOPE')

    def test_a_wrong_pipelines_file_ends_with_its_places(self):
        self.write('pipelines.yml', '- pipeline.id: a\n')
        result = self.run_it('--path.settings', self.folder.name)
        self.assertEqual(result.returncode, 1)
        self.assertIn('pipelines.yml:1:3: a pipeline needs either', result.stderr)

    def test_dead_letters_lie_apart(self):
        output = 'output { index_store { path => "%s" index => "BAD" } }' % self.path('indices')
        flags = self.settings(('one', GENERATE % ('a', 2) + output), ('two', GENERATE % ('b', 3) + output))
        _, summary = self.summary(*flags)
        self.assertEqual(summary['ledger']['total']['dead_lettered'], 5)
        for name, count in (('one', 2), ('two', 3)):
            shown = subprocess.run([cli_test.BINARY, 'dlq', 'show', '--path.data', self.path('data'), '--pipeline', name],
                                   capture_output=True, text=True, timeout=cli_test.TIMEOUT_S)
            self.assertEqual(len(shown.stdout.splitlines()), count, shown.stderr)

    def test_the_api_tells_of_all_and_a_signal_ends_all(self):
        flags = self.settings(('one', 'input { stdin { } } ' + self.to_file('one.log')),
                              ('two', GENERATE % ('b', 5) + 'output { stdout { codec => line { format => "%{message}" } } }', 'pipeline.workers: 3'))
        process = subprocess.Popen(self.command('--api.http.port', '9600-9700', *flags, api='true'), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        line = process.stderr.readline().decode()
        base = 'http://' + line.rsplit('listening on ', 1)[1].strip()
        for _ in range(5):
            self.assertEqual(process.stdout.readline(), b'b\n')
        stats = json.loads(cli_test.Api.get(base + '/_node/stats'))
        self.assertEqual(set(stats['pipelines']), {'one', 'two'})
        self.assertEqual(stats['pipelines']['two']['pipeline']['workers'], 3)
        self.assertEqual(stats['pipelines']['two']['events']['in'], 5)
        only = json.loads(cli_test.Api.get(base + '/_node/stats/pipelines/one'))
        self.assertEqual(set(only['pipelines']), {'one'})
        self.assertIn('penstock_ledger_read_total{pipeline="two"', cli_test.Api.get(base + '/metrics'))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(cli_test.TIMEOUT_S), 0)


if __name__ == '__main__':
    unittest.main()
