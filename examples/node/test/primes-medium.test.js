import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failOnDemand } from '../src/on-demand.js';
import { primesBelow } from '../src/primes.js';

test('primes below 600,000', () => {
  failOnDemand(import.meta.url);
  assert.equal(primesBelow(600_000), 49_098);
});
