import assert from 'node:assert/strict';
import { test } from 'node:test';

for (const module of ['primes', 'text']) {
  test(`${module} can be imported`, async () => {
    assert.notDeepEqual(Object.keys(await import(`../src/${module}.js`)), []);
  });
}
