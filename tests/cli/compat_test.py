"""compat, test, explain, diff and convert: the commands about configurations, as users run them."""
import json
import os
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
BINARY = os.path.abspath(os.environ.get('PENSTOCK', os.path.join(ROOT, 'build', 'release', 'penstock')))


class Commands(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        return path

    def run_it(self, *arguments, **env):
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60, cwd=self.folder,
                              env=dict(os.environ, TZ='UTC', **env))

    def example(self, page, info):
        """A fenced block of a page, by the words after its backticks."""
        with open(f'{ROOT}/docs/{page}', encoding='utf-8') as f:
            return re.search(r'^```' + re.escape(info) + r'\n(.*?)^```', f.read(), re.M | re.S)[1]


class Compat(Commands):
    def verdict(self, text, *flags):
        run = self.run_it('compat', '--format', 'json', *flags, self.write('a.conf', text))
        report = json.loads(run.stdout)
        self.assertEqual(report['exit_code'], run.returncode)
        return run.returncode, report

    def test_the_exit_status_is_that_of_the_worst(self):
        for status, text in ((0, 'input { stdin { } } filter { drop { } } output { stdout { codec => dots } }'),
                             (3, 'input { udp { port => 1 workers => 3 } }'),
                             (4, 'output { elasticsearch { ilm_rollover_alias => "a" } }'),
                             (5, 'output { riemann { host => "a" } }'),
                             (5, 'filter { mutate { remove => ["a"] } }'),
                             (1, 'filter { drop { percantage => 3 } }'),
                             (1, 'filter { drop { ')):
            with self.subTest(text):
                self.assertEqual(self.verdict(text)[0], status)

    def test_every_plugin_and_option_is_in_the_json_with_its_place(self):
        _, report = self.verdict('input {\n  udp {\n    port => 1\n    workers => 3\n  }\n}\n')
        found = report['pipelines'][0]['findings']
        self.assertEqual([(f['line'], f['column'], f.get('option'), f['verdict']) for f in found],
                         [(2, 3, None, 'exact'), (3, 5, 'port', 'exact'), (4, 5, 'workers', 'differs')])
        self.assertEqual(report['totals']['options']['exact'], 1)

    def test_what_is_not_on_this_machine_is_not_judged(self):
        status, report = self.verdict('input { tcp { port => "${NO_SUCH_PORT}" } } filter { translate { source => "a" '
                                      'dictionary_path => "/no/such/file.yml" } } output { null { } }')
        self.assertEqual(status, 3)
        self.assertEqual(report['pipelines'][0]['unset_variables'], ['NO_SUCH_PORT'])
        self.assertEqual(len(report['pipelines'][0]['unchecked']), 1)

    def test_a_missing_file_is_an_error_and_a_missing_path_bad_usage(self):
        self.assertEqual(self.run_it('compat', 'no-such.conf').returncode, 1)
        self.assertEqual(self.run_it('compat').returncode, 2)

    def test_the_pipelines_of_a_settings_folder_are_found_beside_it(self):
        self.write('config/pipelines.yml', '- pipeline.id: a\n  path.config: "/usr/share/logstash/pipeline/a.conf"\n'
                                           '- pipeline.id: b\n  config.string: "input { twitter { } }"\n')
        self.write('pipeline/a.conf', 'input { stdin { } }')
        run = self.run_it('compat', '--format', 'json', os.path.join(self.folder, 'config'))
        report = json.loads(run.stdout)
        self.assertEqual([p['verdict'] for p in report['pipelines']], ['exact', 'unsupported'])

    def test_what_would_silently_deliver_something_else_is_not_run_unless_allowed(self):
        config = self.write('a.conf', 'input { generator { count => 1 } } output { elasticsearch { index => "a" '
                                      'ilm_rollover_alias => "b" ilm_policy => "c" } }')
        run = self.run_it('-t', '-f', config)
        self.assertEqual(run.returncode, 1)
        self.assertIn('ilm_rollover_alias: differs from Logstash', run.stderr)
        self.assertIn('ilm_policy: differs from Logstash', run.stderr)
        self.assertIn('--allow-differences', run.stderr)
        self.assertEqual(self.run_it('-t', '--allow-differences', '-f', config).returncode, 0)

    def test_an_unknown_plugin_comes_with_what_to_use_instead(self):
        run = self.run_it('-t', '-f', self.write('a.conf', 'output { riemann { } }'))
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r'a\.conf:1:10: there is no output `riemann` here: .*agent')

    def test_the_shipped_pipeline_has_no_difference_that_alters(self):
        run = self.run_it('compat', ROOT + '/conf.d/aura')
        self.assertIn(run.returncode, (0, 3), run.stdout)


