import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failOnDemand } from '../src/on-demand.js';
import { primesBelow } from '../src/primes.js';

test('more and more primes', async (steps) => {
  let before = 0;
  for (const limit of [100, 1_000, 10_000]) {
    await steps.test(`below ${limit}`, () => {
      failOnDemand(import.meta.url);
      const count = primesBelow(limit);
      assert.ok(count > before);
      before = count;
    });
  }
});
