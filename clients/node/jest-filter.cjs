// The test files of a fork, of those that Jest has found: an argument of `jest --filter`.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join, resolve } = require('node:path');

const NAMES_ONLY = 30; // Since this version a filter returns paths, before that objects.

module.exports = async (paths) => {
  const given = readFileSync(process.env.LONGPOLE_CLASSES, 'utf8').split('\n').filter(Boolean);
  const wanted = new Set(given.map((name) => resolve(name)));
  const filtered = paths.filter((path) => wanted.has(path));
  const { version } = createRequire(join(process.cwd(), 'package.json'))('jest/package.json');
  return { filtered: Number.parseInt(version, 10) < NAMES_ONLY ? filtered.map((test) => ({ test })) : filtered };
};
