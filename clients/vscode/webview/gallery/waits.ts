/** States of waiting: a sub-agent for the next try of the model, and a question that is open in another window. */
import { Script } from "./script";

/** Return a session whose sub-agents work, one of which waits, and that one's own. */
export function waitsBelow(): [Script, Script[]] {
  const script = new Script("waitsBelow").prompt("Move all header parsing into one module.");
  const tasks = ["Find every caller of parse_header", "Check what the plugins import"];
  const children = script.delegates(tasks, "below").map(({ title, call_id, session_id }) => {
    const below = new Script(session_id, "10:40", { session_id: script.id, turn_id: "t1", call_id });
    return below.prompt(title);
  });
  children[1]?.put({
    type: "ModelRetrying",
    turn_id: "t1",
    step: 1,
    attempt: 2,
    of: 6,
    seconds: 40,
    message: "The service takes no more requests for now (429).",
    kind: "rate_limit",
    why: "Rate limited",
  });
  return [script, children];
}
