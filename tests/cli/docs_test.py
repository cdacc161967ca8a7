"""Every configuration shown in README.md and docs/ is one that the binary accepts, and the options of the example event
pages are real: `penstock -t` over each code block that is a configuration."""
import glob
import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
BINARY = os.environ.get('PENSTOCK', os.path.join(ROOT, 'build', 'release', 'penstock'))
MMDB_MISSING = re.compile(r'(database|regexes|patterns_dir|ssl_\w+|template|rules): .*(No such file|cannot|not found|missing)', re.I)


def configurations(text):
    for block in re.findall(r'^```\w*\n(.*?)^```', text, re.M | re.S):
        if re.match(r'\s*(#[^\n]*\n\s*)*(input|filter|output)\s*\{', block):
            yield block


def whole(block):
    """With the sections that the example leaves out."""
    if not re.search(r'^\s*input\s*\{', block, re.M):
        block = 'input { stdin { } }\n' + block
    if not re.search(r'^\s*output\s*\{', block, re.M):
        block += '\noutput { stdout { } }\n'
    return block


class DocsTest(unittest.TestCase):
    def test_every_configuration_shown_is_accepted(self):
        checked = 0
        for page in sorted(glob.glob(ROOT + '/docs/**/*.md', recursive=True)) + [ROOT + '/README.md']:
            with open(page, encoding='utf-8') as f:
                text = f.read()
            for number, block in enumerate(configurations(text)):
                with self.subTest(page=os.path.relpath(page, ROOT), block=number), tempfile.TemporaryDirectory() as folder:
                    with open(folder + '/example.conf', 'w', encoding='utf-8') as f:
                        f.write(whole(block))
                    env = dict(os.environ, PII_HASH_KEY='k' * 32, ES_PASSWORD='x', HASH_KEY='k' * 32, ES_API_KEY='a:b')
                    result = subprocess.run([BINARY, '-t', '-f', folder + '/example.conf', '--path.data', folder], env=env, cwd=folder,
                                            capture_output=True, text=True, timeout=30)
                    # A file that only the reader has is no fault of the example.
                    faults = [l for l in result.stderr.splitlines() if '.conf:' in l and not MMDB_MISSING.search(l)]
                    self.assertEqual(faults, [], block)
                    checked += 1
        self.assertGreater(checked, 20)


if __name__ == '__main__':
    unittest.main()