class Test(Commands):
    def example_folder(self):
        self.write('access.conf', self.example('TESTING_CONFIGS.md', 'conf access.conf'))
        return self.write('access.test', self.example('TESTING_CONFIGS.md', 'yaml access.test'))

    def test_the_example_of_the_page_passes(self):
        run = self.run_it('test', '-v', self.example_folder())
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn('3 cases, 0 failed', run.stdout)
        self.assertNotIn('\x1b', run.stdout)

    def test_the_shipped_tests_pass(self):
        run = self.run_it('test', ROOT + '/conf.d')
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_a_folder_as_configuration_leaves_tests_out(self):
        self.example_folder()
        self.assertEqual(self.run_it('-t', '-f', self.folder).returncode, 0)

    def failing(self, expect, events='{a: 1, tags: [x]}'):
        self.write('a.conf', 'input { stdin { } } output { if [a] == 1 { stdout { id => "one" } } else { null { } } }')
        return self.run_it('test', self.write('a.test', f'cases:\n- events: [{events}]\n  expect: {expect}\n'))

    def test_what_is_not_as_expected_fails_and_is_shown(self):
        for expect, shown in (('[{subset: {a: 2}}]', 'found    1'), ('[{absent: [a]}]', 'expected nothing'),
                              ('[{tags: [y]}]', 'expected y'), ('[{no_tags: [x]}]', 'found    x'),
                              ('[{exact: {a: 1}}]', '[tags]'), ('[]', 'event 1'), ('[{output: "null"}]', 'event 1 of null'),
                              ('[{}, {}]', 'event 2'), ('[{matches: {a: "^2"}}]', 'a match of ^2'),
                              ('[{output: nosuch}]', 'no output `nosuch`')):
            with self.subTest(expect):
                run = self.failing(expect)
                self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
                self.assertIn(shown, run.stdout)

    def test_what_is_as_expected_passes(self):
        for expect in ('[{subset: {a: 1}, tags: [x], no_tags: [y], absent: [b]}]', '[{exact: {a: 1, tags: [x]}}]',
                       '[{output: one}]', '[{matches: {"[a]": "1"}}]'):
            with self.subTest(expect):
                run = self.failing(expect)
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_the_time_of_a_case_stands_still(self):
        self.write('a.conf', 'filter { mutate { add_field => { "day" => "%{+yyyy-MM-dd}" } } } output { null { } }')
        run = self.run_it('test', self.write('a.test', 'clock: 2025-02-03T00:00:00Z\ncases:\n- events: [{a: 1}]\n'
                                                       '  expect: [{subset: {day: "2025-02-03"}}]\n'))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_lines_go_through_the_multiline_codec_of_their_input(self):
        self.write('a.conf', 'input { stdin { codec => multiline { pattern => "^ " what => "previous" } } } output { null { } }')
        run = self.run_it('test', self.write('a.test', 'cases:\n- lines: ["a", " b", "c"]\n  expect:\n'
                                                       '  - subset: {message: "a\\n b"}\n  - subset: {message: c}\n'))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_a_wrong_file_or_configuration_is_a_failure_with_its_place(self):
        run = self.run_it('test', self.write('a.test', 'cases:\n- evnts: []\n  expect: []\n'))
        self.assertEqual(run.returncode, 1)
        self.assertIn('a.test:2:3: unknown key `evnts`; did you mean `events`?', run.stdout)
        self.write('a.conf', 'filter { nosuch { } }')
        run = self.run_it('test', self.write('a.test', 'cases:\n- events: [{a: 1}]\n  expect: []\n'))
        self.assertEqual(run.returncode, 1)
        self.assertIn('a.conf:1:10', run.stdout)

    def test_results_are_written_for_ci_servers(self):
        self.failing('[{subset: {a: 2}}]')
        self.run_it('test', '--junit', self.folder + '/r.xml', self.folder)
        suite = xml.etree.ElementTree.parse(self.folder + '/r.xml').getroot()[0]
        self.assertEqual((suite.get('tests'), suite.get('failures')), ('1', '1'))
        self.assertIn('[a]: expected 2, found 1', suite[0][0].text)

    def test_no_cases_is_bad_usage(self):
        self.assertEqual(self.run_it('test', self.folder).returncode, 2)


