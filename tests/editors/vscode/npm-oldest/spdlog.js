// What VS Code 1.93 writes its log with, by Node alone: the package of this name is compiled while it is installed, which needs a
// compiler here, and without it an extension host of that version waits for its log for ever and does nothing else.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const NAMES = ["trace", "debug", "info", "warn", "error", "critical"];

class Logger {
  constructor(kind, name, file) {
    this.file = file;
    this.level = 0;
    fs.mkdirSync(path.dirname(file), { recursive: true });
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {}
  clearFormatters() {}
  flush() {}
  drop() {}
}
NAMES.forEach((name, level) => {
  Logger.prototype[name] = function (message) {
    if (level >= this.level) fs.appendFileSync(this.file, `[${name}] ${message}\n`);
  };
});

const created = (kind) => async (name, file) => new Logger(kind, name, file);

module.exports = {
  version: 0,
  setLevel() {},
  setFlushOn() {},
  Logger,
  createRotatingLogger: created("rotating"),
  createAsyncRotatingLogger: created("rotating_async"),
};
