/** What was attached to a prompt, as it is attached when the prompt is sent anew: what a person sees on the chips, once. */
import type { PromptContext, PromptReceived } from "../src/protocol_gen";
import type { Attachment } from "./kept";
import { labelOf } from "./label";

/** Return what stands on the chips of a prompt that is written anew. */
export function attachedAgain(prompt: PromptReceived): Attachment[] {
  return prompt.context.flatMap((it) => {
    const context = again(it);
    return context === null ? [] : [{ label: labelOf(context), context }];
  });
}

/** What a slash command stands for, and what is said of a mention, come with the words again. */
function again(context: PromptContext): PromptContext | null {
  const { kind, path, first_line, last_line } = context;
  if (kind === "command") return null;
  // A file that could not be attached by its path may be by now.
  if (kind === "mention" && path === "") return null;
  if (kind !== "mention" && (kind !== "file" || path === "")) return context;
  // The server reads a file anew, once: its text may be another, and the words may mention it as well.
  return { kind: "file", path, text: "", first_line, last_line, name: "", note: "", sources: [] };
}
