// Tells Longpole what Jest runs, a class for each file: jest --reporters=jest-reporter.mjs
// docs/forks-node.md in Longpole's repository describes it, docs/protocol.md what it prints. Jest 27 or later.
import { relative } from 'node:path';
import { isSelected } from './selection.mjs';

const STATUS = { passed: 'passed', failed: 'failed', pending: 'skipped', todo: 'skipped', disabled: 'skipped', skipped: 'skipped' };

// Colours are for terminals. One write with its newline: Node writes to pipes and files at once, whatever their size.
const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, '');
const tell = (event) => process.stdout.write(`@@LONGPOLE@@ ${JSON.stringify(event)}\n`);

function caseOf(suite, test, names) {
  const whole = [...test.ancestorTitles, test.title].join(' > ');
  if (!isSelected(suite, whole)) return null;
  const times = (names.get(whole) ?? 0) + 1;
  names.set(whole, times);
  const result = {
    name: times > 1 ? `${whole} #${times}` : whole,
    seconds: (test.duration ?? 0) / 1000,
    status: STATUS[test.status] ?? 'error',
  };
  if (result.status === 'failed') {
    const text = plain(test.failureMessages.join('\n'));
    Object.assign(result, { message: text.split('\n    at ')[0].trim() || 'failed', details: text });
    if (test.location) result.location = `${suite}:${test.location.line}`;
  }
  return result;
}

export default class Reporter {
  #totals = { passed: 0, failed: 0, skipped: 0, error: 0 };
  #suites = 0;
  #failed = false;

  onRunStart() {
    tell({ event: 'fork_started', version: 1, client: 'longpole-jest 1' });
  }

  onTestStart({ path }) {
    tell({ event: 'suite_started', suite: relative('.', path) });
  }

  onTestResult({ path }, found) {
    const suite = relative('.', path);
    const names = new Map();
    const all = found.testResults;
    const cases = all.map((test) => caseOf(suite, test, names)).filter(Boolean);
    const failed = cases.some(({ status }) => status === 'failed' || status === 'error');
    const { start = 0, end = 0 } = found.perfStats ?? {};
    const result = { status: failed ? 'failed' : 'passed', seconds: Math.max(0, end - start) / 1000, cases };
    if (all.length > 0 && cases.length === 0) {
      Object.assign(result, { status: 'skipped', message: 'no test of the file is selected' });
    } else if (found.testExecError || (found.failureMessage && !all.some(({ status }) => status === 'failed'))) {
      const text = plain(found.failureMessage ?? String(found.testExecError.message ?? found.testExecError)).trim();
      Object.assign(result, { status: 'error', message: text });
    } else if (cases.length === 0) {
      Object.assign(result, { status: 'error', message: 'the file has no test' });
    } else if (cases.every(({ status }) => status === 'skipped')) {
      result.status = 'skipped';
    }
    this.#failed ||= result.status === 'failed' || result.status === 'error';
    this.#suites += 1;
    for (const { status } of cases) this.#totals[status] += 1;
    const output = (found.console ?? []).map(({ message }) => `${message}\n`).join('');
    tell({ event: 'suite_completed', suite, ...result, output });
  }

  onRunComplete() {
    tell({ event: 'fork_completed', suites: this.#suites, cases: this.#totals });
  }

  getLastError() {
    return this.#failed ? new Error('tests failed') : undefined;
  }
}
