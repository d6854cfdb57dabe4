/**
 * Markdown as a piece of the document, safe whatever it says.
 *
 * Three walls stand behind each other: the parser knows no HTML and no images, DOMPurify leaves a short list of elements
 * and hardly an attribute, and the page's policy loads and runs nothing that is not the extension's own.
 */
import createDOMPurify, { type Config } from "dompurify";
import MarkdownIt from "markdown-it";
import { clipped, revealed } from "./reveal";

const markdown = new MarkdownIt({
  html: false,
  linkify: false,
  typographer: false,
  breaks: false,
  maxNesting: 40,
});
markdown.disable(["image", "html_block", "html_inline"]);
// Where a link goes is decided when somebody follows it; here it only must not be what no link should be.
markdown.validateLink = (href) => isLink(href);

const TAGS = [
  "p",
  "br",
  "strong",
  "em",
  "s",
  "code",
  "pre",
  "ul",
  "ol",
  "li",
  "blockquote",
  "hr",
  "a",
  "table",
  "thead",
  "tbody",
  "tr",
  "th",
  "td",
];
const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"];
const options: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: [...TAGS, ...HEADINGS],
  ALLOWED_ATTR: ["href", "start", "title"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|[^:]*$|[^/?#:]*\/|[\w-]+\.[a-z]+:\d)/i,
  RETURN_DOM_FRAGMENT: true,
};
const spans: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: ["span"],
  ALLOWED_ATTR: ["class"],
  RETURN_DOM_FRAGMENT: true,
};

let purify: ReturnType<typeof createDOMPurify> | null = null;

function purifier(): ReturnType<typeof createDOMPurify> {
  purify ??= createDOMPurify(window);
  return purify;
}

/** Whether a link may be shown as one: to the web, or to a file here: nothing else is followed. */
export function isLink(href: string): boolean {
  // eslint-disable-next-line no-control-regex -- browsers leave them out of an address, and so does this
  const bare = href.replace(/[\s\u0000-\u001f]/g, "");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(bare)?.[1]?.toLowerCase();
  if (scheme === undefined) return !bare.startsWith("//");
  return scheme === "http" || scheme === "https" || /^[\w-]+\.[a-z]+:\d+/i.test(bare);
}

/** Return a block of prose as a fragment. */
export function prose(source: string): DocumentFragment {
  const html = markdown.render(clipped(revealed(source), 20_000));
  const fragment = purifier().sanitize(html, options);
  for (const link of fragment.querySelectorAll("a")) tame(link);
  for (const span of fragment.querySelectorAll("code")) lead(span);
  for (const table of fragment.querySelectorAll("table")) wrap(table);
  // A heading of the model's is prose and not part of the page's outline.
  for (const heading of fragment.querySelectorAll(HEADINGS.join(","))) {
    const paragraph = document.createElement("p");
    paragraph.className = "heading";
    paragraph.append(...heading.childNodes);
    heading.replaceWith(paragraph);
  }
  return fragment;
}

/** Return highlighted code as a fragment; `html` holds nothing but spans with classes. */
export function code(html: string): DocumentFragment {
  return purifier().sanitize(html, spans);
}

/** A link goes nowhere by itself: whoever follows it is asked by the extension host. */
function tame(link: HTMLAnchorElement): void {
  const href = link.getAttribute("href") ?? "";
  link.removeAttribute("title");
  if (!isLink(href)) {
    link.replaceWith(...link.childNodes);
    return;
  }
  link.dataset["href"] = href;
  link.setAttribute("href", "#");
  const text = link.textContent;
  // What a link says is not where it goes: where it looks like an address of its own, the true one stands beside it.
  if (/^https?:|^www\./i.test(text) && text !== href) link.append(` (${href.slice(0, 200)})`);
}

/** A path in backticks: with a folder or a line, and an end that says that it is a file. */
const PATH =
  /^(?=[^:]*\/|.*:\d)(?:\.{0,2}\/)?[\w@+-][\w@.+-]*(?:\/[\w@.+-]+)*\.[a-z]\w{0,9}(?::\d+(?:[-:]\d+)?)?$/i;

/** Words in backticks that are a path lead to the file: the extension host sees whether there is one. */
function lead(span: HTMLElement): void {
  const text = span.textContent;
  if (span.closest("pre, a") !== null || text.length > 300 || !PATH.test(text)) return;
  const link = document.createElement("a");
  link.setAttribute("href", "#");
  link.dataset["href"] = text;
  span.replaceWith(link);
  link.append(span);
}

function wrap(table: HTMLTableElement): void {
  const box = document.createElement("div");
  box.className = "table";
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Table");
  table.replaceWith(box);
  box.append(table);
}
