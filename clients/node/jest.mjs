// Lists the test files of a project with Jest, or runs some of them: node jest.mjs list [OPTION of Jest]...
//                                                                    node jest.mjs run [OPTION of Jest]... CLASSES_FILE
// It starts the project's own Jest, 27 or later; docs/forks-node.md in Longpole's repository describes it.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [mode, ...words] = process.argv.slice(2);
const file = mode === 'run' ? words.pop() : undefined;
if ((mode !== 'list' && mode !== 'run') || (mode === 'run' && !file)) {
  console.error('usage: node jest.mjs list [OPTION]...\n       node jest.mjs run [OPTION]... CLASSES_FILE');
  process.exit(2);
}
if (process.env.LONGPOLE_QUEUE) {
  console.error('jest.mjs: the client for Jest cannot take files from a queue: remove `stealing` from the suite');
  process.exit(2);
}
const fromProject = createRequire(join(process.cwd(), 'package.json'));
if (mode === 'list') {
  const program = fromProject.resolve('jest/bin/jest');
  const done = spawnSync(process.execPath, [program, ...words, '--listTests'], { encoding: 'utf8', maxBuffer: 2 ** 30 });
  process.stderr.write(done.stderr);
  const paths = done.stdout.split('\n').filter((line) => line.startsWith('/'));
  process.stdout.write(paths.map((path) => `${relative('.', path)}\n`).sort().join(''));
  process.exit(done.status ?? 1);
}
process.env.LONGPOLE_CLASSES = resolve(file);
process.env.NODE_ENV ??= 'test';
const beside = (name) => fileURLToPath(new URL(name, import.meta.url));
const threads = Number(process.env.LONGPOLE_THREADS ?? 1);
const workers = threads === 1 ? ['--runInBand'] : threads > 1 ? [`--maxWorkers=${threads}`] : [];
// All options of the project hold. What they select is filtered by the files of the fork, which are exact.
const own = [`--filter=${beside('jest-filter.cjs')}`, '--coverage=false', '--watchAll=false', '--ci', ...workers];
if (process.env.LONGPOLE_PROTOCOL) own.push(`--reporters=${beside('jest-reporter.mjs')}`);
await fromProject('jest').run([...words, ...own]);