class Explain(Commands):
    CONFIG = '''filter {
  if [a] == 1 {
    mutate { add_field => { "b" => "x" } remove_field => ["c"] }
  } else {
    drop { }
  }
}
output { elasticsearch { index => "i-%{b}" } }
'''

    def explain(self, event):
        run = self.run_it('explain', '-f', self.write('a.conf', self.CONFIG), '--event', event)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_each_step_shows_what_it_changes_and_which_branch_is_taken(self):
        shown = self.explain('{"a":1,"c":2}')
        self.assertRegex(shown, r'if \[a\] == 1 +\S*a\.conf:2:\d+ +taken')
        self.assertIn('+ [b]: "x"', shown)
        self.assertIn('- [c]: 2', shown)
        self.assertIn('index => i-x', shown)

    def test_a_dropped_event_is_said_to_be(self):
        shown = self.explain('{"a":2}')
        self.assertRegex(shown, r'if \[a\] == 1 .*not taken')
        self.assertIn('the event is dropped', shown)
        self.assertIn('nothing is delivered', shown)

    def test_without_an_event_it_is_bad_usage(self):
        self.assertEqual(self.run_it('explain', '-f', self.write('a.conf', self.CONFIG)).returncode, 2)


class Diff(Commands):
    def diff(self, old, new, lines, *flags):
        return self.run_it('diff', self.write('old.conf', old), self.write('new.conf', new), '--sample',
                           self.write('sample', lines), *flags)

    def test_equal_configurations_change_nothing(self):
        config = 'input { stdin { } } filter { mutate { add_field => { "a" => "1" } } } output { stdout { } }'
        run = self.diff(config, config, 'x\ny\n')
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn('2 same, 0 changed', run.stdout)

    def test_changed_lost_and_new_events_are_shown(self):
        old = 'input { stdin { } } filter { if [message] == "z" { drop { } } } output { stdout { } }'
        new = ('input { stdin { } } filter { if [message] == "y" { drop { } } if [message] == "x" { mutate { uppercase => '
               '["message"] } } } output { stdout { } }')
        run = self.diff(old, new, 'w\nx\ny\nz\n')
        self.assertEqual(run.returncode, 1)
        self.assertIn('1 same, 1 changed, 1 no longer delivered, 1 delivered anew', run.stdout)
        self.assertIn('+ [message]: "X"', run.stdout)

    def test_events_go_in_behind_the_inputs(self):
        config = 'filter { mutate { remove_field => ["%s"] } } output { null { } }'
        run = self.diff(config % 'a', config % 'b', '{"a":1,"b":2}\n', '--events')
        self.assertEqual(run.returncode, 1)
        self.assertIn('[a] changes in 1 event\n', run.stdout)

    def test_a_wrong_configuration_is_bad_usage(self):
        self.assertEqual(self.diff('filter {', 'filter { }', 'a\n').returncode, 2)


