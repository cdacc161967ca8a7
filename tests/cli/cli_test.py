#!/usr/bin/env python3
"""Drives the real binary: exit codes, order, signals, backpressure, the ledger.

  cli_test.py BINARY [unittest arguments]
"""
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

GIVEN = len(sys.argv) > 1 and os.path.isfile(sys.argv[1])
BINARY = os.path.abspath(sys.argv.pop(1) if GIVEN else os.environ.get('PENSTOCK', 'build/release/penstock'))
TIMEOUT_S = 60
STDIN = "input { stdin { codec => json_lines } } "
JSON_OUT = " output { stdout { codec => json_lines } }"


class Penstock(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def command(self, *flags, api="false"):
        return [BINARY, "--path.data", self.path("data"), "--api.enabled", api, *flags]

    def run_it(self, *flags, text=""):
        return subprocess.run(self.command(*flags), input=text, capture_output=True, text=True,
                              timeout=TIMEOUT_S)

    def start(self, *flags, **popen):
        process = subprocess.Popen(self.command(*flags), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.communicate()

    def summary(self, *flags, text=""):
        result = self.run_it("--summary", self.path("summary.json"), *flags, text=text)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(self.path("summary.json")) as file:
            return result, json.load(file)

    def assert_adds_up(self, line):
        self.assertEqual(line["in_flight"], 0)
        self.assertEqual(line["read"] + line["created"],
                         line["delivered"] + line["dead_lettered"] + sum(line["dropped"].values()))


class ExitCodes(Penstock):
    def test_a_config_of_the_command_line_reads_stdin_and_shows_events_by_default(self):
        run = self.run_it('-e', 'filter { mutate { add_field => { "seen" => "yes" } } }', text='hello\n')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn('"message" => "hello"', run.stdout)
        self.assertIn('"seen" => "yes"', run.stdout)

    def test_a_config_without_an_input_is_right_but_can_not_run(self):
        config = 'filter { mutate { add_tag => ["a"] } } output { stdout {} }'
        with open(self.path('a.conf'), 'w') as file:
            file.write(config)
        self.assertEqual(self.run_it('-t', '-f', self.path('a.conf')).returncode, 0)
        run = self.run_it('-f', self.path('a.conf'))
        self.assertEqual(run.returncode, 1)
        self.assertIn('has no input', run.stderr)

    def test_a_pipeline_that_ends_exits_0(self):
        result = self.run_it("-e", STDIN + JSON_OUT, text='{"a":1}\n')
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads(result.stdout)["a"], 1)

    def test_a_bad_configuration_exits_1_with_its_place(self):
        result = self.run_it("-e", "input { stdni {} }\n output { stdout { codc => json } }")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r":1:\d+.*stdni")
        self.assertRegex(result.stderr, r":2:\d+.*codc")

    def test_one_run_shows_the_errors_of_all_stages_in_their_order(self):
        config = """input { stdin { codec => jsno } }
filter {
  grok { match => { "message" => "%{WROD:a}" } }
  grok { match => { "message" "x" } }
  mutate { convert => { "a" => "integr" } }
  mutate { rplace => { "a" => "b" } }
  if [a] =~ /(/ { geoip { source => "[a][ip]" database => "/nowhere.mmdb" } }
}
output { file { } stdout { codec => json { x => 1 } } }
"""
        with open(self.path("a.conf"), "w") as file:
            file.write(config)
        for test in ([], ["-t"]):
            result = self.run_it("-f", self.path("a.conf"), *test)
            self.assertEqual(result.returncode, 1)
            *errors, count = result.stderr.splitlines()
            places = [line.split(":")[1:3] for line in errors]
            self.assertTrue(all(line.startswith(self.path("a.conf") + ":") for line in errors), errors)
            self.assertEqual([int(line) for line, _ in places], [1, 3, 4, 5, 6, 7, 7, 9, 9], errors)
            for wanted, line in zip(("jsno", "WROD", "=>", "integr", "rplace", "pattern", "nowhere.mmdb", "path", "`x`"), errors):
                self.assertIn(wanted, line)
            self.assertTrue(count.startswith("9 errors"), count)

    def test_bad_usage_exits_2(self):
        for flags in (["--nonsense"], [], ["-w", "0", "-e", STDIN], ["-f", "a", "-e", STDIN]):
            self.assertEqual(self.run_it(*flags).returncode, 2, flags)

    def test_the_configuration_can_be_checked_alone(self):
        result = self.run_it("-t", "-e", STDIN + JSON_OUT)
        self.assertEqual((result.returncode, result.stdout), (0, "Configuration OK\n"))
        self.assertEqual(self.run_it("-t", "-e", "input {").returncode, 1)

    def test_version_help_and_plugins(self):
        self.assertRegex(self.run_it("-V").stdout, r"^penstock \d+\.\d+\.\d+\n$")
        self.assertEqual(self.run_it("--help").returncode, 0)
        self.assertIn("stdin", self.run_it("plugins").stdout)
        self.assertIn("percentage", self.run_it("plugins", "drop").stdout)
        self.assertEqual(self.run_it("plugins", "nonsense").returncode, 2)


