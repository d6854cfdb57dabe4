/** Files that are dragged into the chat: over any of it, for nobody aims at the message box. */
import { useEffect, useState } from "preact/hooks";
import type { Chat } from "../chat";

const TYPES = ["application/vnd.code.uri-list", "text/uri-list"];
const MOST = 200;

/** Attach what is dropped anywhere in the view; returns whether files are over it now. */
export function useDropping(chat: Chat): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Words that are dragged go into the message box as ever.
    const drag = (event: DragEvent): void => {
      if (event.dataTransfer?.types.some((it) => TYPES.includes(it)) !== true) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      setOver(false);
      const uris = urisOf(event.dataTransfer);
      if (uris.length === 0) return;
      event.preventDefault();
      chat.host.command("attachUris", { uris });
    };
    document.addEventListener("dragover", drag);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    return () => {
      document.removeEventListener("dragover", drag);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
    };
  }, [chat]);
  return over;
}

/** Return what is dragged here: files of the editor, or of the system. */
function urisOf(data: DataTransfer | null): string[] {
  if (data === null) return [];
  for (const type of TYPES) {
    const uris = data
      .getData(type)
      .split(/\r?\n/)
      .filter((it) => it !== "" && !it.startsWith("#"));
    if (uris.length > 0) return uris.slice(0, MOST);
  }
  return [];
}