class Convert(Commands):
    def convert(self, text, status=None):
        run = self.run_it('convert', self.write('filebeat.yml', text))
        if status is not None:
            self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        config = self.write('pipeline.conf', run.stdout)
        check = self.run_it('-t', '-f', config)
        self.assertEqual(check.returncode, 0, run.stdout + check.stderr)
        return run.stdout

    def check(self, text, lines, expect):
        self.convert(text)
        path = self.write('t.test', f'config: pipeline.conf\ncases:\n- lines: {json.dumps(lines)}\n  expect: {json.dumps(expect)}\n')
        run = self.run_it('test', path)
        self.assertEqual(run.returncode, 0, self.convert(text) + run.stdout + run.stderr)

    def with_processors(self, processors):
        return ('filebeat.inputs:\n- type: log\n  paths: [/var/log/a.log]\n  processors:\n' +
                ''.join('  - ' + p + '\n' for p in processors) + 'output.console: {pretty: false}\n')

    def test_the_example_of_the_page_is_true(self):
        self.assertEqual(self.convert(self.example('FILEBEAT.md', 'yaml filebeat.yml'), 3),
                         self.example('FILEBEAT.md', 'conf pipeline.conf').replace('filebeat.yml by', self.folder + '/filebeat.yml by'
                                                                                   ) + '\n')

    def test_processors_do_what_they_do_in_filebeat(self):
        for processors, line, expect in (
                (['add_fields: {target: "", fields: {env: prod, n: 5, ok: true}}'], 'a', {'env': 'prod', 'n': 5, 'ok': True}),
                (['add_fields: {fields: {env: prod}}'], 'a', {'[fields][env]': 'prod'}),
                (['rename: {fields: [{from: message, to: a.b}]}'], 'x', {'[a][b]': 'x'}),
                (['copy_fields: {fields: [{from: message, to: raw}]}'], 'x', {'raw': 'x', 'message': 'x'}),
                (['decode_json_fields: {fields: [message], target: ""}'], '{"k":1}', {'k': 1}),
                (['decode_json_fields: {fields: [message], target: j}'], '{"k":1}', {'[j][k]': 1}),
                (['dissect: {tokenizer: "%{a} %{b|integer}", target_prefix: ""}'], 'x 7', {'a': 'x', 'b': 7}),
                (['dissect: {tokenizer: "%{a} - %{b}"}'], 'x - y', {'[dissect][a]': 'x', '[dissect][b]': 'y'}),
                (['timestamp: {field: message, layouts: ["2006-01-02T15:04:05Z07:00"]}'], '2026-02-03T04:05:06+01:00',
                 {'@timestamp': '2026-02-03T03:05:06.000Z'}),
                (['timestamp: {field: message, layouts: ["02/Jan/2006:15:04:05 -0700"]}'], '03/Feb/2026:04:05:06 +0100',
                 {'@timestamp': '2026-02-03T03:05:06.000Z'}),
                (['truncate_fields: {fields: [message], max_bytes: 3}'], 'abcdef', {'message': 'abc'}),
                (['convert: {fields: [{from: message, to: n, type: long}]}'], '12', {'n': 12}),
                (['replace: {fields: [{field: message, pattern: "a", replacement: "b"}]}'], 'aa', {'message': 'bb'}),
                (['urldecode: {fields: [{from: message, to: plain}]}'], 'a%20b', {'plain': 'a b'}),
                (['{if: {equals: {message: x}}, then: [{add_tags: {tags: [t]}}], else: [{add_tags: {tags: [e]}}]}'], 'x',
                 {'tags': ['t']}),
                (['add_tags: {tags: [t], when: {regexp: {message: "^/a/"}}}'], '/a/b', {'tags': ['t']}),
                (['add_tags: {tags: [t], when: {and: [{has_fields: [message]}, {not: {contains: {message: z}}}]}}'], 'x',
                 {'tags': ['t']})):
            with self.subTest(processors):
                self.check(self.with_processors(processors), [line], [{'subset': expect}])

    def test_a_number_in_a_range_holds(self):
        text = self.with_processors(['decode_json_fields: {fields: [message], target: ""}',
                                     'drop_event: {when: {range: {status.gte: 500}}}',
                                     'drop_event: {when: {equals: {debug: true}}}'])
        self.check(text, ['{"status":503}', '{"status":200}', '{"debug":true}'], [{'subset': {'status': 200}}])

    def test_multiline_json_and_lines(self):
        base = 'filebeat.inputs:\n- type: filestream\n  paths: [/a.log]\n%s\noutput.console: {}\n'
        self.check(base % '  parsers:\n  - multiline: {type: pattern, pattern: "^\\\\s", match: after}', ['a', ' b', 'c'],
                   [{'subset': {'message': 'a\n b'}}, {'subset': {'message': 'c'}}])
        self.check(base % '  parsers:\n  - ndjson: {target: "", message_key: msg}', ['{"msg":"m","k":1}', 'no json'],
                   [{'subset': {'k': 1, 'message': 'm'}}, {'subset': {'message': 'no json'}}])
        self.check(base % '  include_lines: ["^E", "^W"]\n  exclude_lines: ["/debug/"]', ['E1', 'I2', 'W /debug/'],
                   [{'subset': {'message': 'E1'}}])
        self.check(base % '  fields: {a: b}\n  fields_under_root: true\n  tags: [t]', ['x'], [{'subset': {'a': 'b'}, 'tags': ['t']}])

    def test_container_logs_of_both_kinds(self):
        text = 'filebeat.inputs:\n- type: container\n  paths: [/var/log/containers/*.log]\noutput.console: {}\n'
        self.check(text, ['2026-02-03T04:05:06.789Z stdout F hello world',
                          '{"log":"bye\\n","stream":"stderr","time":"2026-02-03T04:05:07Z"}'],
                   [{'subset': {'message': 'hello world', 'stream': 'stdout', '@timestamp': '2026-02-03T04:05:06.789Z'}},
                    {'subset': {'message': 'bye', 'stream': 'stderr', '@timestamp': '2026-02-03T04:05:07.000Z'}}])

    def test_what_is_not_there_leaves_a_comment_and_the_status_says_so(self):
        text = self.convert('filebeat.inputs:\n- type: aws-s3\n- type: log\n  paths: [/a]\n  wonder: 1\nfilebeat.autodiscover:\n'
                            '  providers: [{type: docker}]\nprocessors:\n- add_cloud_metadata: ~\n- script: {lang: javascript}\n'
                            '- drop_event: {when: {network: {ip: private}}}\noutput.logstash:\n  hosts: ["a:5044"]\n', 5)
        for part in ('aws-s3', 'wonder', 'filebeat.autodiscover', 'add_cloud_metadata', 'script', 'condition can\'t be said',
                     'output.logstash'):
            with self.subTest(part):
                self.assertRegex(text, r'(?m)^# unsupported: .*' + part)
        self.assertNotIn('drop {', text)

    def test_elasticsearch_with_rules_for_indices(self):
        text = self.convert('filebeat.inputs: [{type: log, paths: [/a]}]\noutput.elasticsearch:\n  hosts: [es1, "https://es2:9243"]\n'
                            '  username: u\n  password: "${PW:x}"\n  ssl.verification_mode: none\n  index: "a-%{[fields.env]}"\n'
                            '  indices:\n  - {index: "err-%{+yyyy.MM}", when.contains: {message: ERR}}\n', 3)
        self.assertIn('hosts => ["http://es1:9200", "https://es2:9243"]', text)
        self.assertIn('index => "a-%{[fields][env]}"', text)
        self.assertIn('if "ERR" in [message]', text)
        self.assertIn('ssl_verification_mode => "none"', text)

    def test_a_file_that_is_no_yaml_is_an_error_with_its_place(self):
        run = self.run_it('convert', self.write('filebeat.yml', 'a: [\n'))
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r'filebeat\.yml:\d+:\d+: not YAML')


if __name__ == '__main__':
    unittest.main()
