/** Where a word stands on a line. */

/** Returns where a name stands as a whole word. */
export function placeOf(name: string, text: string): number | null {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + name.length])) {
      return at;
    }
  }
  return null;
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_$]/u.test(character);
}
