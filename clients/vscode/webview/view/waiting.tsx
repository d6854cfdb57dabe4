/** Messages that wait: what each is, and what can be done with it while it waits. */
import type { JSX } from "preact";
import type { Session, Waiting } from "../../src/session/model";
import { revealed } from "../markdown/reveal";
import { Icon, Tool, useChat } from "./basics";

/** The messages that wait, those first that join the turn in progress. */
export function WaitingChips({ session }: { session: Session }): JSX.Element | null {
  if (session.queue.length === 0) return null;
  const first = session.queue.filter((it) => it.steers);
  const others = session.queue.filter((it) => !it.steers);
  return (
    <ul class="chips" aria-label="Messages that wait">
      {[...first, ...others].map((it) => (
        <Chip key={it.prompt.turn_id} waiting={it} />
      ))}
    </ul>
  );
}

function Chip({ waiting }: { waiting: Waiting }): JSX.Element {
  const chat = useChat();
  const id = waiting.prompt.turn_id;
  const steers = waiting.steers && chat.busy;
  const words = `${steers ? "Steers" : "Next"}: ${revealed(waiting.prompt.text).replace(/\s+/g, " ").slice(0, 60)}`;
  return (
    <li class="chip">
      <Icon name={steers ? "arrow-right" : "list-ordered"} />
      {chat.readOnly ? (
        <span class="name">{words}</span>
      ) : (
        <button type="button" class="name" title="Edit" onClick={() => void chat.editWaiting(waiting)}>
          {words}
        </button>
      )}
      {!chat.readOnly && !steers && (
        <Tool
          icon="send"
          label={chat.busy ? "Steer with it now" : "Send now"}
          disabled={!chat.canSend}
          act={() => void chat.sendWaiting(id)}
        />
      )}
      {!chat.readOnly && (
        <Tool icon="close" label="Remove from the queue" act={() => void chat.takeBack(id)} />
      )}
    </li>
  );
}
