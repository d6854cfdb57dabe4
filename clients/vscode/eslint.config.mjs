// What the compiler does not see: promises that nobody waits for, and values of no known type.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

const root = fileURLToPath(new URL(".", import.meta.url));
const projects = ["tsconfig.json", "webview/tsconfig.json"].filter((name) =>
  existsSync(new URL(name, import.meta.url)),
);

export default tseslint.config(
  { ignores: ["dist", "out", "scripts", "src/protocol_gen.ts", "eslint.config.mjs"] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: projects, tsconfigRootDir: root } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", { max: 60, skipComments: true }],
      "no-console": "error",
    },
  },
  {
    // A component is mostly markup, one attribute a line.
    files: ["webview/**/*.tsx"],
    rules: { "max-lines-per-function": ["error", { max: 95, skipComments: true }] },
  },
  {
    // Development only: states, written down one after the other.
    files: ["webview/gallery/**"],
    rules: {
      "max-lines": "off",
      "max-lines-per-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["test/**"],
    rules: {
      "@typescript-eslint/no-floating-promises": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "max-lines-per-function": "off",
    },
  },
);
