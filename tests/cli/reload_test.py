"""A changed configuration is taken up while events flow: nothing lost, nothing doubled, the wrong ones refused."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli_test
import pipelines_test

DEAD = 'elasticsearch { hosts => ["http://127.0.0.1:1"] index => "a" manage_template => false }'


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Reload(pipelines_test.WithPipelines):
    def launch(self, *flags, api='false'):
        log = open(self.path('log'), 'wb')
        self.addCleanup(log.close)
        process = subprocess.Popen(self.command(*flags, '--summary', self.path('summary.json'), api=api), stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(self.end, process)
        self.process = process
        self.wait_for_log('started: pipeline')
        return process

    def wait_for(self, condition, what):
        deadline = time.monotonic() + cli_test.TIMEOUT_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, f'{what}\n{self.log()[-3000:]}')
            self.assertIsNone(self.process.poll(), self.log()[-3000:])
            time.sleep(0.01)

    def log(self):
        with open(self.path('log'), errors='replace') as file:
            return file.read()

    def wait_for_log(self, text, count=1):
        self.wait_for(lambda: self.log().count(text) >= count, f'{text} x {count}')

    def hang_up(self):
        """SIGHUP, and the line that says what came of it."""
        before = len(re.findall(r'SIGHUP: changed', self.log()))
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: len(re.findall(r'SIGHUP: changed', self.log())) > before, 'the reload')
        return [line for line in self.log().splitlines() if 'SIGHUP: changed' in line][-1]

    def finish(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(cli_test.TIMEOUT_S), 0, self.log()[-3000:])
        with open(self.path('summary.json')) as file:
            return json.load(file)

    def lines(self, name):
        return super().lines(name) if os.path.exists(self.path(name)) else []

    def listen(self, port):
        return 'tcp { port => %d host => "127.0.0.1" id => "net" }' % port

    def follow(self, name, more=''):
        return 'file { path => "%s" start_position => beginning stat_interval => "50 ms" id => "%s" %s }' % (self.path(name), name, more)

    def flood(self, port, name, rounds):
        """Writes to a connection and to a file until `rounds` reloads have gone by; what it wrote."""
        done = threading.Event()
        wrote = {'t': 0, 'f': 0}

        def net():
            with socket.create_connection(('127.0.0.1', port)) as peer:
                while not done.is_set():
                    first = wrote['t']
                    peer.sendall(''.join(f't{i}\n' for i in range(first, first + 50)).encode())
                    wrote['t'] += 50
                    time.sleep(0.001)

        def file():
            with open(self.path(name), 'a') as out:
                while not done.is_set():
                    first = wrote['f']
                    out.write(''.join(f'f{i}\n' for i in range(first, first + 50)))
                    out.flush()
                    wrote['f'] += 50
                    time.sleep(0.001)

        threads = [threading.Thread(target=net), threading.Thread(target=file)]
        for thread in threads:
            thread.start()
        try:
            for number in range(rounds):
                yield number
        finally:
            done.set()
            for thread in threads:
                thread.join()
        self.wanted = sorted([f't{i}' for i in range(wrote['t'])] + [f'f{i}' for i in range(wrote['f'])])

    def check_flood(self):
        self.wait_for(lambda: len(self.lines('out.log')) >= len(self.wanted), f'{len(self.wanted)} lines')
        summary = self.finish()
        self.assertEqual(sorted(self.lines('out.log')), self.wanted)
        total = summary['ledger']['total']
        self.assert_adds_up(total)
        self.assertEqual((total['read'], total['delivered']), (len(self.wanted), len(self.wanted)))
        held_up = [int(us) for us in re.findall(r'held up (\d+) us', self.log())]
        print(f'\n{self.id()}: {len(self.wanted)} events, {len(held_up)} swaps, held up {max(held_up)} us at most, '
              f'{sum(held_up) // len(held_up)} us on average')

    def test_twenty_reloads_under_a_flood_lose_and_double_nothing(self):
        port = free_port()

        def config(number):
            self.write('a.conf', 'input { %s %s } filter { mutate { add_field => { "round" => "%d" } } } output { file { path => "%s" '
                       'codec => line { format => "%%{message}" } } file { path => "%s" codec => line { format => "%%{round}" } } }'
                       % (self.listen(port), self.follow('in.log'), number, self.path('out.log'), self.path('rounds.log')))
        self.write('in.log', '')
        config(0)
        self.launch('-f', self.path('a.conf'), '-w', '2')
        for number in self.flood(port, 'in.log', 20):
            config(number + 1)
            self.assertIn('changed main', self.hang_up())
            self.wait_for(lambda: str(number + 1) in self.lines('rounds.log')[-200:], 'the new filter')
        self.check_flood()
        self.assertIn('inputs kept 2, stopped 0, started 0', self.log())
        self.assertEqual(self.log().count('listening on 127.0.0.1'), 1)

    def test_changed_outputs_take_over_under_a_flood(self):
        port = free_port()

        def config(number):
            self.write('a.conf', 'input { %s %s } output { file { path => "%s" id => "out%d" codec => line { format => "%%{message}" } } }'
                       % (self.listen(port), self.follow('in.log'), self.path('out.log'), number))
        self.write('in.log', '')
        config(0)
        self.launch('-f', self.path('a.conf'), '-w', '2')
        for number in self.flood(port, 'in.log', 10):
            config(number + 1)
            self.assertIn('changed main', self.hang_up())
        self.check_flood()

    def test_a_changed_file_input_goes_on_where_it_was(self):
        port = free_port()

        def config(number):
            self.write('a.conf', 'input { %s %s } output { file { path => "%s" codec => line { format => "%%{message}" } } }'
                       % (self.listen(port), self.follow('in.log', 'add_field => { "n" => "%d" }' % number), self.path('out.log')))
        self.write('in.log', '')
        config(0)
        self.launch('-f', self.path('a.conf'), '-w', '2')
        for number in self.flood(port, 'in.log', 10):
            config(number + 1)
            self.assertIn('changed main', self.hang_up())
        self.check_flood()
        self.assertIn('inputs kept 1, stopped 1, started 1', self.log())

    def test_a_wrong_configuration_leaves_the_old_one_running_and_says_why(self):
        port = free_port()
        good = 'input { %s } output { file { path => "%s" codec => line { format => "%%{message}" } } }' % (self.listen(port), self.path('out.log'))
        self.write('a.conf', good)
        self.launch('-f', self.path('a.conf'), '--api.http.port', '9600-9700', api='true')
        base = 'http://' + re.search(r'listening on (\S+:9\d+)', self.log())[1]
        blocker = socket.socket()
        self.addCleanup(blocker.close)
        blocker.bind(('127.0.0.1', 0))
        blocker.listen()
        taken = 'input { %s tcp { port => %d host => "127.0.0.1" } } output { null {} }' % (self.listen(port), blocker.getsockname()[1])
        for number, (bad, why) in enumerate((('input { tcp {', 'a.conf:1:'), (good.replace('output', 'filter { grok { match => { "a" => "%{NOPE}" } } } output'), 'NOPE'),
                                             (good + ' filter { mutate { converts => 1 } }', 'converts'), ('output { null {} }', 'no input'),
                                             (taken, 'cannot listen'))):
            self.write('a.conf', bad)
            self.assertIn('stays as it was', self.hang_up())
            self.assertIn(why, self.log())
            state = json.loads(cli_test.Api.get(base + '/_penstock/reload'))
            self.assertEqual((state['reloads']['successes'], state['reloads']['failures'], state['last_successful']), (0, number + 1, False))
            self.assertIn(why, state['pipelines']['main']['reloads']['last_error']['message'])
            metrics = cli_test.Api.get(base + '/metrics')
            self.assertIn('penstock_config_reloads_total{result="failure"} %d' % (number + 1), metrics)
            self.assertIn('penstock_config_last_reload_successful 0', metrics)
            with socket.create_connection(('127.0.0.1', port)) as peer:
                peer.sendall(b'still %d\n' % number)
            self.wait_for(lambda: 'still %d' % number in self.lines('out.log'), 'the old one runs')
        self.write('a.conf', good.replace('%{message}', 'new %{message}'))
        with urllib.request.urlopen(urllib.request.Request(base + '/_penstock/reload', method='POST')) as answer:
            self.assertEqual(answer.status, 202)
        self.wait_for_log('the API: changed main')
        self.assertIn('penstock_config_last_reload_successful 1', cli_test.Api.get(base + '/metrics'))
        with socket.create_connection(('127.0.0.1', port)) as peer:
            peer.sendall(b'line\n')
        self.wait_for(lambda: 'new line' in self.lines('out.log'), 'the new one runs')
        self.assert_adds_up(self.finish()['ledger']['total'])

    def test_a_dead_elasticsearch_does_not_keep_a_reload_waiting(self):
        port = free_port()
        self.write('a.conf', 'input { %s } output { %s }' % (self.listen(port), DEAD))
        self.launch('-f', self.path('a.conf'), '--shutdown.grace', '1')
        with socket.create_connection(('127.0.0.1', port)) as peer:
            peer.sendall(b'before\n' * 100)
            self.wait_for_log('elasticsearch')
            self.write('a.conf', 'input { %s } output { file { path => "%s" codec => line { format => "%%{message}" } } }' % (self.listen(port), self.path('out.log')))
            self.assertIn('changed main', self.hang_up())
            peer.sendall(b'after\n' * 100)
            self.wait_for(lambda: self.lines('out.log').count('after') == 100, 'the new output')
        summary = self.finish()
        total = summary['ledger']['total']
        self.assertEqual(total['read'], total['delivered'] + total['in_flight'])
        self.assertGreaterEqual(total['delivered'], 100)
        self.assertFalse(summary['complete'])

    def test_too_many_generations_that_wait_are_refused(self):
        port = free_port()
        self.write('a.conf', 'input { %s } output { %s }' % (self.listen(port), DEAD))
        self.launch('-f', self.path('a.conf'), '--shutdown.grace', '0')
        with socket.create_connection(('127.0.0.1', port)) as peer:
            for number in range(6):
                peer.sendall(b'line\n')
                self.wait_for_log('elasticsearch')
                time.sleep(0.2)  # for the event to reach an output: each generation has one to wait for
                self.write('a.conf', 'input { %s } filter { mutate { add_tag => ["%d"] } } output { %s }' % (self.listen(port), number, DEAD))
                last = self.hang_up()
        self.assertIn('stays as it was', last)
        self.assertIn('still wait for their outputs', self.log())
        self.finish()

    def test_a_hang_up_while_it_ends_is_not_heeded(self):
        self.write('a.conf', 'input { generator { } } output { %s }' % DEAD)
        self.launch('-f', self.path('a.conf'), '--shutdown.grace', '2')
        self.process.send_signal(signal.SIGTERM)
        self.wait_for_log('SIGTERM: finishing')
        self.process.send_signal(signal.SIGHUP)
        self.wait_for_log('SIGHUP: not heeded')
        self.assertEqual(self.process.wait(cli_test.TIMEOUT_S), 0)

    def test_pipelines_come_go_and_change_one_by_one(self):
        keep, other = free_port(), free_port()
        out = 'output { file { path => "%s" codec => line { format => "%s" } } }'
        stays = ('stays', 'input { %s } %s' % (self.listen(keep), out % (self.path('stays.log'), '%{message}')))
        flags = self.settings(stays, ('goes', 'input { %s } output { null {} }' % self.listen(other)))
        self.launch(*flags, '--api.http.port', '9600-9700', api='true')
        base = 'http://' + re.search(r'listening on (\S+:9\d+)', self.log())[1]
        peer = socket.create_connection(('127.0.0.1', keep))
        self.addCleanup(peer.close)
        self.settings(stays, ('comes', 'input { %s } %s' % (self.listen(other), out % (self.path('comes.log'), '%{message}'))))
        self.assertIn('changed none, added comes, removed goes', self.hang_up())
        self.wait_for(lambda: set(json.loads(cli_test.Api.get(base + '/_node/stats'))['pipelines']) == {'stays', 'comes'}, 'the list')
        with socket.create_connection(('127.0.0.1', other)) as second:
            second.sendall(b'hello\n')
        peer.sendall(b'here\n')
        self.wait_for(lambda: (self.lines('comes.log'), self.lines('stays.log')) == (['hello'], ['here']), 'both run')
        # One is wrong: it stays, the other changes.
        self.settings((stays[0], 'input { nonsense }'), ('comes', 'input { %s } %s' % (self.listen(other), out % (self.path('comes.log'), 'new %{message}'))))
        line = self.hang_up()
        self.assertIn('changed comes, added none, removed none', line)
        self.assertIn('stays as it was', line)
        peer.sendall(b'still\n')
        with socket.create_connection(('127.0.0.1', other)) as second:
            second.sendall(b'hello\n')
        self.wait_for(lambda: (self.lines('comes.log'), self.lines('stays.log')) == (['hello', 'new hello'], ['here', 'still']), 'both run')
        self.assert_adds_up(self.finish()['ledger']['total'])

    def test_changed_files_of_plugins_are_taken_up(self):
        port = free_port()
        self.write('codes.yml', '"1": one\n')
        os.mkdir(self.path('patterns'))
        self.write('patterns/mine', 'CODE \\d\n')
        self.write('a.conf', 'input { %s } filter { grok { patterns_dir => ["%s"] match => { "message" => "^%%{CODE:code}$" } } translate { source => "code" '
                   'target => "name" dictionary_path => "%s" refresh_interval => 0 } } output { file { path => "%s" codec => line { format => "%%{name}" } } }'
                   % (self.listen(port), self.path('patterns'), self.path('codes.yml'), self.path('out.log')))
        self.launch('-f', self.path('a.conf'), '-r', '--config.reload.interval', '200ms')
        with socket.create_connection(('127.0.0.1', port)) as peer:
            peer.sendall(b'1\n')
            self.wait_for(lambda: self.lines('out.log') == ['one'], 'the first dictionary')
            self.write('codes.yml', '"1": uno\n"22": dos\n')
            self.wait_for_log('a file has changed: changed main')
            peer.sendall(b'1\n')
            self.wait_for(lambda: self.lines('out.log')[1:] == ['uno'], 'the second dictionary')
            self.write('patterns/mine', 'CODE \\d+\n')
            self.wait_for_log('a file has changed: changed main', 2)
            peer.sendall(b'22\n')
            self.wait_for(lambda: self.lines('out.log')[2:] == ['dos'], 'the second pattern')
        self.assertEqual(self.log().count('listening on 127.0.0.1'), 1)
        self.finish()

    def test_pipelines_that_send_to_each_other_are_reloaded_under_a_flood(self):
        port = free_port()
        def down(number):
            return ('down', 'input { pipeline { address => down } } filter { mutate { add_field => { "n" => "%d" } } } ' % number + self.to_file('out.log'))

        def up(number):
            return ('up', 'input { %s %s } filter { mutate { add_field => { "m" => "%d" } } } output { pipeline { send_to => down } }'
                    % (self.listen(port), self.follow('in.log'), number))
        self.write('in.log', '')
        flags = self.settings(up(0), down(0), more='pipeline.workers: 2')
        self.launch(*flags)
        for number in self.flood(port, 'in.log', 10):
            self.settings(up(number + number % 2), down(number // 2), more='pipeline.workers: 2')
            self.hang_up()
        self.wait_for(lambda: len(self.lines('out.log')) >= len(self.wanted), f'{len(self.wanted)} lines')
        summary = self.finish()
        self.assertEqual(sorted(self.lines('out.log')), self.wanted)
        for source in summary['ledger']['sources']:
            self.assert_adds_up(source)

    def test_one_wrong_pipeline_does_not_stop_the_others_at_start(self):
        flags = self.settings(('good', pipelines_test.GENERATE % ('a', 3) + self.to_file('good.log')), ('bad', 'input { nonsense {} }'))
        result = self.run_it(*flags)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn('the pipelines that are right are started', result.stderr)
        self.assertEqual(self.lines('good.log'), ['a'] * 3)
        self.assertEqual(self.run_it(*flags, '-t').returncode, 1)


if __name__ == '__main__':
    unittest.main()