class Flow(Penstock):
    def test_one_worker_keeps_the_order(self):
        events = "".join('{"n":%d}\n' % n for n in range(20000))
        config = STDIN + "filter { if [n] == 7 { drop {} } }" + JSON_OUT
        result, summary = self.summary("-w", "1", "-e", config, text=events)
        numbers = [json.loads(line)["n"] for line in result.stdout.splitlines()]
        self.assertEqual(numbers, [n for n in range(20000) if n != 7])
        self.assertEqual(summary["ledger"]["total"]["dropped"]["filter"], 1)
        self.assert_adds_up(summary["ledger"]["total"])

    def test_events_made_of_another_come_before_the_next(self):
        config = STDIN + 'filter { split { field => "a" } }' + JSON_OUT
        text = "".join('{"a":[%d,%d]}\n' % (n, n + 1) for n in range(0, 2000, 2))
        result = self.run_it("-w", "1", "-e", config, text=text)
        self.assertEqual([json.loads(line)["a"] for line in result.stdout.splitlines()], list(range(2000)))

    def test_the_generator_numbers_its_events_by_rounds(self):
        config = 'input { generator { lines => ["a", "b"] count => 3000 } } output { stdout { codec => json_lines } }'
        for ecs, number in (("disabled", lambda e: e["sequence"]), ("v8", lambda e: e["event"]["sequence"])):
            result = self.run_it("-w", "1", "--pipeline.ecs_compatibility", ecs, "-e", config)
            events = [json.loads(line) for line in result.stdout.splitlines()]
            self.assertEqual([(number(e), e["message"]) for e in events],
                             [(n, line) for n in range(3000) for line in "ab"])

    def test_the_generator_takes_its_message_from_standard_input(self):
        config = 'input { generator { message => "stdin" count => 2 threads => 2 } } output { stdout { codec => json_lines } }'
        result = self.run_it("-e", config, text="one line\nand another\n")
        self.assertEqual([json.loads(line)["message"] for line in result.stdout.splitlines()], ["one line\n"] * 4)
        result = self.run_it("-e", config)
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_several_workers_lose_and_double_nothing(self):
        events = "".join('{"n":%d}\n' % n for n in range(20000))
        result, summary = self.summary("-w", "4", "-e", STDIN + JSON_OUT, text=events)
        numbers = sorted(json.loads(line)["n"] for line in result.stdout.splitlines())
        self.assertEqual(numbers, list(range(20000)))
        self.assert_adds_up(summary["ledger"]["total"])

    def test_the_ledger_tells_drops_apart(self):
        config = STDIN + "output { if [n] == 1 { stdout { codec => json_lines } } }"
        _, summary = self.summary("-e", config, text='{"n":1}\n{"n":2}\n\nbroken\n')
        total = summary["ledger"]["total"]
        self.assertEqual((total["delivered"], total["dropped"]["unrouted"]), (1, 2))
        self.assert_adds_up(total)

    def test_an_event_for_which_a_condition_fails_is_marked_and_delivered(self):
        config = STDIN + "filter { if [n] < 5 { drop {} } }" + JSON_OUT
        result, summary = self.summary("-e", config, text='{"n":"x"}\n{"n":9}\n')
        tags = [json.loads(line).get("tags") for line in result.stdout.splitlines()]
        self.assertEqual(tags, [["_conditionfailure"], None])
        self.assertEqual(summary["ledger"]["total"]["delivered"], 2)
        self.assert_adds_up(summary["ledger"]["total"])
        failures = [m["value"] for m in summary["metrics"] if m["name"].endswith("condition_failures_total")]
        self.assertEqual(failures, [1])

    def test_a_full_disk_holds_the_events_and_the_next_start_writes_them(self):
        with open(self.path("in.log"), "w") as file:
            file.writelines("line %d %s\n" % (n, "x" * 80) for n in range(5000))
        config = """input { file { path => "%s" mode => read exit_after_read => true file_completed_action => log
                                   file_completed_log_path => "/dev/null" } }
                    output { file { path => "%s" codec => line { format => "%%{message}" } } }""" % (
            self.path("in.log"), self.path("out.log"))
        limit = 100_000  # a limit on the file's size is a full disk that a test can make
        process = self.start("-e", config, "--shutdown.grace", "1",
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        for line in process.stderr:
            if b"cannot write" in line:
                break
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        self.assertIn(b"read again", process.communicate(timeout=TIMEOUT_S)[1])
        self.assertEqual(process.returncode, 0)
        self.assertLess(time.monotonic() - began, 20)
        self.assertLessEqual(os.path.getsize(self.path("out.log")), limit)
        self.assertEqual(self.run_it("-e", config).returncode, 0)
        with open(self.path("in.log")) as sent, open(self.path("out.log")) as got:
            self.assertEqual(set(got), set(sent))

    def test_the_summary_is_shown_for_people(self):
        self.summary("-e", STDIN + "output { null {} }", text='{"n":1}\n')
        result = self.run_it("summary", self.path("summary.json"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("ledger", result.stdout)

    def test_a_blocked_output_stops_the_input_and_bounds_the_memory(self):
        process = self.start("-w", "1", "-e",
                             "input { generator { lines => ['%s'] } } " % ("x" * 500) + JSON_OUT)
        process.stdout.read(1)  # it runs; from now on nobody reads
        cpu = -1.0
        for _ in range(200):  # until it stands still, bounded
            last, cpu = cpu, self.cpu_seconds(process.pid)
            if cpu == last:
                break
            time.sleep(0.1)
        self.assertEqual(cpu, last, "the input goes on")
        self.assertLess(self.resident_mb(process.pid), 400)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(TIMEOUT_S), 0)

    @staticmethod
    def cpu_seconds(pid):
        with open("/proc/%d/stat" % pid) as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def resident_mb(pid):
        with open("/proc/%d/statm" % pid) as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


class Signals(Penstock):
    def test_sigterm_finishes_what_was_read(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.start("-w", "1", "-e", STDIN + JSON_OUT)
            process.stdin.write(b'{"n":1}\n')
            process.stdin.flush()
            self.assertEqual(json.loads(process.stdout.readline())["n"], 1)
            process.send_signal(number)
            self.assertEqual(process.wait(TIMEOUT_S), 0)

    def test_idle_costs_nothing(self):
        process = self.start("-e", STDIN + JSON_OUT)
        process.stdin.write(b'{"n":1}\n')
        process.stdin.flush()
        process.stdout.readline()
        before = Flow.cpu_seconds(process.pid)
        time.sleep(0.3)
        self.assertLessEqual(Flow.cpu_seconds(process.pid) - before, 0.02)


class Api(Penstock):
    def test_it_answers_with_logstashs_names_and_the_ledger(self):
        process = subprocess.Popen(
            self.command("--api.http.port", "9600-9700", "-e", STDIN + JSON_OUT, api="true"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        line = process.stderr.readline().decode()
        self.assertIn("listening on ", line)
        base = "http://" + line.rsplit("listening on ", 1)[1].strip()
        process.stdin.write(b'{"n":1}\n')
        process.stdin.flush()
        process.stdout.readline()
        stats = json.loads(self.get(base + "/_node/stats"))
        self.assertEqual(stats["events"]["in"], 1)
        self.assertEqual(stats["pipelines"]["main"]["plugins"]["inputs"][0]["name"], "stdin")
        self.assertEqual(stats["penstock"]["ledger"]["total"]["read"], 1)
        self.assertIn("penstock_events_in_total{", self.get(base + "/metrics"))
        self.assertEqual(json.loads(self.get(base + "/health/ready"))["status"], "ok")
        self.assertIn("version", json.loads(self.get(base + "/")))

    @staticmethod
    def get(url):
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            return answer.read().decode()


if __name__ == "__main__":
    unittest.main()
