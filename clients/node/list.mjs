// Lists test files, one a line, relative to the working directory: node list.mjs [FOLDER|FILE]...
// In a folder, test files have the names by which `node --test` finds them; the default is the working directory.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const EXTENSION = process.features.typescript ? '[cm]?[jt]s' : '[cm]?js';
const NAME = new RegExp(`^(?:test|test-.+|.+[._-]test)\\.${EXTENSION}$`);
const ANY = new RegExp(`\\.${EXTENSION}$`);

function* below(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') yield* below(path);
    } else if (NAME.test(entry.name) || (inTest(path) && ANY.test(entry.name) && !entry.name.endsWith('.d.ts'))) {
      yield path;
    }
  }
}

// Every script below a folder called `test` is a test.
const inTest = (path) => relative('.', dirname(path)).split('/').includes('test');

const found = new Set();
try {
  for (const place of process.argv.length > 2 ? process.argv.slice(2) : ['.']) {
    for (const path of statSync(place).isDirectory() ? below(place) : [place]) found.add(relative('.', path));
  }
} catch (error) {
  console.error(`list.mjs: ${error.message}`);
  process.exit(2);
}
process.stdout.write([...found].sort().map((path) => `${path}\n`).join(''));
