/** What stands on the chip of something that is attached. */
import type { PromptContext } from "../src/protocol_gen";

/** What stands on a chip: *parser.py:38-61*. */
export function labelOf(it: PromptContext): string {
  const name = it.path === "" ? it.name || it.kind : it.path.slice(it.path.lastIndexOf("/") + 1);
  if (it.first_line === 0) return name;
  return it.last_line > it.first_line
    ? `${name}:${it.first_line}-${it.last_line}`
    : `${name}:${it.first_line}`;
}
