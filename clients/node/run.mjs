// Runs the files of a fork and tells Longpole about them: node run.mjs CLASSES_FILE
// Options of Node before `run.mjs`, such as --import, hold for the files, too. docs/forks-node.md describes it.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { run } from 'node:test';
import reporter from './reporter.mjs';

const list = process.argv[2] ?? process.env.LONGPOLE_CLASSES;
if (!list) {
  console.error('usage: node run.mjs CLASSES_FILE, a file with the path of a test file in each line');
  process.exit(2);
}
if (process.env.LONGPOLE_QUEUE) {
  console.error('run.mjs: the client for Node cannot take files from a queue: remove `stealing` from the suite');
  process.exit(2);
}
const files = readFileSync(list, 'utf8').split('\n').filter(Boolean).map((file) => resolve(file));
const concurrency = Number(process.env.LONGPOLE_THREADS ?? 1) || availableParallelism();
const events = run({ files, concurrency });
events.on('test:fail', ({ todo }) => {
  if (!process.env.LONGPOLE_PROTOCOL && (todo === undefined || todo === false)) process.exitCode = 1;
});
Readable.from(reporter(events)).pipe(process.stdout);
