"""What README.md and docs/ show is true: every configuration is accepted by `penstock -t`, and every example with an input
and an output is run and gives that output. docs/ADDING_A_FILTER.md ("Examples in pages") says how a page writes them."""
import glob
import json
import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
BINARY = os.path.abspath(os.environ.get('PENSTOCK', os.path.join(ROOT, 'build', 'release', 'penstock')))
PAGES = sorted(glob.glob(ROOT + '/docs/**/*.md', recursive=True)) + [ROOT + '/README.md']
# A file that only the reader has is no fault of an example that isn't run.
FILE_MISSING = re.compile(r'No such file|cannot|not found|missing', re.I)
# Nor is what one of several pipelines says alone.
OTHER_PIPELINE = 'no pipeline listens on the address'
# Files that examples may name as if they were installed.
KNOWN_FILES = {'/var/lib/GeoIP/GeoLite2-City.mmdb': ROOT + '/tests/data/geoip/city.mmdb',
               '/var/lib/GeoIP/GeoLite2-ASN.mmdb': ROOT + '/tests/data/geoip/asn.mmdb'}
# What the input adds by itself; compared only where an example shows it.
ADDED = ('@timestamp', '@version', 'host', 'event')
ENVIRONMENT = {'PII_HASH_KEY': 'k' * 32, 'HASH_KEY': 'k' * 32, 'ES_PASSWORD': 'x', 'ES_API_KEY': 'a:b', 'TZ': 'UTC'}

TOKEN = re.compile(r'^```(?P<info>[^\n]*)\n(?P<body>.*?)^```[ \t]*$'
                   r'|^in: `(?P<in>[^\n]*)`[ \t]*$|^out: `(?P<out>[^\n]*)`[ \t]*$|^out: (?P<nothing>nothing)\b', re.M | re.S)


def is_configuration(info, body):
    return info in ('', 'conf') and re.match(r'\s*(#[^\n]*\n\s*)*(input|filter|output)\s*\{', body)


class Example:
    """A configuration of a page, with its files and its pairs of input and output."""

    def __init__(self, configuration, files):
        self.configuration, self.files, self.pairs, self.pending = configuration, files, [], None

    def has(self, section):
        return re.search(r'^\s*' + section + r'\s*\{', self.configuration, re.M) is not None

    def whole(self, text=None):
        """With the sections that the example leaves out."""
        codec = 'json_lines' if text is None or text.lstrip().startswith('{') else 'line'
        before = '' if self.has('input') else f'input {{ stdin {{ codec => {codec} }} }}\n'
        return before + self.configuration + ('' if self.has('output') else '\noutput { stdout { codec => json_lines } }\n')


def inline(text):
    """`a` and `b` on a line: two events."""
    return text.replace('` and `', '\n')


def examples(text):
    found, files = [], {}
    for token in TOKEN.finditer(text):
        info, body = (token['info'] or '').strip(), token['body']
        if body is not None and info.startswith('file '):
            files[info[5:].strip()] = body
        elif body is not None and is_configuration(info, body):
            found.append(Example(body, files))
        elif token['in'] is not None or info == 'input':
            assert found, 'an input without a configuration before it'
            found[-1].pending = inline(token['in']) + '\n' if token['in'] is not None else body
        elif token['nothing'] or token['out'] is not None or info == 'output':
            assert found and found[-1].pending is not None, 'an output without an input before it'
            wanted = '' if token['nothing'] else inline(token['out']) if token['out'] is not None else body
            found[-1].pairs.append((found[-1].pending, wanted))
            found[-1].pending = None
    return found


def run(example, folder, text=None):
    """`penstock -t` without text, otherwise a run over it."""
    configuration = example.whole(text)
    for name, path in KNOWN_FILES.items():
        configuration = configuration.replace(name, path)
    for number, (name, body) in enumerate(example.files.items()):
        path = f'{folder}/{number}-{os.path.basename(name)}'
        with open(path, 'w', encoding='utf-8') as f:
            f.write(body)
        configuration = configuration.replace(name, path)
    with open(folder + '/example.conf', 'w', encoding='utf-8') as f:
        f.write(configuration)
    mode = ['-t'] if text is None else ['-w', '1', '--api.enabled', 'false', '--log.level', 'error']
    return subprocess.run([BINARY, *mode, '-f', folder + '/example.conf', '--path.data', folder], input=text or '', cwd=folder,
                          env=dict(os.environ, **ENVIRONMENT), capture_output=True, text=True, timeout=30)


def documents(text):
    decoder, out, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        out.append(document)
    return out


def matches(wanted, got):
    if wanted == '...':
        return True
    if isinstance(wanted, str) and isinstance(got, str) and '...' in wanted:
        return re.fullmatch('.*'.join(map(re.escape, wanted.split('...'))), got, re.S) is not None
    if isinstance(wanted, dict) and isinstance(got, dict):
        return wanted.keys() == got.keys() and all(matches(wanted[k], got[k]) for k in wanted)
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(map(matches, wanted, got))
    return type(wanted) is type(got) and wanted == got


def shown(wanted, got):
    """`got` without what the input added and the page doesn't show."""
    out = {k: v for k, v in got.items() if k in wanted or k not in ADDED}
    for name in ADDED:
        if isinstance(out.get(name), dict) and isinstance(wanted.get(name), dict):
            out[name] = {k: v for k, v in out[name].items() if k in wanted[name] or k not in ('original', 'hostname')}
    return out


class DocsTest(unittest.TestCase):
    maxDiff = None

    def each(self, check):
        for page in PAGES:
            with open(page, encoding='utf-8') as f:
                text = f.read()
            for number, example in enumerate(examples(text)):
                with self.subTest(page=os.path.relpath(page, ROOT), configuration=number), tempfile.TemporaryDirectory() as folder:
                    check(example, folder)

    def accepted(self, example, folder):
        result = run(example, folder)
        faults = [l for l in result.stderr.splitlines() if '.conf:' in l and not FILE_MISSING.search(l) and OTHER_PIPELINE not in l]
        self.assertEqual(faults, [], example.configuration)

    def true(self, example, folder):
        for text, wanted in example.pairs:
            result = run(example, folder, text)
            self.assertEqual(result.returncode, 0, result.stderr)
            if example.has('output'):
                self.assertTrue(matches(wanted.rstrip(), result.stdout.rstrip()), f'shown:\n{wanted}\ngot:\n{result.stdout}')
                continue
            want, got = documents(wanted), documents(result.stdout)
            got = [shown(w, g) for w, g in zip(want, got)] + got[len(want):]
            if not matches(want, got):
                self.assertEqual(want, got)

    def test_every_configuration_shown_is_accepted(self):
        self.each(self.accepted)

    def test_every_example_gives_the_output_that_its_page_shows(self):
        self.each(self.true)

    def test_every_filter_has_an_example_that_is_run(self):
        for page in glob.glob(ROOT + '/docs/filters/*.md'):
            with self.subTest(page=os.path.relpath(page, ROOT)), open(page, encoding='utf-8') as f:
                self.assertTrue(any(example.pairs for example in examples(f.read())))


if __name__ == '__main__':
    unittest.main()
