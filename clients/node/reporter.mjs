// Tells Longpole what `node --test` runs, a class for each file: node --test --test-reporter=reporter.mjs FILE...
// docs/forks-node.md in Longpole's repository describes it, docs/protocol.md what it prints. Node 20 or later.
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { spec } from 'node:test/reporters';
import { inspect } from 'node:util';
import { isSelected } from './selection.mjs';

const FLUSH_BYTES = 64 * 1024;
const FLUSH_MS = 10_000;
const IN_ORDER = new Set(['test:enqueue', 'test:start', 'test:pass', 'test:fail']);

// One write with its newline: Node writes to pipes and files at once, whatever their size.
const tell = (event) => process.stdout.write(`@@LONGPOLE@@ ${JSON.stringify(event)}\n`);
const path = (file) => relative(process.cwd(), file);

class TestFile {
  constructor(suite) {
    Object.assign(this, { suite, cases: [], names: new Map(), above: [], open: [], left: 0, output: '', ended: null });
    tell({ event: 'suite_started', suite });
  }

  print(text) {
    this.output += text;
    if (Buffer.byteLength(this.output) > FLUSH_BYTES) this.flush();
  }

  flush() {
    if (this.output) tell({ event: 'suite_output', suite: this.suite, text: this.output });
    this.output = '';
  }

  // A test has ended. A suite is no test of its own, unless it was skipped, or failed by itself.
  add({ name, nesting, line, file, skip, todo, details }, passed) {
    const error = details.error;
    const at = this.open.findIndex((each) => each.name === name && each.line === line && each.nesting === nesting);
    if (at >= 0) this.open.splice(at, 1);
    const own = passed ? skip !== undefined : error?.failureType !== 'subtestsFailed';
    if (details.type === 'suite' && !own) return;
    const whole = [...this.above.slice(0, nesting), name].join(' > ');
    // All tests of a file run; those that are not selected are not told.
    if (!isSelected(this.suite, whole)) {
      this.left += 1;
      return;
    }
    const times = (this.names.get(whole) ?? 0) + 1;
    this.names.set(whole, times);
    const result = { name: times > 1 ? `${whole} #${times}` : whole, seconds: details.duration_ms / 1000 };
    const reason = skip ?? todo;
    if (reason !== undefined) {
      Object.assign(result, { status: 'skipped', message: typeof reason === 'string' ? reason : undefined });
    } else if (passed) {
      result.status = 'passed';
    } else {
      const cause = error?.cause ?? error;
      result.status = error?.failureType === 'hookFailed' ? 'error' : 'failed';
      result.message = String(cause?.message ?? cause ?? 'failed');
      result.details = cause?.stack ?? inspect(cause);
      if (file) result.location = `${path(file)}:${line}`;
    }
    this.cases.push(result);
  }

  // The process of the file has ended. A test that ends it (process.exit) must not look like one that passed.
  complete() {
    const { passed, seconds } = this.ended;
    const failed = this.cases.some(({ status }) => status === 'failed' || status === 'error');
    const result = { status: failed ? 'failed' : 'passed', seconds, cases: this.cases };
    if (this.open.length > 0) {
      const names = this.open.slice(0, 3).map(({ name }) => name).join(', ');
      const message = `${this.open.length} tests have no result (${names}); did a test call process.exit()?`;
      Object.assign(result, { status: 'error', message });
    } else if (this.left > 0 && this.cases.length === 0) {
      Object.assign(result, { status: 'skipped', message: 'no test of the file is selected' });
    } else if (!passed && !failed && this.left === 0) {
      Object.assign(result, { status: 'error', message: 'the process of the file failed; its output says why' });
    } else if (this.cases.length === 0) {
      Object.assign(result, { status: 'error', message: 'the file has no test; did it call process.exit()?' });
    } else if (this.cases.every(({ status }) => status === 'skipped')) {
      result.status = 'skipped';
    }
    this.red = result.status === 'failed' || result.status === 'error';
    tell({ event: 'suite_completed', suite: this.suite, ...result, output: this.output });
  }
}

async function* toTerminal(source) {
  yield* Readable.from(source).pipe(new spec());
}

async function* toLongpole(source) {
  const given = (process.env.LONGPOLE_CLASSES ? readFileSync(process.env.LONGPOLE_CLASSES, 'utf8') : '').split('\n');
  const names = new Map(given.filter(Boolean).map((name) => [resolve(name), name]));
  const files = new Map();
  const totals = { passed: 0, failed: 0, skipped: 0, error: 0 };
  let suites = 0;
  const complete = (key) => {
    const file = files.get(key);
    files.delete(key);
    file.complete();
    suites += 1;
    if (file.red) process.exitCode = 1;
    for (const { status } of file.cases) totals[status] += 1;
  };
  tell({ event: 'fork_started', version: 1, client: 'longpole-node 1' });
  const timer = setInterval(() => files.forEach((file) => file.flush()), FLUSH_MS).unref();
  for await (const { type, data } of source) {
    const key = data?.file && resolve(data.file);
    const isFile = key && data.nesting === 0 && resolve(data.name ?? '') === key;
    if (isFile && type === 'test:dequeue') files.set(key, new TestFile(names.get(key) ?? path(key)));
    const file = files.get(key);
    if (!file) continue;
    // Files that run at the same time report one after the other, in the order in which they were started, and mostly
    // after their ends: so those before this one have reported all, and a file that runs alone has when it ends.
    for (const other of isFile || !IN_ORDER.has(type) ? [] : files.keys()) {
      if (other === key) break;
      if (files.get(other).ended) complete(other);
    }
    if (type === 'test:stdout' || type === 'test:stderr') file.print(data.message);
    else if (isFile && type === 'test:complete') {
      file.ended = { passed: data.details.passed, seconds: data.details.duration_ms / 1000 };
      if (files.size === 1) complete(key);
    } else if (isFile) continue;
    else if (type === 'test:enqueue') file.open.push({ name: data.name, line: data.line, nesting: data.nesting });
    else if (type === 'test:start') file.above[data.nesting] = data.name;
    else if (type === 'test:pass' || type === 'test:fail') file.add(data, type === 'test:pass');
  }
  clearInterval(timer);
  for (const [key, { ended }] of files) if (ended) complete(key);
  tell({ event: 'fork_completed', suites, cases: totals });
}

// By hand, without Longpole, it is Node's own reporter.
export default process.env.LONGPOLE_PROTOCOL ? toLongpole : toTerminal;
