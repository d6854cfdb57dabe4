/** Which documents the server follows: those of files, and those that are not saved yet. */

export const FOLLOWED: readonly string[] = ["file", "untitled"];
