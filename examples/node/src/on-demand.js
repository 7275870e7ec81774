// A test fails on demand: FAIL=text make test
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

export function failOnDemand(url) {
  const name = basename(fileURLToPath(url), '.test.js');
  assert.notEqual(process.env.FAIL, name, `${name} was asked to fail`);
}
