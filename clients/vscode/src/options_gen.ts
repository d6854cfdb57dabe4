// Generated from server/postil by `make gen`. Do not edit.

/** The settings that are handed to the server, and where each stands among its options. */
export const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  "model": ["model"],
  "baseUrl": ["base_url"],
  "mode": ["mode"],
  "agent": ["agent"],
  "maxSteps": ["max_steps"],
  "maxSeconds": ["max_seconds"],
  "subAgents": ["sub_agents"],
  "maxTokens": ["max_tokens"],
  "compactAt": ["compact_at"],
  "readsAtOnce": ["reads_at_once"],
  "compactBetweenTurns": ["compact_between_turns"],
  "chatStreaming": ["chat_streaming"],
  "sandboxNetwork": ["sandbox_network"],
  "verify": ["verify"],
  "verifyRounds": ["verify_rounds"],
  "guardrails": ["guardrails"],
  "limits.turn": ["limits", "turn"],
  "limits.session": ["limits", "session"],
  "limits.day": ["limits", "day"],
  "limits.turnTokens": ["limits", "turn_tokens"],
  "limits.sessionTokens": ["limits", "session_tokens"],
  "limits.dayTokens": ["limits", "day_tokens"],
  "limits.warnAt": ["limits", "warn_at"],
};

/** The permission modes as the server calls them: it says so again once it runs. */
export const MODES: readonly { id: string; title: string }[] = [
  {"id": "accept-edits", "title": "Accept edits"},
  {"id": "default", "title": "Ask first"},
  {"id": "deny-all", "title": "Deny all"},
  {"id": "no-edits", "title": "No edits"},
  {"id": "plan", "title": "Plan"},
];
