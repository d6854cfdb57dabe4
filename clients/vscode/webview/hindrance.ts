/** Why nothing can be sent now: said when somebody tries to. What they wrote stays. */
import type { Status } from "../src/chat/messages";

/** Return the reason as a sentence; empty where there is none. */
export function hindrance(status: Status | null, readOnly: boolean): string {
  if (readOnly) return "This session can only be read here. Take it over to go on with it.";
  if (status?.server !== "ready")
    return "The server is not there. What you wrote stays, and can be sent when it is.";
  if (status.key === "missing") return "There is no API key yet. Set one; what you wrote stays.";
  return status.key === "rejected" ? "The key was not accepted. Set another; what you wrote stays." : "";
}

/** Return whether all that is missing is a server that is on its way: what is sent meanwhile is held until it is there. */
export function isComing(status: Status | null, readOnly: boolean): boolean {
  return !readOnly && (status === null || status.server === "starting" || status.server === "restarting");
}

/** What is said of what is held. */
export const HELD = "Sent when the server is there";
