// Which tests LONGPOLE_SELECT selects; docs/protocol.md in Longpole's repository describes its terms.
const TERMS = (process.env.LONGPOLE_SELECT ?? '').split('\n').filter(Boolean);

// A glob, against the whole of a text: only * ? [...] are special.
function matches(glob, text) {
  const parts = glob.match(/\[!?\]?[^\]]*\]|[^]/gu) ?? [];
  const pattern = parts.map((part) => {
    if (part === '*' || part === '?') return part === '*' ? '[^]*' : '[^]';
    if (part.length < 3) return part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    return `[${part.slice(1, -1).replace(/[\\^[\]]/g, '\\$&').replace(/^!/, '^')}]`;
  });
  return new RegExp(`^${pattern.join('')}$`, 'u').test(text);
}

function holds(term, suite, name) {
  const [file, test] = term.split(/#([^]*)/);
  const short = suite.slice(suite.lastIndexOf(suite.includes('/') ? '/' : '.') + 1);
  if (!matches(file, suite) && !matches(file, short)) return false;
  return test === undefined || matches(test, name) || matches(test, name.split(/[[(]/, 1)[0]);
}

// Whether a test of a file is selected.
export function isSelected(suite, name) {
  const wanted = TERMS.filter((term) => !term.startsWith('~'));
  const unwanted = TERMS.filter((term) => term.startsWith('~')).map((term) => term.slice(1));
  const matching = (term) => holds(term, suite, name);
  return (wanted.length === 0 || wanted.some(matching)) && !unwanted.some(matching);
}
