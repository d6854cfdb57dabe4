/** What VS Code pops up has no links in it that somebody else has written. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { plain, plainMessages } from "../../src/client/plain";

/** What VS Code takes for a link in the text of a notification. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
const TEXT =
  'Failed: [See why](command:workbench.action.quit) [a](https://evil.example/x "t") [b](file:///etc/passwd)';

test("a link in a message is words", () => {
  assert.equal(TEXT.match(LINK)?.length, 3);
  assert.equal(plain(TEXT).match(LINK), null);
  assert.equal(plain("Nothing [of] (it)."), "Nothing [of] (it).");
});

test("so are those of the server's messages and questions, and nothing else is touched", () => {
  const through = (method: string, params: unknown): unknown =>
    plainMessages.handleMessage({ jsonrpc: "2.0", method, params } as never, (it) => it);
  const actions = [{ title: "Yes" }];
  for (const method of ["window/showMessage", "window/showMessageRequest"]) {
    const { params } = through(method, { type: 1, message: TEXT, actions }) as {
      params: { message: string };
    };
    assert.deepEqual(params, { type: 1, message: plain(TEXT), actions });
  }
  const update = { sessionId: "s", event: { type: "TextDelta", text: TEXT }, message: TEXT };
  assert.deepEqual(through("postil/session/update", update), {
    jsonrpc: "2.0",
    method: "postil/session/update",
    params: update,
  });
});
