// Words of a text, in lower case.
export const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

// How often each word occurs.
export function frequencies(text) {
  const counts = new Map();
  for (const word of words(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
