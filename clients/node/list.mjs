// Lists test files, one a line, relative to the working directory: node list.mjs [FOLDER|FILE|GLOB]...
// In a folder, test files have the names by which `node --test` finds them; the default is the working directory.
// A path that does not exist is a glob: * ? [...] {a,b} ** as in Node 21 and later.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

const EXTENSION = process.features.typescript ? '[cm]?[jt]s' : '[cm]?js';
const NAME = new RegExp(`^(?:test|test-.+|.+[._-]test)\\.${EXTENSION}$`);
const ANY = new RegExp(`\\.${EXTENSION}$`);

function* below(folder, isWanted = isTest) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') yield* below(path, isWanted);
    } else if (isWanted(path, entry.name)) {
      yield path;
    }
  }
}

// Every script below a folder called `test` is a test.
const inTest = (path) => relative('.', dirname(path)).split('/').includes('test');

const isTest = (path, name) => NAME.test(name) || (inTest(path) && ANY.test(name) && !name.endsWith('.d.ts'));

const PARTS = /\*\*\/|\*\*|\*|\?|\[!?\]?[^\]/]*\]|\{|\}|,|[^]/gu;
const SHOWN = '(?!\\.)[^/]';
const MEANS = {
  '**/': `(?:${SHOWN}+/)*`, '**': `(?:${SHOWN}+/)*${SHOWN}*`, '*': `${SHOWN}*`, '?': '[^/]', '{': '(?:', '}': ')', ',': '|',
};

// The pattern of a glob over paths with `/`. A comma is one outside of braces.
function toPattern(glob) {
  let depth = 0;
  const parts = glob.match(PARTS).map((part) => {
    if (part === '{') depth += 1;
    if (part === ',' && depth === 0) return ',';
    if (part === '}') depth -= 1;
    if (part in MEANS) return MEANS[part];
    if (part.length > 2) return `[${part.slice(1, -1).replace(/[\\^[\]]/g, '\\$&').replace(/^!/, '^')}]`;
    return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 'u');
}

function* matching(glob) {
  const folder = dirname(`${glob.slice(0, glob.search(/[*?[{]/))}x`);
  const pattern = toPattern(normalize(glob));
  if (existsSync(folder)) yield* below(folder, (path) => pattern.test(path));
}

function* filesOf(place) {
  if (!existsSync(place) && /[*?[{]/.test(place)) yield* matching(place);
  else if (statSync(place).isDirectory()) yield* below(place);
  else yield place;
}

const found = new Set();
try {
  for (const place of process.argv.length > 2 ? process.argv.slice(2) : ['.']) {
    for (const path of filesOf(place)) found.add(relative('.', path));
  }
} catch (error) {
  console.error(`list.mjs: ${error.message}`);
  process.exit(2);
}
process.stdout.write([...found].sort().map((path) => `${path}\n`).join(''));
