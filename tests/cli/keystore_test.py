"""penstock keystore: secrets for ${KEY}."""
import os
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cli_test
from cli_test import Penstock


class Keystore(Penstock):
    def keystore(self, *words, text='', password=None, settings=True):
        env = {k: v for k, v in os.environ.items() if not k.endswith('_KEYSTORE_PASS')}
        if password is not None:
            env['PENSTOCK_KEYSTORE_PASS'] = password
        where = ['--path.settings', self.folder.name] if settings else []
        return subprocess.run([cli_test.BINARY, 'keystore', *where, *words], input=text, env=env, capture_output=True,
                              text=True, timeout=cli_test.TIMEOUT_S)

    def good(self, *words, **more):
        result = self.keystore(*words, **more)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_create_add_list_remove(self):
        self.assertEqual(self.keystore('list').returncode, 1)
        self.assertIn('not set', self.keystore('create').stderr)
        self.good('add', 'ES_PWD', 'other', '--stdin', text='s3cret\nmore\n')
        self.assertEqual(self.good('list'), 'es_pwd\nother\n')
        self.good('remove', 'other')
        self.assertEqual(self.good('list'), 'es_pwd\n')
        self.assertEqual(self.keystore('remove', 'other').returncode, 1)
        file = self.path('penstock.keystore')
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        with open(file, 'rb') as content:
            self.assertNotIn(b's3cret', content.read())

    def test_a_password_is_asked_for_ever_after(self):
        self.good('create', password='pass')
        self.good('add', 'a.key', text='v\n', password='pass')
        self.assertEqual(self.good('list', password='pass'), 'a.key\n')
        self.assertIn('password is wrong', self.keystore('list', password='other').stderr)
        self.assertIn('PENSTOCK_KEYSTORE_PASS', self.keystore('list').stderr)
        self.assertEqual(self.keystore('has-passwd').returncode, 0)
        run = self.run_it('--path.settings', self.folder.name, '-t', '-e', 'input { stdin { } }')
        self.assertEqual(run.returncode, 1)
        self.assertIn('protected by a password', run.stderr)

    def test_replacing_one_is_asked_for(self):
        self.good('create')
        self.good('add', 'a_key', text='v\n')
        self.assertEqual(self.keystore('create', text='n\n').returncode, 1)
        self.assertEqual(self.good('list'), 'a_key\n')
        self.good('create', '--force')
        self.assertEqual(self.good('list'), '')

    def test_bad_usage_and_bad_files(self):
        self.assertEqual(self.keystore().returncode, 2)
        self.assertEqual(self.keystore('sing').returncode, 2)
        self.assertEqual(self.keystore('list', settings=False).returncode, 2)
        self.good('create')
        self.assertEqual(self.keystore('add', 'bad-name', text='x\n').returncode, 1)
        with open(self.path('penstock.keystore'), 'ab') as file:
            file.write(b'x')
        self.assertIn('damaged', self.keystore('list').stderr)

    def test_configurations_and_settings_take_it_before_the_environment(self):
        self.good('create')
        self.good('add', 'WHO', 'FORMAT', text='keystore\njson\n')
        with open(self.path('penstock.yml'), 'w') as file:
            file.write('log.format: ${FORMAT}\n')
        os.environ['WHO'] = 'environment'
        self.addCleanup(os.environ.pop, 'WHO')
        run = self.run_it('--path.settings', self.folder.name, '-e', 'input { generator { count => 1 } } filter { mutate { add_field '
                          '=> { "w" => "${who} ${WHO} ${nobody:else}" } } } output { stdout { codec => line { format => "%{w}" } } }')
        self.assertEqual((run.returncode, run.stdout), (0, 'keystore keystore else\n'), run.stderr)
        self.assertIn('"message":', run.stderr)
        self.assertNotIn('"keystore', run.stderr)


if __name__ == '__main__':
    unittest.main()
