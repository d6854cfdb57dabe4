/** Text in lines that no list clips; nothing here knows VS Code. */

/** What a row of a list holds, in the width of a small letter: a list is 600 pixels wide, and less in a small window. */
const WIDEST = 56;

/** Returns the lines of a text, long ones in several: each that goes on the one before begins with an arrow. */
export function wrapped(text: string, widest = WIDEST): string[] {
  return text === "" ? [] : text.split(/\r\n|[\n\r\u2028\u2029]/).flatMap((line) => broken(line, widest));
}

function broken(line: string, widest: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let width = 0;
  for (const character of line) {
    width += widthOf(character);
    if (width > widest && piece !== "") {
      pieces.push(piece);
      piece = "↪ ";
      width = widthOf(piece) + widthOf(character);
    }
    piece += character;
  }
  return [...pieces, piece];
}

/** How wide a character is at the most: no font is known here. */
function widthOf(character: string): number {
  if (character > "\u007f" || character === "\t") {
    return 2;
  }
  return /[A-Zmw@%&]/.test(character) ? 1.6 : 1;
}
