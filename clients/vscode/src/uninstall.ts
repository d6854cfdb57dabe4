/** Run by VS Code after the extension was removed. */
